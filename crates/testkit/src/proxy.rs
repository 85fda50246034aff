//! An HTTP proxy that leads everybody to one place.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use parking_lot::Mutex;
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{AbortHandle, JoinSet};

/// A forward proxy on a loopback port. Whatever host it is asked for, it goes to the one server
/// behind it: it knows names that nobody else does.
#[derive(Debug)]
pub struct ForwardProxy {
    address: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
    task: AbortHandle,
}

/// What a proxy does with a request.
#[derive(Clone, Debug)]
pub enum ProxyManner {
    /// Serves everybody.
    Open,
    /// Serves those whose `proxy-authorization` is this, and answers 407 to others.
    Demands(&'static str),
    /// Sends this and closes the connection.
    Answers(&'static str),
    /// Reads the request and says nothing.
    Silent,
}

impl ForwardProxy {
    /// A proxy in front of `server`.
    pub async fn start(server: SocketAddr, manner: ProxyManner) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let asked = Arc::new(Mutex::new(Vec::new()));
        let task = tokio::spawn(accept(listener, server, manner, asked.clone())).abort_handle();
        Ok(ForwardProxy {
            address,
            asked,
            task,
        })
    }

    /// Its URL.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The first lines of the requests that it got, so far.
    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().clone()
    }
}

impl Drop for ForwardProxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// The tasks of the connections end with this one.
async fn accept(
    listener: TcpListener,
    server: SocketAddr,
    manner: ProxyManner,
    asked: Arc<Mutex<Vec<String>>>,
) {
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        let (manner, asked) = (manner.clone(), asked.clone());
        connections.spawn(async move {
            // A connection that breaks is the test's doing.
            let _ = serve(stream, server, manner, &asked).await;
        });
        while connections.try_join_next().is_some() {}
    }
}

async fn serve(
    mut client: TcpStream,
    server: SocketAddr,
    manner: ProxyManner,
    asked: &Mutex<Vec<String>>,
) -> io::Result<()> {
    let mut head = Vec::new();
    while !head.windows(4).any(|window| window == b"\r\n\r\n") {
        if client.read_buf(&mut head).await? == 0 {
            return Ok(());
        }
    }
    let text = String::from_utf8_lossy(&head).into_owned();
    let first = text.lines().next().unwrap_or_default();
    asked.lock().push(first.to_owned());
    let credentials = text.lines().find_map(|line| {
        let (name, value) = line.split_once(": ")?;
        name.eq_ignore_ascii_case("proxy-authorization")
            .then(|| value.to_owned())
    });
    match manner {
        ProxyManner::Silent => std::future::pending().await,
        ProxyManner::Answers(answer) => return client.write_all(answer.as_bytes()).await,
        ProxyManner::Demands(wanted) if credentials.as_deref() != Some(wanted) => {
            let answer = "HTTP/1.1 407 Proxy Authentication Required\r\n\
                          proxy-authenticate: Basic realm=\"test\"\r\ncontent-length: 0\r\n\r\n";
            return client.write_all(answer.as_bytes()).await;
        }
        ProxyManner::Open | ProxyManner::Demands(_) => {}
    }
    let mut upstream = TcpStream::connect(server).await?;
    upstream.set_nodelay(true)?;
    if first.starts_with("CONNECT ") {
        client
            .write_all(b"HTTP/1.1 200 Connection established\r\n\r\n")
            .await?;
    } else {
        upstream.write_all(forwarded(&text).as_bytes()).await?;
    }
    copy_bidirectional(&mut client, &mut upstream).await?;
    Ok(())
}

/// A request in absolute form as its server wants it: the path alone, without what was meant for
/// the proxy.
fn forwarded(head: &str) -> String {
    let (first, rest) = head.split_once("\r\n").unwrap_or((head, ""));
    let mut words = first.splitn(3, ' ');
    let method = words.next().unwrap_or_default();
    let url = words.next().unwrap_or_default();
    let path = url
        .strip_prefix("http://")
        .and_then(|rest| rest.find('/').map(|at| &rest[at..]))
        .unwrap_or("/");
    let kept: Vec<&str> = rest
        .split("\r\n")
        .filter(|line| !line.to_ascii_lowercase().starts_with("proxy-"))
        .collect();
    format!("{method} {path} HTTP/1.1\r\n{}", kept.join("\r\n"))
}
