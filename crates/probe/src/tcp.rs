//! The kind `tcp`: a connection, and a dialogue over it.

use std::collections::BTreeMap;
use std::convert::Infallible;

use async_trait::async_trait;
use tidewatch_domain::monitor::{Assertion, Message, Part, Pattern, SecretRef, Step, TcpCheck};
use tidewatch_domain::{Attempt, Cause, Monitor};
use tokio::time::Instant;

use crate::assert::{self, Answer};
use crate::budget::Budget;
use crate::dial::Dialer;
use crate::failure::Failure;
use crate::kind::{Session, Tools};
use crate::reach;
use crate::redact::{self, Redactor};
use crate::secrets;
use crate::talk::{Found, Talk, Wire};
use crate::timeline::Timeline;

/// Reads what the dialogue needs and begins a probe.
pub(crate) async fn open<'a>(
    tools: &'a Tools,
    monitor: &'a Monitor,
    check: &'a TcpCheck,
) -> Result<TcpSession<'a>, Cause> {
    let limit = monitor.timeouts.attempt;
    let store = tools.secrets.as_ref();
    let secrets = secrets::read(store, &references(check), limit).await?;
    let mut redactor = Redactor::default();
    for secret in secrets.values() {
        redactor.add(secret);
    }
    let options = check
        .encryption
        .as_ref()
        .map(|encryption| encryption.options.clone())
        .unwrap_or_default();
    let host = check.endpoint.host.clone();
    let terms = tools.tls.terms(&options, host, store, limit).await?;
    Ok(TcpSession {
        dialer: Dialer::new(tools, monitor, &check.network, terms),
        check,
        peer: check.endpoint.to_string(),
        assertions: &monitor.assertions,
        secrets,
        redactor,
    })
}

/// A probe of kind `tcp`.
pub(crate) struct TcpSession<'a> {
    dialer: Dialer<'a>,
    check: &'a TcpCheck,
    peer: String,
    assertions: &'a [Assertion],
    secrets: BTreeMap<SecretRef, String>,
    redactor: Redactor,
}

#[async_trait]
impl Session for TcpSession<'_> {
    async fn attempt(&mut self, budget: Budget, attempt: &mut Attempt) {
        let mut timeline = Timeline::new(Instant::now());
        let mut talk = Talk::new(&self.peer, &self.redactor, self.check.reply_limit);
        let result = self
            .converse(&mut talk, &mut timeline, budget, attempt)
            .await;
        let reply = talk.reply().to_vec();
        reach::record(result.is_ok(), talk, &timeline, attempt);
        match result {
            Ok(()) => {
                let answer = Answer {
                    reply: Some(&reply),
                    ..Answer::default()
                };
                assert::all(self.assertions, answer, &self.redactor, attempt);
            }
            Err(failure) => failure.end(attempt),
        }
        self.redactor.attempt(attempt);
    }
}

impl TcpSession<'_> {
    async fn converse(
        &self,
        talk: &mut Talk<'_>,
        timeline: &mut Timeline,
        budget: Budget,
        attempt: &mut Attempt,
    ) -> Result<(), Failure> {
        let encryption = self.check.encryption.as_ref();
        let endpoint = &self.check.endpoint;
        let mut reached = reach::open(
            &self.dialer,
            endpoint,
            encryption,
            talk,
            timeline,
            budget,
            attempt,
        )
        .await?;
        let mut groups = Vec::new();
        for step in &self.check.dialogue {
            let from = talk.at();
            let wire = reached.wire();
            match step {
                Step::Send(message) => {
                    let bytes = self.filled(message, &groups);
                    talk.send(wire, &bytes, budget).await?;
                    talk.step_done("send".to_owned(), from);
                }
                Step::SendBytes(bytes) => {
                    talk.send(wire, bytes, budget).await?;
                    talk.step_done("send".to_owned(), from);
                }
                Step::Expect(pattern) => {
                    let shown = redact::line(pattern.as_str().as_bytes());
                    groups = expect(pattern, &shown, talk, wire, budget).await?;
                    talk.step_done(format!("expect {shown}"), from);
                }
            }
        }
        let hears = |step: &Step| matches!(step, Step::Expect(_));
        if self.check.dialogue.iter().any(hears) {
            // What the server said shows that it took the client as it is.
            return Ok(());
        }
        reach::accepted(reached, timeline, budget).await
    }

    /// The bytes of a message, with secrets and captured groups in place.
    fn filled(&self, message: &Message, groups: &[Vec<u8>]) -> Vec<u8> {
        let mut bytes = Vec::new();
        for part in message.parts() {
            match part {
                Part::Text(text) => {
                    let Ok::<_, Infallible>(text) = text.resolve(|reference| {
                        Ok(self.secrets.get(reference).cloned().unwrap_or_default())
                    });
                    bytes.extend_from_slice(text.as_bytes());
                }
                Part::Capture(group) => {
                    bytes.extend_from_slice(groups.get(*group).map_or(&[], Vec::as_slice));
                }
            }
        }
        bytes
    }
}

/// The secrets that are sent.
fn references(check: &TcpCheck) -> Vec<&SecretRef> {
    let mut references = Vec::new();
    for step in &check.dialogue {
        if let Step::Send(message) = step {
            references.extend(message.references());
        }
    }
    references
}

/// Reads until `pattern` is found; what its groups captured.
async fn expect(
    pattern: &Pattern,
    shown: &str,
    talk: &mut Talk<'_>,
    wire: &mut dyn Wire,
    budget: Budget,
) -> Result<Vec<Vec<u8>>, Failure> {
    let wanted = format!("a match of `{shown}`");
    talk.until(wire, &wanted, budget, |received, from| {
        match pattern.find_at(received, from) {
            Some((end, groups)) => Found::Here(end, groups),
            None => Found::NotYet,
        }
    })
    .await
}
