//! The least that any prober needs: a blocking socket, one attempt after another.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use crate::report::{Report, errors};
use crate::serve::own_delays;
use crate::usage::{cpu, peak_memory_kib};
use crate::{Outcome, Task};

/// Attempts before the measured ones, as the other probers have.
const WARM_UP: usize = 50;

/// Makes the attempts and prints how far they were off.
pub(crate) async fn run(task: &Task) -> Outcome<()> {
    let url = url::Url::parse(&task.target)?;
    let warm = url.join("/0")?;
    for _ in 0..WARM_UP {
        attempt(&warm)?;
    }
    let (begun, cpu_before) = (Instant::now(), cpu("self")?);
    let mut latencies = Vec::with_capacity(task.attempts);
    for number in 0..task.attempts {
        let url = url::Url::parse(&format!("{url}/{number}"))?;
        latencies.push((number, attempt(&url)?));
    }
    let (elapsed, cpu_after) = (begun.elapsed(), cpu("self")?);
    Report {
        succeeded: latencies.len(),
        failed: 0,
        tainted: 0,
        elapsed,
        cpu: cpu_after - cpu_before,
        peak_memory_kib: peak_memory_kib("self")?,
        errors: errors(&latencies, &own_delays(&url).await?)?,
    }
    .print();
    Ok(())
}

/// How long one request took, from before the connection to the last byte of the answer.
fn attempt(url: &url::Url) -> Outcome<Duration> {
    let address = *url
        .socket_addrs(|| None)?
        .first()
        .ok_or("the target has no address")?;
    let request = format!("GET {} HTTP/1.1\r\nhost: {address}\r\n\r\n", url.path());
    let mut answer = Vec::with_capacity(1_024);
    let mut part = [0; 1_024];
    let begun = Instant::now();
    let mut stream = TcpStream::connect(address)?;
    stream.set_nodelay(true)?;
    stream.write_all(request.as_bytes())?;
    while !answer.ends_with(b"\r\n\r\nok") {
        match stream.read(&mut part)? {
            0 => return Err("the target gave half an answer".into()),
            read => answer.extend_from_slice(&part[..read]),
        }
    }
    Ok(begun.elapsed())
}
