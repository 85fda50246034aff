//! Targets: servers that do with every request what a test tells them to.

mod http1;
mod http2;
mod wire;

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use parking_lot::Mutex;
use tokio::io::AsyncReadExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::{AbortHandle, JoinSet};
use tokio_rustls::TlsAcceptor;

use crate::certificates::ServerTls;
use crate::faults::http2::{no_window, settings};
use crate::reply::{Reply, Seen, Step};
use wire::Wire;

/// A server on a loopback port that the system chose.
#[derive(Debug)]
pub struct Target {
    address: SocketAddr,
    scheme: &'static str,
    shared: Arc<Shared>,
    task: AbortHandle,
}

struct Shared {
    reply: Box<dyn Fn(&Seen) -> Reply + Send + Sync>,
    seen: Mutex<Vec<Seen>>,
    connections: AtomicUsize,
    /// How many connections are open.
    open: watch::Sender<usize>,
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Shared")
            .field("seen", &self.seen.lock())
            .finish_non_exhaustive()
    }
}

/// How a target begins with a connection.
#[derive(Clone)]
enum Manner {
    Http,
    Https(TlsAcceptor),
    /// Does this at once.
    Greet(Vec<Step>),
    /// Waits for the first bytes, then does this whatever they are.
    Raw(Vec<Step>),
    /// Sends these bytes, waits for a request in HTTP/2 and does this.
    Http2(TlsAcceptor, Http2Server),
}

/// An HTTP/2 server that is not one.
#[derive(Clone)]
struct Http2Server {
    /// What it says first.
    settings: Vec<u8>,
    /// What it does with a request; `None` when it does not even wait for one.
    steps: Option<Vec<Step>>,
}

impl Target {
    /// An HTTP server that does with every request what `reply` says.
    pub async fn http(reply: impl Fn(&Seen) -> Reply + Send + Sync + 'static) -> io::Result<Self> {
        Target::start("http", Manner::Http, reply).await
    }

    /// An [HTTP server](Target::http) on another address of this machine than loopback.
    pub async fn http_at(
        address: IpAddr,
        reply: impl Fn(&Seen) -> Reply + Send + Sync + 'static,
    ) -> io::Result<Self> {
        Target::start_at(address, "http", Manner::Http, reply).await
    }

    /// An HTTPS server that does with every request what `reply` says. Over HTTP/2, a reply of
    /// steps resets the stream, or leaves it open where the last step is to hang.
    pub async fn https(
        tls: ServerTls,
        reply: impl Fn(&Seen) -> Reply + Send + Sync + 'static,
    ) -> io::Result<Self> {
        let acceptor = TlsAcceptor::from(tls.config());
        Target::start("https", Manner::Https(acceptor), reply).await
    }

    /// A server that waits for the first bytes and then does `steps`, whatever the bytes are.
    /// Its URLs have `scheme`.
    pub async fn raw(
        scheme: &'static str,
        steps: impl IntoIterator<Item = Step>,
    ) -> io::Result<Self> {
        let steps = steps.into_iter().collect();
        Target::start(scheme, Manner::Raw(steps), |_| Reply::status(500)).await
    }

    /// A server that does `steps` as soon as somebody is there, and reads nothing. Its URLs have
    /// `scheme`.
    pub async fn greeting(
        scheme: &'static str,
        steps: impl IntoIterator<Item = Step>,
    ) -> io::Result<Self> {
        let steps = steps.into_iter().collect();
        Target::start(scheme, Manner::Greet(steps), |_| Reply::status(500)).await
    }

    /// A server that takes one request in HTTP/2 and then does `steps`, whose bytes are whatever
    /// frames a test wants ([`faults::http2`](crate::faults::http2)).
    pub async fn http2(tls: ServerTls, steps: impl IntoIterator<Item = Step>) -> io::Result<Self> {
        let server = Http2Server {
            settings: settings(&[]),
            steps: Some(steps.into_iter().collect()),
        };
        Target::pretend_http2(tls, server).await
    }

    /// An HTTP/2 server that never takes a byte of a request's body.
    pub async fn http2_without_window(tls: ServerTls) -> io::Result<Self> {
        let server = Http2Server {
            settings: no_window(),
            steps: None,
        };
        Target::pretend_http2(tls, server).await
    }

    async fn pretend_http2(tls: ServerTls, server: Http2Server) -> io::Result<Self> {
        let acceptor = TlsAcceptor::from(tls.alpn("h2").config());
        let manner = Manner::Http2(acceptor, server);
        Target::start("https", manner, |_| Reply::status(500)).await
    }

    /// Where it is.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// A URL on it by the name `localhost`; `path` begins with a slash.
    pub fn url(&self, path: &str) -> String {
        self.url_as("localhost", path)
    }

    /// A URL on it by another name.
    pub fn url_as(&self, host: &str, path: &str) -> String {
        format!("{}://{host}:{}{path}", self.scheme, self.address.port())
    }

    /// The requests that were read completely, so far.
    pub fn seen(&self) -> Vec<Seen> {
        self.shared.seen.lock().clone()
    }

    /// How many connections were accepted, so far.
    pub fn connections(&self) -> usize {
        self.shared.connections.load(Ordering::SeqCst)
    }

    /// Waits until no connection is open. One that was told to hang stays open until the other
    /// side closes it, over HTTP/2; over HTTP/1 it does not look.
    pub async fn deserted(&self) {
        // The sender lives as long as this target.
        let _ = self
            .shared
            .open
            .subscribe()
            .wait_for(|open| *open == 0)
            .await;
    }

    async fn start(
        scheme: &'static str,
        manner: Manner,
        reply: impl Fn(&Seen) -> Reply + Send + Sync + 'static,
    ) -> io::Result<Self> {
        Target::start_at(Ipv4Addr::LOCALHOST.into(), scheme, manner, reply).await
    }

    async fn start_at(
        address: IpAddr,
        scheme: &'static str,
        manner: Manner,
        reply: impl Fn(&Seen) -> Reply + Send + Sync + 'static,
    ) -> io::Result<Self> {
        let listener = TcpListener::bind((address, 0)).await?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            reply: Box::new(reply),
            seen: Mutex::default(),
            connections: AtomicUsize::new(0),
            open: watch::Sender::new(0),
        });
        let task = tokio::spawn(accept(listener, manner, shared.clone())).abort_handle();
        Ok(Target {
            address,
            scheme,
            shared,
            task,
        })
    }
}

impl Drop for Target {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// The tasks of the connections end with this one.
async fn accept(listener: TcpListener, manner: Manner, shared: Arc<Shared>) {
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        let number = shared.connections.fetch_add(1, Ordering::SeqCst) + 1;
        let (manner, shared) = (manner.clone(), shared.clone());
        // A connection that breaks is what many tests are about.
        shared.open.send_modify(|open| *open += 1);
        connections.spawn(async move {
            let _ = serve(stream, manner, &shared, number).await;
            shared.open.send_modify(|open| *open -= 1);
        });
        while connections.try_join_next().is_some() {}
    }
}

async fn serve(
    stream: TcpStream,
    manner: Manner,
    shared: &Arc<Shared>,
    number: usize,
) -> io::Result<()> {
    stream.set_nodelay(true)?;
    match manner {
        Manner::Http => http1::converse(Wire::Plain(stream), shared, number).await,
        Manner::Https(acceptor) => {
            let stream = acceptor.accept(stream).await?;
            if stream.get_ref().1.alpn_protocol() == Some(b"h2") {
                http2::converse(stream, shared.clone(), number).await
            } else {
                http1::converse(Wire::Tls(Box::new(stream)), shared, number).await
            }
        }
        Manner::Greet(steps) => Wire::Plain(stream).perform(steps).await.map(drop),
        Manner::Raw(steps) => {
            let mut wire = Wire::Plain(stream);
            if wire.read(&mut [0; 4_096]).await? > 0 {
                wire.perform(steps).await?;
            }
            Ok(())
        }
        Manner::Http2(acceptor, server) => {
            let mut wire = Wire::Tls(Box::new(acceptor.accept(stream).await?));
            wire.perform(vec![Step::send(server.settings)]).await?;
            let Some(steps) = server.steps else {
                return std::future::pending().await;
            };
            http2::a_request(&mut wire).await?;
            wire.perform(steps).await.map(drop)
        }
    }
}
