//! From an alert to a person: the webhook that takes alerts in, the queue, incidents, and channels.
