//! Targets: servers that do with every request what a test tells them to.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use parking_lot::Mutex;
use socket2::SockRef;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::{AbortHandle, JoinSet};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use crate::certificates::ServerTls;
use crate::reply::{Reply, Seen, Step};

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
    /// HTTP/2 from the first byte.
    Http2,
    Https(TlsAcceptor),
    /// Waits for the first bytes, then does this whatever they are.
    Raw(Vec<Step>),
}

impl Target {
    /// An HTTP server that does with every request what `reply` says.
    pub async fn http(reply: impl Fn(&Seen) -> Reply + Send + Sync + 'static) -> io::Result<Self> {
        Target::start("http", Manner::Http, reply).await
    }

    /// A server that speaks HTTP/2 without TLS, to those who know that beforehand, and does with
    /// every request what `reply` says.
    pub async fn http2(reply: impl Fn(&Seen) -> Reply + Send + Sync + 'static) -> io::Result<Self> {
        Target::start("http", Manner::Http2, reply).await
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
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
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
        Manner::Http => converse(Wire::Plain(stream), shared, number).await,
        Manner::Http2 => converse_http2(stream, shared.clone(), number).await,
        Manner::Https(acceptor) => {
            let stream = acceptor.accept(stream).await?;
            if stream.get_ref().1.alpn_protocol() == Some(b"h2") {
                converse_http2(stream, shared.clone(), number).await
            } else {
                converse(Wire::Tls(Box::new(stream)), shared, number).await
            }
        }
        Manner::Raw(steps) => {
            let mut wire = Wire::Plain(stream);
            if wire.read(&mut [0; 4_096]).await? > 0 {
                perform(&mut wire, steps).await?;
            }
            Ok(())
        }
    }
}

/// Answers one HTTP/1 request after another.
async fn converse(mut wire: Wire, shared: &Shared, number: usize) -> io::Result<()> {
    let mut buffer = Vec::new();
    while let Some(seen) = request(&mut wire, &mut buffer, number).await? {
        let reply = (shared.reply)(&seen);
        let last = seen.header("connection") == Some("close");
        let with_body = seen.method != "HEAD";
        shared.seen.lock().push(seen);
        if !perform(&mut wire, reply.before).await? {
            return Ok(());
        }
        if let Some(message) = reply.message {
            wire.write_all(&message.http1(with_body)).await?;
            wire.flush().await?;
        }
        if !perform(&mut wire, reply.after).await? {
            return Ok(());
        }
        if last {
            break;
        }
    }
    wire.shutdown().await
}

/// Reads one request; `None` when the connection ended before one.
async fn request(
    wire: &mut Wire,
    buffer: &mut Vec<u8>,
    connection: usize,
) -> io::Result<Option<Seen>> {
    let end = loop {
        if let Some(at) = buffer.windows(4).position(|window| window == b"\r\n\r\n") {
            break at + 4;
        }
        if wire.read_buf(buffer).await? == 0 {
            return Ok(None);
        }
    };
    let head = String::from_utf8_lossy(&buffer[..end]).into_owned();
    let mut lines = head.lines();
    let mut first = lines.next().unwrap_or_default().split(' ');
    let mut seen = Seen {
        method: first.next().unwrap_or_default().to_owned(),
        path: first.next().unwrap_or_default().to_owned(),
        headers: lines
            .filter_map(|line| line.split_once(": "))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
            .collect(),
        body: Vec::new(),
        connection,
    };
    let length: usize = seen
        .header("content-length")
        .and_then(|length| length.parse().ok())
        .unwrap_or_default();
    while buffer.len() < end + length {
        if wire.read_buf(buffer).await? == 0 {
            return Ok(None);
        }
    }
    seen.body = buffer[end..end + length].to_vec();
    buffer.drain(..end + length);
    Ok(Some(seen))
}

/// Does `steps`; `false` when the connection is over.
async fn perform(wire: &mut Wire, steps: Vec<Step>) -> io::Result<bool> {
    for step in steps {
        match step {
            Step::Send(bytes) => {
                wire.write_all(&bytes).await?;
                wire.flush().await?;
            }
            Step::Pause(pause) => tokio::time::sleep(pause).await,
            Step::Wait(gate) => gate.passed().await,
            Step::Hang => std::future::pending().await,
            Step::Close => {
                wire.shutdown().await?;
                return Ok(false);
            }
            Step::Reset => {
                SockRef::from(wire.tcp()).set_linger(Some(Duration::ZERO))?;
                return Ok(false);
            }
        }
    }
    Ok(true)
}

async fn converse_http2(
    stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
    shared: Arc<Shared>,
    number: usize,
) -> io::Result<()> {
    let service = service_fn(move |request: http::Request<Incoming>| {
        let shared = shared.clone();
        async move { answer_http2(request, &shared, number).await }
    });
    hyper::server::conn::http2::Builder::new(TokioExecutor::new())
        .serve_connection(TokioIo::new(stream), service)
        .await
        .map_err(io::Error::other)
}

async fn answer_http2(
    request: http::Request<Incoming>,
    shared: &Shared,
    connection: usize,
) -> Result<http::Response<Full<Bytes>>, io::Error> {
    let (parts, body) = request.into_parts();
    let mut headers: Vec<(String, String)> = parts
        .headers
        .iter()
        .map(|(name, value)| {
            (
                name.as_str().to_owned(),
                String::from_utf8_lossy(value.as_bytes()).into_owned(),
            )
        })
        .collect();
    if let Some(authority) = parts.uri.authority() {
        headers.push(("host".to_owned(), authority.to_string()));
    }
    let seen = Seen {
        method: parts.method.to_string(),
        path: parts
            .uri
            .path_and_query()
            .map(ToString::to_string)
            .unwrap_or_default(),
        headers,
        body: body
            .collect()
            .await
            .map_err(io::Error::other)?
            .to_bytes()
            .to_vec(),
        connection,
    };
    let reply = (shared.reply)(&seen);
    shared.seen.lock().push(seen);
    for step in reply.before {
        match step {
            Step::Pause(pause) => tokio::time::sleep(pause).await,
            Step::Wait(gate) => gate.passed().await,
            Step::Hang => std::future::pending().await,
            Step::Send(_) | Step::Close | Step::Reset => {
                return Err(io::Error::other("the test wants the stream reset"));
            }
        }
    }
    let message = reply
        .message
        .ok_or_else(|| io::Error::other("the test wants the stream reset"))?;
    let mut response = http::Response::builder().status(message.status);
    for (name, value) in &message.headers {
        response = response.header(name, value);
    }
    response
        .body(Full::new(message.body))
        .map_err(io::Error::other)
}

/// A connection with or without TLS.
enum Wire {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

impl Wire {
    fn tcp(&self) -> &TcpStream {
        match self {
            Wire::Plain(stream) => stream,
            Wire::Tls(stream) => stream.get_ref().0,
        }
    }
}

impl AsyncRead for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match &mut *self {
            Wire::Plain(stream) => Pin::new(stream).poll_read(context, buffer),
            Wire::Tls(stream) => Pin::new(stream).poll_read(context, buffer),
        }
    }
}

impl AsyncWrite for Wire {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        match &mut *self {
            Wire::Plain(stream) => Pin::new(stream).poll_write(context, bytes),
            Wire::Tls(stream) => Pin::new(stream).poll_write(context, bytes),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut *self {
            Wire::Plain(stream) => Pin::new(stream).poll_flush(context),
            Wire::Tls(stream) => Pin::new(stream).poll_flush(context),
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut *self {
            Wire::Plain(stream) => Pin::new(stream).poll_shutdown(context),
            Wire::Tls(stream) => Pin::new(stream).poll_shutdown(context),
        }
    }
}
