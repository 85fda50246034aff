//! The kind `dns`: one question to one name server per attempt.
//!
//! Messages travel over sockets of our own, one per attempt unless connections are kept, so that
//! the instants are exact and nothing is sent twice behind the scenes: a lost datagram is a
//! timeout. The one thing that is done as a resolver does it, unless the monitor names a
//! transport, is to ask again over TCP when the answer over UDP was cut off.

mod answer;
mod expected;
mod question;
mod stream;
mod text;
mod udp;

use std::net::SocketAddr;
use std::time::Duration;

use async_trait::async_trait;
use tidewatch_domain::monitor::{
    Assertion, Connection as ConnectionMode, DnsCheck, DnsTransport, RecordType,
};
use tidewatch_domain::probe::{DnsFacts, PhaseReached};
use tidewatch_domain::{Attempt, Cause, Monitor};
use tokio::time::Instant;
use url::Host;

use crate::assert;
use crate::budget::Budget;
use crate::dial::Dialer;
use crate::failure::Failure;
use crate::kind::{Session, Tools};
use crate::redact::Redactor;
use crate::timeline::{self, Timeline};
use answer::Answer;
use question::{Message, Question};
use stream::Connection;

/// The protocol name of DNS over TLS (RFC 7858 and IANA's ALPN registry).
const DOT: &[u8] = b"dot";

/// Begins a probe.
pub(crate) fn open<'a>(
    tools: &'a Tools,
    monitor: &'a Monitor,
    check: &'a DnsCheck,
) -> Result<DnsSession<'a>, Cause> {
    Ok(DnsSession {
        dialer: Dialer::new(tools, monitor, &check.network),
        tools,
        check,
        assertions: &monitor.assertions,
        question: Question::new(check)?,
        keep: monitor.connection == ConnectionMode::Reuse,
        kept: None,
    })
}

/// A probe of kind `dns`.
pub(crate) struct DnsSession<'a> {
    dialer: Dialer<'a>,
    tools: &'a Tools,
    check: &'a DnsCheck,
    assertions: &'a [Assertion],
    question: Question,
    /// Whether a connection is kept for later attempts.
    keep: bool,
    kept: Option<Connection>,
}

#[async_trait]
impl Session for DnsSession<'_> {
    async fn attempt(&mut self, budget: Budget, attempt: &mut Attempt) {
        match self.ask(budget, attempt).await {
            Ok(facts) => self.judge(facts, attempt),
            Err(Failure { reached, cause }) => {
                attempt.reached = reached;
                attempt.causes.push(cause);
            }
        }
    }

    async fn pause(&mut self, pause: Duration) {
        let end = Instant::now() + pause;
        if let Some(connection) = &mut self.kept
            && tokio::time::timeout_at(end, connection.ended())
                .await
                .is_ok()
        {
            self.kept = None;
        }
        tokio::time::sleep_until(end).await;
    }

    fn forget(&mut self) {
        self.kept = None;
    }
}

impl DnsSession<'_> {
    /// Asks the question, a second time over TCP where that is called for.
    async fn ask(&mut self, budget: Budget, attempt: &mut Attempt) -> Result<DnsFacts, Failure> {
        let message = self
            .question
            .message()
            .map_err(|cause| Failure::new(PhaseReached::Send, cause))?;
        let transport = self.check.transport.unwrap_or(DnsTransport::Udp);
        let start = Instant::now();
        let mut timeline = Timeline::new(start);
        let result = match transport {
            DnsTransport::Udp => {
                self.over_udp(&message, &mut timeline, budget, attempt)
                    .await
            }
            DnsTransport::Tcp | DnsTransport::Tls => {
                self.over_stream(transport, &message, &mut timeline, budget, attempt)
                    .await
            }
        };
        let end = add_phases(&timeline, attempt, result.is_ok());
        let answer = result.map_err(|failure| self.owned(failure, transport))?;
        let cut_off = answer.is_cut_off() && transport == DnsTransport::Udp;
        if !cut_off || self.check.transport.is_some() {
            return Ok(self.facts(&answer, transport, false));
        }
        let mut timeline = Timeline::new(end);
        let result = self.again(&message, &mut timeline, budget, attempt).await;
        add_phases(&timeline, attempt, result.is_ok());
        let answer = result
            .map_err(after_cut_off)
            .map_err(|failure| self.owned(failure, DnsTransport::Tcp))?;
        Ok(self.facts(&answer, DnsTransport::Tcp, true))
    }

    async fn over_udp(
        &self,
        message: &Message,
        timeline: &mut Timeline,
        budget: Budget,
        attempt: &mut Attempt,
    ) -> Result<Answer, Failure> {
        let (_, address) = self.server(DnsTransport::Udp, timeline, budget).await?;
        attempt.remote_addr = Some(address);
        let answer = udp::ask(address, message, timeline, budget).await?;
        attempt.body_bytes = answer.length();
        Ok(answer)
    }

    async fn over_stream(
        &mut self,
        transport: DnsTransport,
        message: &Message,
        timeline: &mut Timeline,
        budget: Budget,
        attempt: &mut Attempt,
    ) -> Result<Answer, Failure> {
        let mut connection = match self.kept.take() {
            Some(kept) => {
                attempt.connection = ConnectionMode::Reuse;
                kept
            }
            None => self.connect(transport, timeline, budget, attempt).await?,
        };
        attempt.remote_addr = Some(connection.remote);
        attempt.tls.clone_from(&connection.tls);
        let answer = connection.ask(message, timeline, budget).await?;
        attempt.body_bytes = answer.length();
        if self.keep {
            self.kept = Some(connection);
        }
        Ok(answer)
    }

    async fn connect(
        &self,
        transport: DnsTransport,
        timeline: &mut Timeline,
        budget: Budget,
        attempt: &mut Attempt,
    ) -> Result<Connection, Failure> {
        let (host, address) = self.server(transport, timeline, budget).await?;
        let tcp = self.dialer.open(address, timeline, budget, attempt).await?;
        if transport != DnsTransport::Tls {
            return Ok(Connection::new(Box::new(tcp), address, None));
        }
        let secured = self
            .dialer
            .secure(tcp, &host, &[DOT], timeline, budget, attempt)
            .await?;
        Ok(Connection::new(secured.stream, address, secured.facts))
    }

    /// Asks the server whose answer over UDP was cut off again over TCP. That connection is not
    /// kept: the next attempt begins with UDP again.
    async fn again(
        &self,
        message: &Message,
        timeline: &mut Timeline,
        budget: Budget,
        attempt: &mut Attempt,
    ) -> Result<Answer, Failure> {
        let address = attempt
            .remote_addr
            .unwrap_or_else(|| self.tools.names.first_server());
        let tcp = self.dialer.open(address, timeline, budget, attempt).await?;
        let mut connection = Connection::new(Box::new(tcp), address, None);
        let answer = connection.ask(message, timeline, budget).await?;
        attempt.body_bytes = answer.length();
        Ok(answer)
    }

    /// Who is asked. The prober's own name server is nobody's choice but its operator's, so that
    /// no policy has to allow it.
    async fn server(
        &self,
        transport: DnsTransport,
        timeline: &mut Timeline,
        budget: Budget,
    ) -> Result<(Host<&str>, SocketAddr), Failure> {
        let Some(server) = &self.check.server else {
            let mut address = self.tools.names.first_server();
            if transport == DnsTransport::Tls {
                address.set_port(transport.port());
            }
            let host = match address {
                SocketAddr::V4(address) => Host::Ipv4(*address.ip()),
                SocketAddr::V6(address) => Host::Ipv6(*address.ip()),
            };
            return Ok((host, address));
        };
        let host = match &server.host {
            Host::Domain(name) => Host::Domain(name.as_str()),
            Host::Ipv4(address) => Host::Ipv4(*address),
            Host::Ipv6(address) => Host::Ipv6(*address),
        };
        let address = self
            .dialer
            .resolve(&host, server.port, timeline, budget)
            .await?;
        Ok((host, address))
    }

    fn facts(&self, answer: &Answer, transport: DnsTransport, again: bool) -> DnsFacts {
        answer.facts(&self.question, self.check.record_type, transport, again)
    }

    fn judge(&self, facts: DnsFacts, attempt: &mut Attempt) {
        if self.check.server.is_none()
            && let Err(cause) = self.inner_addresses(&facts)
        {
            attempt.reached = PhaseReached::Assert;
            attempt.causes.push(cause);
            return;
        }
        let unwanted = expected::unwanted(self.check, self.assertions, &facts);
        attempt.causes.extend(unwanted);
        attempt.dns = Some(facts);
        assert::all(self.assertions, None, &Redactor::default(), attempt);
    }

    /// The prober's own name server may know the inner network, which is not for everybody to
    /// see: an answer with addresses that the monitor must not talk to is kept back.
    fn inner_addresses(&self, facts: &DnsFacts) -> Result<(), Cause> {
        let addresses = [RecordType::A.name(), RecordType::Aaaa.name()];
        for record in &facts.answers {
            if addresses.contains(&record.record_type.as_str())
                && let Ok(ip) = record.data.parse()
            {
                self.dialer.permit(&self.check.name, ip)?;
            }
        }
        Ok(())
    }

    /// What a server that the monitor names does wrong once it was reached is the target's doing.
    /// Silence over UDP may be the network's; over a connection it is not.
    fn owned(&self, mut failure: Failure, transport: DnsTransport) -> Failure {
        if self.check.server.is_some() && failure.reached > PhaseReached::Tls {
            failure.cause = expected::owned_by_server(failure.cause, transport);
        }
        failure
    }
}

/// Adds the phases of one exchange, and gives the instant in which it ended.
fn add_phases(timeline: &Timeline, attempt: &mut Attempt, complete: bool) -> Instant {
    let end = timeline
        .done
        .or(timeline.first_byte)
        .filter(|_| complete)
        .unwrap_or_else(Instant::now);
    timeline::add(&mut attempt.phases, &timeline.phases(end));
    end
}

fn after_cut_off(failure: Failure) -> Failure {
    let text = format!(
        "the answer over UDP was cut off, and over TCP {}",
        failure.cause.text
    );
    let cause = Cause {
        owner: failure.cause.owner,
        ..Cause::new(failure.cause.class, text)
    };
    Failure { cause, ..failure }
}
