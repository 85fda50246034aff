//! blackbox_exporter, asked as Prometheus asks it: one request to `/probe` per attempt.

use std::cell::{Cell, RefCell};
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures::future::try_join_all;
use http_body_util::{BodyExt, Empty};
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use url::Url;

use crate::report::{Report, errors};
use crate::serve::own_delays;
use crate::usage::{cpu, peak_memory_kib};
use crate::{Outcome, Task};

/// Attempts before the measured ones, for what is built once.
const WARM_UP: usize = 50;

/// Has the attempts made by the exporter at `url`, whose process is `pid`, and prints what they
/// cost that.
pub(crate) async fn run(task: &Task, url: &str, pid: &str) -> Outcome<()> {
    let exporter = Url::parse(url)?;
    let target = Url::parse(&task.target)?;
    let numbered = target.scheme() == "http" && target.path() != "/0";
    let mut connections = Vec::with_capacity(task.in_flight);
    for _ in 0..task.in_flight {
        connections.push(connect(&exporter).await?);
    }
    for _ in 0..WARM_UP {
        probe(&mut connections[0], &exporter, target.as_str()).await?;
    }

    let next = Cell::new(0);
    let found: RefCell<Vec<(usize, Option<Duration>)>> = RefCell::default();
    let (next, found, exporter, target) = (&next, &found, &exporter, &target);
    let worker = |(number, mut connection)| async move {
        tokio::time::sleep(task.start_of(number)).await;
        while next.get() < task.attempts {
            let number = next.replace(next.get() + 1);
            let url = if numbered {
                format!("{target}/{number}")
            } else {
                target.to_string()
            };
            let latency = probe(&mut connection, exporter, &url).await?;
            found.borrow_mut().push((number, latency));
        }
        Outcome::Ok(())
    };
    let (begun, cpu_before) = (Instant::now(), cpu(pid)?);
    try_join_all(connections.into_iter().enumerate().map(worker)).await?;
    let (elapsed, cpu_after) = (begun.elapsed(), cpu(pid)?);

    let latencies: Vec<(usize, Duration)> = found
        .take()
        .into_iter()
        .filter_map(|(number, latency)| Some((number, latency?)))
        .collect();
    Report {
        succeeded: latencies.len(),
        failed: task.attempts - latencies.len(),
        tainted: 0,
        elapsed,
        cpu: cpu_after - cpu_before,
        peak_memory_kib: peak_memory_kib(pid)?,
        errors: if numbered {
            errors(&latencies, &own_delays(target).await?)?
        } else {
            Vec::new()
        },
    }
    .print();
    Ok(())
}

/// A connection that is kept, as Prometheus keeps its own.
async fn connect(exporter: &Url) -> Outcome<SendRequest<Empty<Bytes>>> {
    let address = exporter.socket_addrs(|| None)?;
    let address = address.first().ok_or("the exporter has no address")?;
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let (sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection);
    Ok(sender)
}

/// One probe of `target`: the duration that the exporter reports, `None` when it failed.
async fn probe(
    connection: &mut SendRequest<Empty<Bytes>>,
    exporter: &Url,
    target: &str,
) -> Outcome<Option<Duration>> {
    let (module, address) = target.split_once("://").ok_or("the target is no URL")?;
    // The exporter wants an address for TCP, and a URL for the others.
    let target = if module == "tcp" { address } else { target };
    let request = http::Request::get(format!("/probe?module={module}&target={target}"))
        .header("host", exporter.authority())
        .body(Empty::new())?;
    connection.ready().await?;
    let answer = connection
        .send_request(request)
        .await?
        .into_body()
        .collect();
    let metrics = answer.await?.to_bytes();
    let metrics = std::str::from_utf8(&metrics)?;
    let value = |name: &str| {
        metrics
            .lines()
            .find_map(|line| line.strip_prefix(name)?.strip_prefix(' '))
            .ok_or_else(|| format!("the exporter's answer has no {name}"))
    };
    let seconds: f64 = value("probe_duration_seconds")?.parse()?;
    Ok((value("probe_success")? == "1").then(|| Duration::from_secs_f64(seconds)))
}
