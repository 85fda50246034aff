//! What the tests of Tidewatch share; never part of a release.
//!
//! * Fake ports: [`ManualClock`], [`FakeSecrets`].
//! * Builders: [`a_monitor`].
//! * Misbehaving targets, as real servers on loopback ports that the system chooses:
//!   [`Target`] for HTTP, HTTPS and things that are neither, [`Authority`] for their
//!   certificates, [`DnsServer`], and ports that [refuse](refused_port) or
//!   [never answer](SilentPort).
//!
//! A server stops when its value is dropped.

mod certificates;
mod clock;
mod dns;
mod monitors;
mod ports;
mod reply;
mod secrets;
mod target;

pub use certificates::{Authority, Identity, ServerTls, Validity};
pub use clock::ManualClock;
pub use dns::{DnsAnswer, DnsReply, DnsSeen, DnsServer};
pub use monitors::{MonitorBuilder, a_monitor};
pub use ports::{SilentPort, refused_port};
pub use reply::{Gate, Reply, Seen, Step};
pub use secrets::FakeSecrets;
pub use target::Target;
