//! From alerts to what people are told: alerts of one monitor become incidents, incidents become
//! messages.
//!
//! A [`Case`] remembers the alerts of one [`Subject`] and what people know of them. It is handed
//! deliveries, which come twice and out of order, and answers with the [`Notice`]s that are due.
//! Everything here is decided from the alerts themselves and from `now`, an argument.
//!
//! * One outage is one message, and one more when it is over. Other alerts of a monitor that is
//!   down are attached to its outage.
//! * Only a recovery reads "recovered". An alert that ended because nothing measures it any more
//!   reads "stopped reporting".
//! * A monitor with too many outages within an hour is called flapping, once; then it is quiet
//!   about it until it has settled, one way or the other.

mod alert;
mod case;
mod digest;
mod notice;
mod policy;
pub mod text;

pub use alert::{Alert, Links, RuleTrouble, Status, Subject, annotation, label};
pub use case::{Case, Delivery, Flapping, Tracked};
pub use digest::{Dispatch, dispatches};
pub use notice::{Notice, NoticeKind};
pub use policy::Policy;

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
