//! What Tidewatch says of itself: logs, X-Ray segments, metrics.
