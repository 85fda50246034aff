//! The kind `tls`: a handshake that must succeed, whatever is spoken over it.

use async_trait::async_trait;
use tidewatch_domain::monitor::{Assertion, TlsCheck, limits};
use tidewatch_domain::{Attempt, Cause, Monitor};
use tokio::time::Instant;

use crate::assert::{self, Answer};
use crate::budget::Budget;
use crate::dial::Dialer;
use crate::failure::Failure;
use crate::kind::{Session, Tools};
use crate::reach;
use crate::redact::Redactor;
use crate::talk::Talk;
use crate::timeline::Timeline;

/// Reads what the handshake needs and begins a probe.
pub(crate) async fn open<'a>(
    tools: &'a Tools,
    monitor: &'a Monitor,
    check: &'a TlsCheck,
) -> Result<HandshakeSession<'a>, Cause> {
    let options = &check.encryption.options;
    let host = check.endpoint.host.clone();
    let limit = monitor.timeouts.attempt;
    let secrets = tools.secrets.as_ref();
    let terms = tools.tls.terms(options, host, secrets, limit).await?;
    Ok(HandshakeSession {
        dialer: Dialer::new(tools, monitor, &check.network, terms),
        check,
        peer: check.endpoint.to_string(),
        assertions: &monitor.assertions,
        redactor: Redactor::default(),
    })
}

/// A probe of kind `tls`.
pub(crate) struct HandshakeSession<'a> {
    dialer: Dialer<'a>,
    check: &'a TlsCheck,
    peer: String,
    assertions: &'a [Assertion],
    /// Knows nothing: the client's key, the one secret there may be, is sent nowhere.
    redactor: Redactor,
}

#[async_trait]
impl Session for HandshakeSession<'_> {
    async fn attempt(&mut self, budget: Budget, attempt: &mut Attempt) {
        let mut timeline = Timeline::new(Instant::now());
        let mut talk = Talk::new(&self.peer, &self.redactor, limits::REPLY);
        let result = self
            .shake_hands(&mut talk, &mut timeline, budget, attempt)
            .await;
        reach::record(result.is_ok(), talk, &timeline, attempt);
        match result {
            Ok(()) => assert::all(self.assertions, Answer::default(), &self.redactor, attempt),
            Err(failure) => failure.end(attempt),
        }
    }
}

impl HandshakeSession<'_> {
    async fn shake_hands(
        &self,
        talk: &mut Talk<'_>,
        timeline: &mut Timeline,
        budget: Budget,
        attempt: &mut Attempt,
    ) -> Result<(), Failure> {
        let encryption = Some(&self.check.encryption);
        let endpoint = &self.check.endpoint;
        let reached = reach::open(
            &self.dialer,
            endpoint,
            encryption,
            talk,
            timeline,
            budget,
            attempt,
        )
        .await?;
        reach::accepted(reached, timeline, budget).await
    }
}
