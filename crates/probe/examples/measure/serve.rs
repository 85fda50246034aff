//! Targets that answer after a wanted delay and note how long they really took.
//!
//! `GET /DELAY/NUMBER` is answered after DELAY microseconds, and the time from the request's arrival
//! to the answer's writing is noted under NUMBER. The arrival is the kernel's: how long the target
//! needed to wake up is time that the prober waits for. `GET /own` tells what was noted since the
//! last time, a line of number and microseconds each.

use std::fmt::Write as _;
use std::io::Read;
use std::net::Ipv4Addr;
use std::path::Path;
use std::rc::Rc;
use std::time::{Duration, Instant};
use std::{cell::RefCell, collections::HashMap};

use tidewatch_testkit::{Authority, Validity};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{LocalSet, spawn_local};
use tokio_rustls::TlsAcceptor;

use crate::Outcome;
use crate::arrival::Arriving;

/// What the targets noted.
type Notes = Rc<RefCell<Vec<(usize, Duration)>>>;

/// Serves until the input ends.
pub(crate) async fn run(folder: &Path) -> Outcome<()> {
    let root = Authority::root();
    std::fs::write(folder.join("root.pem"), root.certificate_pem())?;
    let tls = root
        .server(&["localhost", "127.0.0.1"], Validity::default())
        .serve()
        .alpn("http/1.1");
    let acceptor = TlsAcceptor::from(tls.config());
    let plain = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let secure = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    println!("http://{}", plain.local_addr()?);
    println!("https://{}", secure.local_addr()?);
    println!("tcp://{}", plain.local_addr()?);
    let notes = Notes::default();
    let serving = LocalSet::new();
    serving.spawn_local(accept(plain, None, notes.clone()));
    serving.spawn_local(accept(secure, Some(acceptor), notes));
    serving
        .run_until(async {
            let _ = tokio::task::spawn_blocking(|| std::io::stdin().read(&mut [0])).await;
        })
        .await;
    Ok(())
}

async fn accept(listener: TcpListener, acceptor: Option<TlsAcceptor>, notes: Notes) {
    while let Ok((stream, _)) = listener.accept().await {
        let (acceptor, notes) = (acceptor.clone(), notes.clone());
        spawn_local(async move {
            // A prober that closes early is its own affair.
            let _ = serve(stream, acceptor, &notes).await;
        });
    }
}

async fn serve(
    stream: TcpStream,
    acceptor: Option<TlsAcceptor>,
    notes: &Notes,
) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    match acceptor {
        None => {
            let arriving = Arriving::new(stream)?;
            let arrived = arriving.last();
            converse(arriving, notes, || arrived.get()).await
        }
        // Behind TLS nothing is compared with the target's own time.
        Some(acceptor) => converse(acceptor.accept(stream).await?, notes, Instant::now).await,
    }
}

async fn converse(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    notes: &Notes,
    arrived: impl Fn() -> Instant,
) -> std::io::Result<()> {
    let mut request = Vec::with_capacity(1_024);
    while !request.ends_with(b"\r\n\r\n") {
        if stream.read_buf(&mut request).await? == 0 {
            return Ok(());
        }
    }
    let begun = arrived();
    let path = String::from_utf8_lossy(&request);
    let path = path.split(' ').nth(1).unwrap_or_default();
    let mut parts = path.split('/').skip(1);
    let mut body = "ok".to_owned();
    let mut numbered = None;
    match (parts.next(), parts.next().map(str::parse)) {
        (Some("own"), _) => {
            body.clear();
            for (number, took) in notes.take() {
                // Writing to a string does not fail.
                let _ = writeln!(body, "{number} {}", took.as_micros());
            }
        }
        (delay, number) => {
            let delay = delay
                .and_then(|delay| delay.parse().ok())
                .unwrap_or_default();
            if delay > 0 {
                tokio::time::sleep(Duration::from_micros(delay)).await;
            }
            numbered = number.and_then(Result::ok);
        }
    }
    let answer = format!(
        "HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(answer.as_bytes()).await?;
    if let Some(number) = numbered {
        notes.borrow_mut().push((number, begun.elapsed()));
    }
    stream.shutdown().await
}

/// Asks the target of `url` what it noted.
pub(crate) async fn own_delays(url: &url::Url) -> Outcome<HashMap<usize, Duration>> {
    let address = url.socket_addrs(|| None)?;
    let address = address.first().ok_or("the target has no address")?;
    let mut stream = TcpStream::connect(address).await?;
    stream.write_all(b"GET /own HTTP/1.1\r\n\r\n").await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    let (_, body) = answer
        .split_once("\r\n\r\n")
        .ok_or("the target gave no answer")?;
    body.lines()
        .map(|line| {
            let (number, micros) = line.split_once(' ').ok_or("a line has no number")?;
            Ok((number.parse()?, Duration::from_micros(micros.parse()?)))
        })
        .collect()
}
