//! A name server that answers as it was told.

mod reply;

use std::collections::BTreeMap;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use hickory_resolver::proto::op::Message;
use parking_lot::Mutex;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UdpSocket};
use tokio::task::{AbortHandle, JoinSet};
use tokio_rustls::TlsAcceptor;

use crate::certificates::ServerTls;
use reply::Deed;
pub use reply::{DnsAnswer, DnsReply, DnsSeen};

/// A name server on a loopback port that the system chose.
#[derive(Debug)]
pub struct DnsServer {
    address: SocketAddr,
    shared: Arc<Shared>,
    tasks: Vec<AbortHandle>,
}

struct Shared {
    reply: Box<dyn Fn(&DnsSeen) -> DnsReply + Send + Sync>,
    seen: Mutex<Vec<DnsSeen>>,
    connections: AtomicUsize,
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Shared")
            .field("seen", &self.seen.lock())
            .finish_non_exhaustive()
    }
}

impl DnsServer {
    /// Starts a server on UDP and TCP that knows these names, written without a dot at the end;
    /// all others do not exist.
    pub async fn start(names: &[(&str, DnsAnswer)]) -> io::Result<Self> {
        let names: BTreeMap<String, DnsAnswer> = names
            .iter()
            .map(|(name, answer)| (format!("{name}."), *answer))
            .collect();
        DnsServer::answering(move |seen| {
            let answer = names.get(&seen.name).copied();
            answer
                .unwrap_or(DnsAnswer::NxDomain)
                .reply(&seen.record_type)
        })
        .await
    }

    /// Starts a server on UDP and TCP, at one port, that does with every question what `reply`
    /// says.
    pub async fn answering(
        reply: impl Fn(&DnsSeen) -> DnsReply + Send + Sync + 'static,
    ) -> io::Result<Self> {
        let (listener, socket) = same_port().await?;
        let address = listener.local_addr()?;
        let shared = Shared::new(reply);
        let tasks = vec![
            tokio::spawn(over_udp(Arc::new(socket), shared.clone())).abort_handle(),
            tokio::spawn(over_tcp(listener, None, shared.clone())).abort_handle(),
        ];
        Ok(DnsServer {
            address,
            shared,
            tasks,
        })
    }

    /// Starts a server on TLS that does with every question what `reply` says.
    pub async fn over_tls(
        tls: ServerTls,
        reply: impl Fn(&DnsSeen) -> DnsReply + Send + Sync + 'static,
    ) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let shared = Shared::new(reply);
        let acceptor = TlsAcceptor::from(tls.config());
        let task = tokio::spawn(over_tcp(listener, Some(acceptor), shared.clone()));
        Ok(DnsServer {
            address,
            shared,
            tasks: vec![task.abort_handle()],
        })
    }

    /// Where it is.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The questions asked so far: name, a space, type.
    pub fn questions(&self) -> Vec<String> {
        let seen = self.shared.seen.lock();
        seen.iter()
            .map(|seen| format!("{} {}", seen.name, seen.record_type))
            .collect()
    }

    /// The questions asked so far, with all that belongs to them.
    pub fn seen(&self) -> Vec<DnsSeen> {
        self.shared.seen.lock().clone()
    }

    /// How many TCP connections were accepted so far.
    pub fn connections(&self) -> usize {
        self.shared.connections.load(Ordering::SeqCst)
    }
}

impl Drop for DnsServer {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

impl Shared {
    fn new(reply: impl Fn(&DnsSeen) -> DnsReply + Send + Sync + 'static) -> Arc<Self> {
        Arc::new(Shared {
            reply: Box::new(reply),
            seen: Mutex::default(),
            connections: AtomicUsize::new(0),
        })
    }

    /// What is to be done with the question in `bytes`; `None` when there is none in it.
    fn question(&self, bytes: &[u8], transport: &'static str) -> Option<(Message, DnsReply)> {
        let message = Message::from_vec(bytes).ok()?;
        let seen = DnsSeen::of(&message, transport)?;
        let reply = (self.reply)(&seen);
        self.seen.lock().push(seen);
        Some((message, reply))
    }
}

/// A port that is free for both.
async fn same_port() -> io::Result<(TcpListener, UdpSocket)> {
    const TRIES: usize = 16;
    let mut tried = 0;
    loop {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        match UdpSocket::bind(listener.local_addr()?).await {
            Ok(socket) => return Ok((listener, socket)),
            Err(error) if tried == TRIES => return Err(error),
            Err(_) => tried += 1,
        }
    }
}

async fn over_udp(socket: Arc<UdpSocket>, shared: Arc<Shared>) {
    let mut answers = JoinSet::new();
    let mut buffer = [0; 1_500];
    while let Ok((length, asker)) = socket.recv_from(&mut buffer).await {
        let Some((message, reply)) = shared.question(&buffer[..length], "udp") else {
            continue;
        };
        let socket = socket.clone();
        answers.spawn(async move {
            for deed in reply.deeds {
                match deed {
                    Deed::Wait(pause) => tokio::time::sleep(pause).await,
                    Deed::Send(draft) | Deed::SendHalf(draft) => {
                        if let Some(bytes) = draft.bytes(&message) {
                            // A test that no longer waits for the answer does not need it.
                            let _ = socket.send_to(&bytes, asker).await;
                        }
                    }
                    Deed::Close => {}
                }
            }
        });
        while answers.try_join_next().is_some() {}
    }
}

async fn over_tcp(listener: TcpListener, acceptor: Option<TlsAcceptor>, shared: Arc<Shared>) {
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        shared.connections.fetch_add(1, Ordering::SeqCst);
        connections.spawn(serve(stream, acceptor.clone(), shared.clone()));
        while connections.try_join_next().is_some() {}
    }
}

async fn serve(
    stream: TcpStream,
    acceptor: Option<TlsAcceptor>,
    shared: Arc<Shared>,
) -> io::Result<()> {
    stream.set_nodelay(true)?;
    match acceptor {
        None => converse(stream, "tcp", &shared).await,
        Some(acceptor) => converse(acceptor.accept(stream).await?, "tls", &shared).await,
    }
}

/// Answers one question after another.
async fn converse(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    transport: &'static str,
    shared: &Shared,
) -> io::Result<()> {
    loop {
        let length = stream.read_u16().await?;
        let mut bytes = vec![0; usize::from(length)];
        stream.read_exact(&mut bytes).await?;
        let Some((message, reply)) = shared.question(&bytes, transport) else {
            return stream.shutdown().await;
        };
        for deed in reply.deeds {
            match deed {
                Deed::Wait(pause) => tokio::time::sleep(pause).await,
                Deed::Send(draft) => {
                    let framed = framed(draft.bytes(&message).unwrap_or_default())?;
                    stream.write_all(&framed).await?;
                    stream.flush().await?;
                }
                Deed::SendHalf(draft) => {
                    let framed = framed(draft.bytes(&message).unwrap_or_default())?;
                    stream.write_all(&framed[..framed.len() / 2]).await?;
                    return stream.shutdown().await;
                }
                Deed::Close => return stream.shutdown().await,
            }
        }
    }
}

fn framed(bytes: Vec<u8>) -> io::Result<Vec<u8>> {
    let length = u16::try_from(bytes.len()).map_err(io::Error::other)?;
    Ok([&length.to_be_bytes()[..], &bytes].concat())
}
