//! One connection: what is spoken over it, and what it takes to ask something.

use std::net::SocketAddr;
use std::time::Duration;

use hyper::body::Incoming;
use hyper::client::conn::{http1, http2};
use hyper_util::rt::TokioIo;
use tidewatch_domain::probe::TlsFacts;

use super::body::RequestBody;
use super::driver::{Driver, Tasks};
use super::meter::Meter;
use super::stream::{Metered, Stream};

/// How large a response header may be, all lines together.
const HEADER_LIMIT: u32 = 64 * 1024;
/// How much of a response an HTTP/2 server may send ahead of what was read.
const WINDOW: u32 = 1024 * 1024;

/// What is spoken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Protocol {
    Http1,
    Http2,
}

/// A connection over which requests can be made one after another.
pub(super) struct Connection {
    /// The address at the other end.
    pub(super) remote: Option<SocketAddr>,
    /// The round-trip time of its TCP handshake.
    pub(super) rtt: Option<Duration>,
    /// What its handshake showed; nothing on a connection without TLS.
    pub(super) tls: Option<TlsFacts>,
    /// Takes the instants of the exchange under way.
    pub(super) meter: Meter,
    pub(super) sender: Sender,
    pub(super) driver: Driver,
}

impl Connection {
    /// Speaks `protocol` over `stream`.
    pub(super) async fn new(
        stream: Stream,
        protocol: Protocol,
        remote: Option<SocketAddr>,
    ) -> hyper::Result<Self> {
        let rtt = stream.socket().rtt();
        let meter = Meter::new(protocol);
        let io = TokioIo::new(Metered::new(stream, meter.clone()));
        let (sender, driver) = match protocol {
            Protocol::Http1 => {
                let (sender, connection) = http1::Builder::new()
                    .max_header_size(HEADER_LIMIT as usize)
                    .handshake(io)
                    .await?;
                (
                    Sender::Http1(sender),
                    Driver::new(connection, Tasks::default()),
                )
            }
            Protocol::Http2 => {
                let tasks = Tasks::default();
                let (sender, connection) = http2::Builder::new(tasks.clone())
                    .initial_stream_window_size(WINDOW)
                    .initial_connection_window_size(WINDOW)
                    .max_header_list_size(HEADER_LIMIT)
                    .handshake(io)
                    .await?;
                (Sender::Http2(sender), Driver::new(connection, tasks))
            }
        };
        Ok(Connection {
            remote,
            rtt,
            tls: None,
            meter,
            sender,
            driver,
        })
    }

    /// What is spoken.
    pub(super) fn protocol(&self) -> Protocol {
        match self.sender {
            Sender::Http1(_) => Protocol::Http1,
            Sender::Http2(_) => Protocol::Http2,
        }
    }

    /// The version to be expected in the answer.
    pub(super) fn version(&self) -> &'static str {
        match self.protocol() {
            Protocol::Http1 => "1.1",
            Protocol::Http2 => "2",
        }
    }

    /// Whether the next request can be made right away.
    pub(super) fn is_ready(&self) -> bool {
        match &self.sender {
            Sender::Http1(sender) => sender.is_ready(),
            Sender::Http2(sender) => sender.is_ready(),
        }
    }
}

/// Hands requests to a connection.
pub(super) enum Sender {
    Http1(http1::SendRequest<RequestBody>),
    Http2(http2::SendRequest<RequestBody>),
}

impl Sender {
    /// Sends a request and waits for the header of the response.
    pub(super) async fn send(
        &mut self,
        request: http::Request<RequestBody>,
    ) -> hyper::Result<http::Response<Incoming>> {
        match self {
            Sender::Http1(sender) => sender.send_request(request).await,
            Sender::Http2(sender) => sender.send_request(request).await,
        }
    }
}
