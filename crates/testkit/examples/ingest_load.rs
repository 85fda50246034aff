//! A generator of load for the write API: clients that send WriteRecords one after the other over
//! connections of their own, in a process of its own so that its work can be told from the
//! server's.
//!
//! ```text
//! ingest_load run ADDRESS probe|single CLIENTS SECONDS FIRST_MS
//! ingest_load day ADDRESS CLIENTS ROWS FIRST_MS
//! ```
//!
//! `run` sends requests of 100 records for so many seconds: rows of probes with all that they
//! usually carry, or records with a single measure. Their texts are made beforehand and only the
//! times in them change, from `FIRST_MS` in steps of 30 s, so that the generator costs little.
//! `day` writes rows of probes from `FIRST_MS` over 24 hours, of which 6 in 1,000 fail, and the
//! verdicts on the monitors every five minutes. Times are in milliseconds since the epoch.
//!
//! The rows are of 2,000 monitors in 5 locations. Prints one line of JSON.

use std::error::Error;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

type Fallible<T> = Result<T, Box<dyn Error + Send + Sync>>;

const MONITORS: usize = 2_000;
const LOCATIONS: [&str; 5] = [
    "eu-west-1",
    "eu-central-1",
    "us-east-1",
    "us-west-2",
    "ap-south-1",
];
const SERIES: usize = MONITORS * LOCATIONS.len();
/// The most that WriteRecords takes.
const RECORDS: usize = 100;
/// Between two rows of a series in a run.
const STEP_MS: u64 = 30_000;
const DAY_MS: u64 = 86_400_000;
const VERDICT_MS: u64 = 300_000;
/// A time of this many digits has its place in a request.
const TIME_DIGITS: usize = 13;
const CAUSES: [(&str, &str); 5] = [
    ("connect_timeout", "network"),
    ("connect_refused", "target"),
    ("tls_expired", "target"),
    ("http_status", "target"),
    ("dns_nxdomain", "target"),
];

fn main() -> Fallible<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["run", address, kind, clients, seconds, first] => {
            run(address, kind, clients, seconds, first)
        }
        ["day", address, clients, rows, first] => day(address, clients, rows, first),
        _ => Err(
            "usage: ingest_load run ADDRESS probe|single CLIENTS SECONDS FIRST_MS, \
                  or ingest_load day ADDRESS CLIENTS ROWS FIRST_MS"
                .into(),
        ),
    }
}

fn run(address: &str, kind: &str, clients: &str, seconds: &str, first: &str) -> Fallible<()> {
    let address: SocketAddr = address.parse()?;
    let clients: usize = clients.parse()?;
    let first: u64 = first.parse()?;
    let long = Duration::from_secs_f64(seconds.parse()?);
    let single = match kind {
        "probe" => false,
        "single" => true,
        other => return Err(format!("`{other}` is neither probe nor single").into()),
    };
    let begun = Instant::now();
    let threads: Vec<_> = (0..clients)
        .map(|client| {
            thread::spawn(move || {
                let mut requests: Vec<Request> = chunks(client, clients)
                    .map(|chunk| Request::new(address, &load(chunk, single)))
                    .collect();
                let mut connection = Connection::open(address)?;
                let mut done = Done::default();
                for round in 0.. {
                    let time = first + round * STEP_MS;
                    for request in &mut requests {
                        if begun.elapsed() >= long {
                            done.rounds = round + 1;
                            return Ok(done);
                        }
                        request.set_time(time);
                        connection.send(request, &mut done)?;
                    }
                }
                Ok(done)
            })
        })
        .collect();
    report(threads, begun)
}

fn day(address: &str, clients: &str, rows: &str, first: &str) -> Fallible<()> {
    let address: SocketAddr = address.parse()?;
    let clients: usize = clients.parse()?;
    let slots = rows.parse::<u64>()? / SERIES as u64;
    let first: u64 = first.parse()?;
    let begun = Instant::now();
    let threads: Vec<_> = (0..clients)
        .map(|client| {
            thread::spawn(move || {
                let mut connection = Connection::open(address)?;
                let mut done = Done::default();
                let mut verdicts = 0;
                for slot in 0..slots {
                    let since = slot * DAY_MS / slots;
                    for chunk in chunks(client, clients) {
                        let body = measured(chunk, slot, first + since);
                        connection.send(&Request::new(address, &body), &mut done)?;
                    }
                    while verdicts * VERDICT_MS <= since {
                        let time = first + verdicts * VERDICT_MS;
                        for chunk in (client..MONITORS / RECORDS).step_by(clients) {
                            let body = judged(chunk, verdicts, time);
                            connection.send(&Request::new(address, &body), &mut done)?;
                        }
                        verdicts += 1;
                    }
                }
                Ok(done)
            })
        })
        .collect();
    report(threads, begun)
}

/// The requests of a client, by the first of their 100 series.
fn chunks(client: usize, clients: usize) -> impl Iterator<Item = usize> {
    (client..SERIES / RECORDS).step_by(clients)
}

/// What a client has done.
#[derive(Default)]
struct Done {
    rounds: u64,
    bytes: usize,
    /// Of each request until its answer, in microseconds.
    latencies: Vec<u64>,
}

fn report(threads: Vec<thread::JoinHandle<Fallible<Done>>>, begun: Instant) -> Fallible<()> {
    let mut latencies = Vec::new();
    let mut bytes = 0;
    let mut rounds = 0;
    for each in threads {
        let done = each.join().map_err(|_| "a client panicked")??;
        latencies.extend(done.latencies);
        bytes += done.bytes;
        rounds = rounds.max(done.rounds);
    }
    let seconds = begun.elapsed().as_secs_f64();
    latencies.sort_unstable();
    let percentile = |share: f64| {
        let rank = (latencies.len() as f64 * share) as usize;
        latencies.get(rank).copied().unwrap_or(0) as f64 / 1e3
    };
    let mut out = std::io::stdout().lock();
    writeln!(
        out,
        "{{\"requests\":{},\"records\":{},\"bytes\":{bytes},\"rounds\":{rounds},\"seconds\":{seconds},\
         \"p50_ms\":{},\"p99_ms\":{},\"max_ms\":{},\"cpu_ticks\":{}}}",
        latencies.len(),
        latencies.len() * RECORDS,
        percentile(0.5),
        percentile(0.99),
        percentile(1.0 - f64::EPSILON),
        cpu_ticks()?,
    )?;
    Ok(())
}

/// User and system time of this process, proc(5).
fn cpu_ticks() -> Fallible<u64> {
    let text = std::fs::read_to_string("/proc/self/stat")?;
    let fields = text.rsplit(')').next().unwrap_or("");
    Ok(fields
        .split_whitespace()
        .skip(11)
        .take(2)
        .filter_map(|field| field.parse::<u64>().ok())
        .sum())
}

/// An HTTP request whose times can be changed in place.
struct Request {
    bytes: Vec<u8>,
    times: Vec<usize>,
}

impl Request {
    fn new(address: SocketAddr, body: &str) -> Self {
        let head = format!(
            "POST / HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/x-amz-json-1.0\r\n\
             X-Amz-Target: Timestream_20181101.WriteRecords\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        let mark = "\"Time\":\"";
        let times = body
            .match_indices(mark)
            .map(|(at, _)| head.len() + at + mark.len())
            .collect();
        let bytes = (head + body).into_bytes();
        Request { bytes, times }
    }

    fn set_time(&mut self, time: u64) {
        let text = format!("{time:0TIME_DIGITS$}");
        for &at in &self.times {
            self.bytes[at..at + TIME_DIGITS].copy_from_slice(text.as_bytes());
        }
    }
}

/// A connection that is kept.
struct Connection {
    stream: TcpStream,
    answer: Vec<u8>,
}

impl Connection {
    fn open(address: SocketAddr) -> Fallible<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        let answer = Vec::new();
        Ok(Connection { stream, answer })
    }

    /// Sends a request and waits until it is acknowledged, however often the server asks for
    /// patience: a request that is pushed back is sent again, and its time goes on.
    fn send(&mut self, request: &Request, done: &mut Done) -> Fallible<()> {
        let begun = Instant::now();
        loop {
            self.stream.write_all(&request.bytes)?;
            done.bytes += request.bytes.len();
            let answer = self.answer()?;
            if answer.starts_with("HTTP/1.1 200 ") {
                break;
            }
            if !answer.contains("ThrottlingException") {
                return Err(answer.into());
            }
        }
        let micros = begun.elapsed().as_micros();
        done.latencies.push(u64::try_from(micros)?);
        Ok(())
    }

    /// Reads a whole answer.
    fn answer(&mut self) -> Fallible<String> {
        self.answer.clear();
        let mut buffer = [0; 4_096];
        loop {
            if whole(&self.answer).is_some_and(|length| self.answer.len() >= length) {
                return Ok(String::from_utf8_lossy(&self.answer).into_owned());
            }
            match self.stream.read(&mut buffer)? {
                0 => return Err("the server closed the connection".into()),
                more => self.answer.extend_from_slice(&buffer[..more]),
            }
        }
    }
}

/// How long an answer is, once its head is there.
fn whole(answer: &[u8]) -> Option<usize> {
    let head = answer.windows(4).position(|window| window == b"\r\n\r\n")? + 4;
    let text = std::str::from_utf8(&answer[..head]).ok()?;
    let length = text.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length")
            .then(|| value.trim().parse::<usize>().ok())?
    })?;
    Some(head + length)
}

const DATABASE: &str = "\"DatabaseName\":\"CPTMonitoring\",\"TableName\":\"WebsiteMonitoringData\"";

fn series(chunk: usize) -> impl Iterator<Item = (usize, &'static str)> {
    (chunk * RECORDS..(chunk + 1) * RECORDS)
        .map(|number| (number % MONITORS, LOCATIONS[number / MONITORS]))
}

fn dimensions(monitor: usize, location: &str) -> String {
    format!(
        "[{{\"Name\":\"tenant\",\"Value\":\"bench-{}\"}},{{\"Name\":\"monitor_id\",\"Value\":\"m{monitor:05}\"}},\
         {{\"Name\":\"location\",\"Value\":\"{location}\"}},{{\"Name\":\"kind\",\"Value\":\"http\"}}]",
        monitor % 10
    )
}

fn request(common: &str, records: &[String]) -> String {
    format!(
        "{{{DATABASE},\"CommonAttributes\":{{{common}\"TimeUnit\":\"MILLISECONDS\"}},\"Records\":[{}]}}",
        records.join(",")
    )
}

/// A request of a run; its times are set before it is sent.
fn load(chunk: usize, single: bool) -> String {
    let records: Vec<String> = series(chunk)
        .map(|(monitor, location)| {
            let dimensions = dimensions(monitor, location);
            let time = "0".repeat(TIME_DIGITS);
            if single {
                let value = Noise::of(monitor as u64, 0).latency();
                return format!(
                    "{{\"Dimensions\":{dimensions},\"MeasureName\":\"latency_ms_single\",\
                     \"MeasureValue\":\"{value:.3}\",\"MeasureValueType\":\"DOUBLE\",\"Time\":\"{time}\"}}"
                );
            }
            let values = good(&mut Noise::of(monitor as u64, 0));
            format!("{{\"Dimensions\":{dimensions},\"MeasureValues\":[{values}],\"Time\":\"{time}\"}}")
        })
        .collect();
    let common = if single { "" } else { PROBE };
    request(common, &records)
}

const PROBE: &str = "\"MeasureName\":\"probe\",\"MeasureValueType\":\"MULTI\",";
const STATE: &str = "\"MeasureName\":\"state\",\"MeasureValueType\":\"MULTI\",";

/// A request of the day's probes.
fn measured(chunk: usize, slot: u64, time: u64) -> String {
    let records: Vec<String> = series(chunk)
        .enumerate()
        .map(|(number, (monitor, location))| {
            let mut noise = Noise::of((chunk * RECORDS + number) as u64, slot);
            let values = match noise.below(1_000) {
                0..6 => bad(&mut noise),
                _ => good(&mut noise),
            };
            let dimensions = dimensions(monitor, location);
            format!(
                "{{\"Dimensions\":{dimensions},\"MeasureValues\":[{values}],\"Time\":\"{time}\"}}"
            )
        })
        .collect();
    request(PROBE, &records)
}

/// A request of the day's verdicts.
fn judged(chunk: usize, number: u64, time: u64) -> String {
    let records: Vec<String> = (chunk * RECORDS..(chunk + 1) * RECORDS)
        .map(|monitor| {
            let mut noise = Noise::of(monitor as u64, number);
            let state = if noise.below(1_000) < 6 { "down" } else { "up" };
            let values = [
                varchar("state", state),
                measure("since", &time.to_string(), "TIMESTAMP"),
                bigint("epoch", number / 12),
                varchar("severity", "critical"),
                measure("flap_score", "0.0", "DOUBLE"),
            ]
            .join(",");
            let dimensions = dimensions(monitor, "_all");
            format!(
                "{{\"Dimensions\":{dimensions},\"MeasureValues\":[{values}],\"Time\":\"{time}\"}}"
            )
        })
        .collect();
    request(STATE, &records)
}

/// What every probe carries.
fn usual() -> Vec<String> {
    vec![
        bigint("attempts", 5),
        varchar("conn", "fresh"),
        double("start_lag_ms", 1.25),
        double("prober_lag_ms", 0.5),
        measure("tainted", "false", "BOOLEAN"),
        measure("late", "false", "BOOLEAN"),
        measure("in_maintenance", "false", "BOOLEAN"),
        double("interval_s", 60.0),
        double("degraded_ms", 800.0),
        double("exceeded_ms", 5_000.0),
        double("slo_availability", 99.9),
        double("slo_latency_ms", 500.0),
        varchar("severity", "critical"),
    ]
}

fn good(noise: &mut Noise) -> String {
    let latency = noise.latency();
    let mut values = usual();
    values.extend([
        varchar("outcome", if latency > 800.0 { "degraded" } else { "ok" }),
        bigint("up", 1),
        double("latency_ms", latency),
        double("latency_min_ms", latency * 0.8),
        double("latency_max_ms", latency * 1.7),
        double("latency_median_ms", latency * 0.95),
        double("resolve_ms", 0.4),
        double("connect_ms", latency * 0.2),
        double("tls_ms", latency * 0.3),
        double("send_ms", 0.1),
        double("wait_ms", latency * 0.4),
        double("transfer_ms", latency * 0.1),
        double("ttfb_ms", latency * 0.9),
        double("total_ms", latency),
        bigint("status_code", 200),
        bigint("failed_attempts", 0),
        double("rtt_ms", latency * 0.18),
        bigint("bytes", 5_120),
        varchar("http_version", "h2"),
        varchar("remote_addr", "192.0.2.7:443"),
        bigint("cert_days", 61),
    ]);
    values.join(",")
}

fn bad(noise: &mut Noise) -> String {
    let (class, owner) = CAUSES[noise.below(CAUSES.len() as u64) as usize];
    let mut values = usual();
    values.extend([
        varchar("outcome", "fail"),
        bigint("up", 0),
        varchar("error_class", class),
        varchar("error_owner", owner),
        varchar("error_text", "no answer within 3 s"),
        varchar("phase_reached", "connect"),
        bigint("failed_attempts", 5),
    ]);
    values.join(",")
}

fn measure(name: &str, value: &str, kind: &str) -> String {
    format!("{{\"Name\":\"{name}\",\"Value\":\"{value}\",\"Type\":\"{kind}\"}}")
}

fn double(name: &str, value: f64) -> String {
    measure(name, &format!("{value:.3}"), "DOUBLE")
}

fn bigint(name: &str, value: u64) -> String {
    measure(name, &value.to_string(), "BIGINT")
}

fn varchar(name: &str, value: &str) -> String {
    measure(name, value, "VARCHAR")
}

/// The same numbers in every run: SplitMix64 (Steele, Lea and Flood 2014).
struct Noise(u64);

impl Noise {
    fn of(series: u64, slot: u64) -> Self {
        Noise(series.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ slot.wrapping_mul(0xd1b5_4a32_d192_ed03))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    /// Log-normal, median 120 ms.
    fn latency(&mut self) -> f64 {
        let sum: f64 = (0..12).map(|_| self.next() as f64 / u64::MAX as f64).sum();
        120.0 * (0.6 * (sum - 6.0)).exp()
    }
}
