//! The seam between what all kinds of checks have in common and what each of them does.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use tidewatch_domain::monitor::Check;
use tidewatch_domain::ports::SecretStore;
use tidewatch_domain::{Attempt, Cause, Monitor};
use tokio::time::sleep;

use crate::address::AddressPolicy;
use crate::budget::Budget;
use crate::resolve::Names;
use crate::tls::Tls;
use crate::{dns, handshake, http, tcp};

/// What every kind of check works with.
#[derive(Debug)]
pub(crate) struct Tools {
    pub(crate) names: Names,
    pub(crate) tls: Tls,
    pub(crate) secrets: Arc<dyn SecretStore>,
    pub(crate) addresses: AddressPolicy,
    pub(crate) tokens: http::Tokens,
    pub(crate) user_agent: String,
}

/// One probe of one monitor, as its kind sees it: makes attempts and keeps what they share.
#[async_trait]
pub(crate) trait Session: Send {
    /// Makes one attempt within `budget` and writes what it found into `attempt`, which comes
    /// with its number and start only. It has succeeded when no cause was added.
    async fn attempt(&mut self, budget: Budget, attempt: &mut Attempt);

    /// Lets `pause` pass, looking after what is kept open meanwhile: nothing, unless a kind says
    /// otherwise.
    async fn pause(&mut self, pause: Duration) {
        if !pause.is_zero() {
            sleep(pause).await;
        }
    }

    /// Lets go of everything kept, so that the next attempt starts from nothing.
    fn forget(&mut self) {}
}

/// Begins a probe of `monitor`, within the time of one attempt: its secrets are read here, so
/// that this is in no latency.
pub(crate) async fn open<'a>(
    tools: &'a Tools,
    monitor: &'a Monitor,
) -> Result<Box<dyn Session + 'a>, Cause> {
    match &monitor.check {
        Check::Http(check) => Ok(Box::new(http::open(tools, monitor, check).await?)),
        Check::Dns(check) => Ok(Box::new(dns::open(tools, monitor, check).await?)),
        Check::Tcp(check) => Ok(Box::new(tcp::open(tools, monitor, check).await?)),
        Check::Tls(check) => Ok(Box::new(handshake::open(tools, monitor, check).await?)),
    }
}
