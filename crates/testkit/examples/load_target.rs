//! A fast target for benchmarks: a web server on many loopback addresses, in a process of its own
//! so that its work can be told from the prober's.
//!
//! `load_target http 250` or `load_target https 250 ca.pem` listens on 127.1.0.1 to 127.1.0.250,
//! each on a port that the system chooses, and prints one URL a line. For HTTPS it writes the
//! certificate of its authority to the named file first. Every request gets the same small answer,
//! and the connection is closed after it, as the prober asks. One thread does it all.

use std::error::Error;
use std::io::Write;
use std::net::Ipv4Addr;
use std::path::Path;
use std::sync::Arc;

use rustls::ServerConfig;
use tidewatch_testkit::{Authority, Validity};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 3\r\nconnection: close\r\n\r\nok\n";
/// More than any request of a benchmark has.
const REQUEST: usize = 4_096;

type Fallible<T> = Result<T, Box<dyn Error>>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Fallible<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let (hosts, authority) = match arguments[..] {
        ["http", hosts] => (hosts, None),
        ["https", hosts, file] => (hosts, Some(authority(Path::new(file))?)),
        _ => return Err("usage: load_target http HOSTS, or load_target https HOSTS CA.pem".into()),
    };
    let hosts: u8 = hosts.parse()?;
    let mut urls = String::new();
    for number in 1..=hosts {
        let host = Ipv4Addr::new(127, 1, 0, number);
        let listener = TcpListener::bind((host, 0)).await?;
        let address = listener.local_addr()?;
        let tls = authority.as_ref().map(|authority| tls(authority, host));
        let scheme = if tls.is_some() { "https" } else { "http" };
        urls += &format!("{scheme}://{address}/\n");
        tokio::spawn(accept(listener, tls));
    }
    let mut out = std::io::stdout().lock();
    out.write_all(urls.as_bytes())?;
    out.flush()?;
    std::future::pending().await
}

/// An authority whose certificate is written to `file`.
fn authority(file: &Path) -> Fallible<Authority> {
    let authority = Authority::root();
    std::fs::write(file, authority.certificate_pem())?;
    Ok(authority)
}

/// A certificate for one address, with a P-256 key. Nobody resumes sessions here, so that tickets
/// would be work for nothing.
fn tls(authority: &Authority, host: Ipv4Addr) -> TlsAcceptor {
    let identity = authority.server(&[&host.to_string()], Validity::default());
    let mut config = ServerConfig::clone(&identity.serve().config());
    config.send_tls13_tickets = 0;
    TlsAcceptor::from(Arc::new(config))
}

async fn accept(listener: TcpListener, tls: Option<TlsAcceptor>) {
    // When no descriptor is left, the connection waits in the queue for the next round.
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            tokio::task::yield_now().await;
            continue;
        };
        let tls = tls.clone();
        tokio::spawn(async move {
            // A prober that goes away early is its own affair.
            let _ = serve(stream, tls).await;
        });
    }
}

async fn serve(stream: TcpStream, tls: Option<TlsAcceptor>) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    match tls {
        None => answer(stream).await,
        Some(tls) => answer(tls.accept(stream).await?).await,
    }
}

async fn answer(mut stream: impl AsyncRead + AsyncWrite + Unpin) -> std::io::Result<()> {
    let mut request = [0; REQUEST];
    let mut filled = 0;
    while !request[..filled].ends_with(b"\r\n\r\n") {
        match stream.read(&mut request[filled..]).await? {
            0 => return Ok(()),
            more => filled += more,
        }
    }
    stream.write_all(ANSWER).await?;
    stream.shutdown().await
}
