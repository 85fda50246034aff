//! What the tests of Tidewatch share; never part of a release.
//!
//! * Fake ports: [`ManualClock`], [`FakeSecrets`].
//! * Builders: [`a_monitor`], [`a_result`].
//! * Misbehaving targets, as real servers on loopback ports that the system chooses:
//!   [`Target`] for HTTP, HTTPS and things that are neither, [`faults`] for what they do,
//!   [`Authority`] for their certificates, [`Staple`] for what it says about revocation,
//!   [`Scripted`] for protocols of lines and their STARTTLS, [`DnsServer`], [`ForwardProxy`],
//!   and ports that [refuse](refused_port), [reset](ResettingPort) or
//!   [never answer](SilentPort).
//!
//! A server stops when its value is dropped.

mod certificates;
mod clock;
mod der;
mod dns;
pub mod faults;
mod monitors;
mod ports;
mod proxy;
mod reply;
mod results;
pub mod script;
mod secrets;
mod staple;
mod target;

pub use certificates::{Authority, ExtendedKeyUsagePurpose, Identity, Leaf, ServerTls, Validity};
pub use clock::ManualClock;
pub use dns::{DnsAnswer, DnsReply, DnsSeen, DnsServer};
pub use monitors::{MonitorBuilder, a_monitor};
pub use ports::{ResettingPort, SilentPort, refused_port};
pub use proxy::{ForwardProxy, ProxyManner};
pub use reply::{Gate, Reply, Seen, Step};
pub use results::a_result;
pub use script::{Act, Scripted};
pub use secrets::FakeSecrets;
pub use staple::{Revocation, Staple};
pub use target::Target;
