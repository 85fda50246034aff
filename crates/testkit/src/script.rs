//! Servers that follow a script: say this, hear that, begin with TLS.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use parking_lot::Mutex;
use socket2::SockRef;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{AbortHandle, JoinSet};
use tokio_rustls::TlsAcceptor;

use crate::certificates::ServerTls;

/// What a scripted server does next.
#[derive(Clone)]
pub enum Act {
    /// Says this.
    Say(Bytes),
    /// Waits until it has heard this.
    Hear(Bytes),
    /// Says whatever it hears, until the other side ends.
    Echo,
    /// Waits for the other side's TLS handshake.
    Secure(TlsAcceptor),
    /// Does nothing any more and keeps the connection open.
    Hang,
    /// Resets the connection.
    Reset,
}

impl Act {
    /// Says `text`.
    pub fn say(text: impl Into<Bytes>) -> Self {
        Act::Say(text.into())
    }

    /// Waits until it has heard `text`.
    pub fn hear(text: impl Into<Bytes>) -> Self {
        Act::Hear(text.into())
    }

    /// Waits for the other side's TLS handshake.
    pub fn secure(tls: ServerTls) -> Self {
        Act::Secure(TlsAcceptor::from(tls.config()))
    }
}

impl std::fmt::Debug for Act {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Act::Say(bytes) => write!(formatter, "Say({bytes:?})"),
            Act::Hear(bytes) => write!(formatter, "Hear({bytes:?})"),
            Act::Echo => formatter.write_str("Echo"),
            Act::Secure(_) => formatter.write_str("Secure"),
            Act::Hang => formatter.write_str("Hang"),
            Act::Reset => formatter.write_str("Reset"),
        }
    }
}

/// A mail server that greets, offers STARTTLS and then says what `after` says.
pub fn smtp(tls: ServerTls, after: impl IntoIterator<Item = Act>) -> Vec<Act> {
    let before = [
        Act::say("220-mail.test ESMTP\r\n220 ready\r\n"),
        Act::hear("EHLO tidewatch.invalid\r\n"),
        Act::say("250-mail.test\r\n250-SIZE 1000\r\n250-starttls\r\n250 HELP\r\n"),
        Act::hear("STARTTLS\r\n"),
        Act::say("220 go ahead\r\n"),
        Act::secure(tls),
    ];
    before.into_iter().chain(after).collect()
}

/// An IMAP server that agrees to TLS, not without some untagged words.
pub fn imap(tls: ServerTls) -> Vec<Act> {
    vec![
        Act::say("* OK [CAPABILITY IMAP4rev1 STARTTLS] ready\r\n"),
        Act::hear("a1 STARTTLS\r\n"),
        Act::say("* CAPABILITY IMAP4rev1\r\na1 OK begin\r\n"),
        Act::secure(tls),
    ]
}

/// A POP3 server that agrees to TLS.
pub fn pop3(tls: ServerTls) -> Vec<Act> {
    vec![
        Act::say("+OK ready <1@mail.test>\r\n"),
        Act::hear("STLS\r\n"),
        Act::say("+OK begin\r\n"),
        Act::secure(tls),
    ]
}

/// A PostgreSQL server that agrees to TLS.
pub fn postgres(tls: ServerTls) -> Vec<Act> {
    vec![
        Act::hear(&b"\0\0\0\x08\x04\xd2\x16\x2f"[..]),
        Act::say("S"),
        Act::secure(tls),
    ]
}

/// A server on a loopback port that follows its script with everybody, and closes in order at the
/// end of it.
#[derive(Debug)]
pub struct Scripted {
    address: SocketAddr,
    heard: Arc<Mutex<Vec<u8>>>,
    task: AbortHandle,
}

impl Scripted {
    /// Starts a server.
    pub async fn start(script: impl IntoIterator<Item = Act>) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let heard = Arc::new(Mutex::new(Vec::new()));
        let script: Arc<[Act]> = script.into_iter().collect();
        let task = tokio::spawn(accept(listener, script, heard.clone())).abort_handle();
        Ok(Scripted {
            address,
            heard,
            task,
        })
    }

    /// Where it is.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// All that it has heard, from everybody.
    pub fn heard(&self) -> Vec<u8> {
        self.heard.lock().clone()
    }
}

impl Drop for Scripted {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// The tasks of the connections end with this one.
async fn accept(listener: TcpListener, script: Arc<[Act]>, heard: Arc<Mutex<Vec<u8>>>) {
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        let (script, heard) = (script.clone(), heard.clone());
        connections.spawn(async move {
            // A connection that breaks is what many tests are about.
            let _ = follow(stream, &script, &heard).await;
        });
        while connections.try_join_next().is_some() {}
    }
}

trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

async fn follow(stream: TcpStream, script: &[Act], heard: &Mutex<Vec<u8>>) -> io::Result<()> {
    stream.set_nodelay(true)?;
    if script.iter().any(|act| matches!(act, Act::Reset)) {
        SockRef::from(&stream).set_linger(Some(Duration::ZERO))?;
    }
    let mut stream: Box<dyn Stream> = Box::new(stream);
    let mut unheard = Vec::new();
    for act in script {
        match act {
            Act::Say(bytes) => {
                stream.write_all(bytes).await?;
                stream.flush().await?;
            }
            Act::Hear(wanted) => {
                while !take(&mut unheard, wanted) {
                    if listen(&mut stream, &mut unheard, heard).await? == 0 {
                        return Ok(());
                    }
                }
            }
            Act::Echo => {
                while listen(&mut stream, &mut unheard, heard).await? > 0 {
                    stream.write_all(&unheard).await?;
                    stream.flush().await?;
                    unheard.clear();
                }
            }
            Act::Secure(acceptor) => stream = Box::new(acceptor.accept(stream).await?),
            Act::Hang => std::future::pending().await,
            Act::Reset => return Ok(()),
        }
    }
    stream.shutdown().await?;
    // Whoever closes with something unread resets the connection.
    while listen(&mut stream, &mut unheard, heard).await? > 0 {}
    Ok(())
}

async fn listen(
    stream: &mut Box<dyn Stream>,
    unheard: &mut Vec<u8>,
    heard: &Mutex<Vec<u8>>,
) -> io::Result<usize> {
    let known = unheard.len();
    let count = stream.read_buf(unheard).await?;
    heard.lock().extend_from_slice(&unheard[known..]);
    Ok(count)
}

/// Takes everything up to the end of `wanted` out of `unheard`, if it is there.
fn take(unheard: &mut Vec<u8>, wanted: &[u8]) -> bool {
    let at = unheard
        .windows(wanted.len().max(1))
        .position(|window| window == wanted);
    if let Some(at) = at {
        unheard.drain(..at + wanted.len());
    }
    at.is_some()
}
