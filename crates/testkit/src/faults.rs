//! What misbehaving servers do, one function for each misbehaviour.
//!
//! * [`http1`]: answers that are none, broken off, or slow; for [`Reply::steps`](crate::Reply::steps)
//!   over HTTP/1.1, with and without TLS.
//! * [`http2`]: the same in frames, for [`Target::http2`](crate::Target::http2).
//! * [`tls`]: what is not a TLS handshake, for [`Target::raw`](crate::Target::raw).

pub mod http1;
pub mod http2;
pub mod tls;
