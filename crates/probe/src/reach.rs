//! Reaching a server that is no web server: the connection, the request for TLS where the protocol
//! has one, and the handshake. What the kinds `tcp` and `tls` have in common.

use std::time::Duration;

use tidewatch_domain::Attempt;
use tidewatch_domain::monitor::{Encryption, Endpoint};
use tidewatch_domain::probe::PhaseReached;
use tokio::time::{Instant, timeout};
use tokio_rustls::client::TlsStream;

use crate::budget::Budget;
use crate::dial::Dialer;
use crate::failure::Failure;
use crate::socket::Socket;
use crate::starttls;
use crate::talk::{Talk, Wire};
use crate::timeline::Timeline;
use crate::tls;

/// A server that has something to say about a client's certificate says it at least within this.
const SHORTEST_VERDICT: Duration = Duration::from_millis(100);

/// A connection that stands.
pub(crate) enum Reached {
    /// In the clear.
    Plain(Socket),
    /// Encrypted.
    Secured {
        /// The stream.
        stream: Box<TlsStream<Socket>>,
        /// Whether the server may still refuse the client's certificate, or that there is none.
        in_doubt: bool,
    },
}

impl Reached {
    /// The connection as something to talk over.
    pub(crate) fn wire(&mut self) -> &mut dyn Wire {
        match self {
            Reached::Plain(stream) => stream,
            Reached::Secured { stream, .. } => stream.as_mut(),
        }
    }
}

/// Opens a connection to `endpoint`. `talk` is ready for its first step then.
pub(crate) async fn open(
    dialer: &Dialer<'_>,
    endpoint: &Endpoint,
    encryption: Option<&Encryption>,
    talk: &mut Talk<'_>,
    timeline: &mut Timeline,
    budget: Budget,
    attempt: &mut Attempt,
) -> Result<Reached, Failure> {
    let host = endpoint.host();
    let mut tcp = dialer
        .connect(&host, endpoint.port, timeline, budget, attempt)
        .await?;
    talk.ready(timeline.connected.unwrap_or_else(Instant::now));
    let Some(encryption) = encryption else {
        return Ok(Reached::Plain(tcp));
    };
    if let Some(protocol) = encryption.starttls {
        starttls::ask(protocol, talk, &mut tcp, budget).await?;
        timeline.agreed = Some(talk.at());
    }
    let alpn: Vec<&[u8]> = encryption
        .options
        .alpn
        .iter()
        .map(|protocol| protocol.as_bytes())
        .collect();
    let secured = dialer
        .secure(tcp, &host, &alpn, timeline, budget, attempt)
        .await?;
    talk.secured(timeline.secured.unwrap_or_else(Instant::now));
    Ok(Reached::Secured {
        stream: secured.stream,
        in_doubt: secured.in_doubt,
    })
}

/// Waits until the server has accepted the client's certificate, where nothing is read from it
/// that would tell. This is no part of any phase.
pub(crate) async fn accepted(
    reached: Reached,
    timeline: &Timeline,
    budget: Budget,
) -> Result<(), Failure> {
    let Reached::Secured {
        mut stream,
        in_doubt: true,
    } = reached
    else {
        return Ok(());
    };
    let so_far = timeline
        .secured
        .map(|secured| secured - timeline.start)
        .unwrap_or_default();
    let patience = so_far.max(SHORTEST_VERDICT);
    let verdict = timeout(patience, tls::verdict(&mut stream));
    match budget.cut(verdict).await {
        Some(Ok(Err(cause))) => Err(Failure::new(PhaseReached::Wait, cause)),
        // Silence is consent: a server that refuses does so at once.
        Some(Ok(Ok(())) | Err(_)) | None => Ok(()),
    }
}

/// Writes what the attempt was up to its end into `attempt`; `well` says whether every step ended
/// as it should.
pub(crate) fn record(well: bool, talk: Talk<'_>, timeline: &Timeline, attempt: &mut Attempt) {
    let end = if well { talk.at() } else { Instant::now() };
    attempt.phases = timeline.phases(end);
    talk.add_to(&mut attempt.phases);
    attempt.body_bytes = talk.bytes() as u64;
    attempt.body_cut = talk.is_full();
    attempt.steps = talk.into_steps();
}
