//! The parts of `bench/probe` that have to be processes of their own.
//!
//! ```text
//! measure serve  FOLDER                              targets that know their own delay
//! measure engine TARGET IN_FLIGHT ATTEMPTS ROOT      the check engine, asked directly
//! measure ask    TARGET IN_FLIGHT ATTEMPTS URL PID   blackbox_exporter, asked by its /probe
//! measure bare   TARGET ATTEMPTS                     a blocking socket, the least that is possible
//! ```
//!
//! `serve` prints the URLs of its targets, one a line, writes the certificate of its authority to
//! FOLDER, and runs until its input ends. The others make ATTEMPTS attempts on the target, IN_FLIGHT at
//! a time, and print one line of JSON: what the attempts cost in CPU time of the measured process,
//! how much memory that had, and how far the reported latencies were from the target's own.
//! A TARGET is a URL of `serve`; those of HTTP have the wanted delay in microseconds as their path.

#![allow(clippy::print_stdout, reason = "a command whose output is its result")]

mod arrival;
mod ask;
mod bare;
mod engine;
mod report;
mod serve;
mod usage;

use std::process::ExitCode;
use std::time::Duration;

/// An error of a benchmark ends it.
type Outcome<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// What both probers are told to do.
#[derive(Clone, Debug)]
struct Task {
    /// Where to, with the delay as its path.
    target: String,
    /// How many attempts at once.
    in_flight: usize,
    /// How many attempts in all.
    attempts: usize,
}

impl Task {
    /// How long a worker waits before its first attempt. Spread over the target's delay, the
    /// workers do not all come back in the same moment, for ever after.
    fn start_of(&self, worker: usize) -> Duration {
        let delay = self
            .target
            .rsplit('/')
            .next()
            .and_then(|path| path.parse().ok());
        Duration::from_micros(delay.unwrap_or_default())
            .mul_f64(worker as f64 / self.in_flight as f64)
    }
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let runtime = match tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => return failed(&error),
    };
    let result = match words.as_slice() {
        ["serve", folder] => runtime.block_on(serve::run(folder.as_ref())),
        ["engine", target, in_flight, attempts, root] => task(target, in_flight, attempts)
            .and_then(|task| runtime.block_on(engine::run(&task, root.as_ref()))),
        ["ask", target, in_flight, attempts, url, pid] => task(target, in_flight, attempts)
            .and_then(|task| runtime.block_on(ask::run(&task, url, pid))),
        ["bare", target, attempts] => {
            task(target, "1", attempts).and_then(|task| runtime.block_on(bare::run(&task)))
        }
        _ => Err("see the head of examples/measure/main.rs for how this is called".into()),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => failed(error.as_ref()),
    }
}

#[expect(clippy::print_stderr, reason = "the reason of a failed command")]
fn failed(error: &dyn std::error::Error) -> ExitCode {
    eprintln!("measure: {error}");
    ExitCode::FAILURE
}

fn task(target: &str, in_flight: &str, attempts: &str) -> Outcome<Task> {
    Ok(Task {
        target: target.to_owned(),
        in_flight: in_flight.parse()?,
        attempts: attempts.parse()?,
    })
}
