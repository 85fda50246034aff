//! `tidewatch alerts send-test`: a test message through every channel of the settings.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use clap::Args;
use parking_lot::Mutex;
use serde::Serialize;
use tidewatch_domain::ports::{Clock, Destination, RecordSink, SinkError, WriteReport};
use tidewatch_domain::schema::measure;
use tidewatch_domain::{Record, Value};
use tidewatch_notify::service::{Place, Service};
use tidewatch_notify::settings::{Settings as Telling, Sources};
use tidewatch_notify::trial::test_envelope;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use tracing_subscriber::filter::LevelFilter;

use crate::cli::exit::{Complaint, Exit};
use crate::cli::settings;
use crate::local::{SystemClock, alerts};
use crate::settings::{Settings, UpArgs};
use crate::terminal::{Look, Terminal, Tone, clean, pad};

const EXAMPLES: &str = "\
Examples:
  tidewatch alerts send-test
  tidewatch alerts send-test --config /etc/tidewatch.toml --json

Exit codes: 0 every channel took the message; 1 one did not, or there is none; 2 the command cannot
be understood";

/// How long all channels have together.
const PATIENCE: Duration = Duration::from_secs(60);

/// Which settings, and how to print.
#[derive(Args, Clone, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct SendTestArgs {
    /// Settings file [default: tidewatch.toml, when it exists]
    #[arg(long, env = "TIDEWATCH_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Does it.
pub(super) async fn run(arguments: SendTestArgs, terminal: &Terminal) -> Result<Exit, Complaint> {
    let settings = settings::of_up(|of_up| UpArgs {
        config: arguments.config.or(of_up.config),
        ..of_up
    })?;
    // Why a channel did not take the message is logged by whoever hands it over.
    let logged = tracing_subscriber::fmt()
        .with_max_level(LevelFilter::WARN)
        .with_writer(std::io::stderr)
        .without_time()
        .with_target(false)
        .try_init();
    debug_assert!(logged.is_ok(), "nobody else logs in this command");
    let names: Vec<String> = settings
        .alerts
        .telling
        .channels
        .iter()
        .map(|channel| channel.name().to_owned())
        .collect();
    let results = send(&settings, names.len()).await?;
    let told: Vec<Told> = names
        .into_iter()
        .map(|channel| Told {
            result: results
                .get(&channel)
                .cloned()
                .unwrap_or("no answer".to_owned()),
            channel,
        })
        .collect();
    let text = if arguments.json {
        json(&told)
    } else {
        report(&told, terminal.look())
    };
    terminal.print(&text)?;
    let all_sent = !told.is_empty() && told.iter().all(Told::is_sent);
    Ok(if all_sent { Exit::Good } else { Exit::Bad })
}

/// What became of the message on a channel.
#[derive(Debug, Serialize)]
struct Told {
    channel: String,
    result: String,
}

impl Told {
    fn is_sent(&self) -> bool {
        self.result == "sent"
    }
}

/// Takes a test alert through a service of its own, so that a running `up` is not disturbed;
/// returns what became of it by channel.
async fn send(settings: &Settings, channels: usize) -> Result<BTreeMap<String, String>, Complaint> {
    let failed = |error: Box<dyn std::error::Error + Send + Sync>| {
        Complaint::failed("the test message cannot be sent").because(error)
    };
    let folder = tempfile::tempdir().map_err(|error| failed(error.into()))?;
    let clock = Arc::new(SystemClock);
    let results = Arc::new(Results::default());
    let place = Place {
        folder: folder.path().to_owned(),
        clock: Arc::clone(&clock) as _,
        rows: Arc::clone(&results) as _,
        location: settings.location.clone(),
    };
    let topics = alerts::topic_maker(&settings.alerts).await;
    let sources = Sources {
        variable: &alerts::variable,
        topic: &topics,
        clock: Arc::clone(&clock) as _,
    };
    let telling = Telling {
        gather_seconds: 0,
        ..settings.alerts.telling.clone()
    };
    let service = Service::open(&telling, &sources, place).map_err(|error| failed(error.into()))?;
    let envelope = test_envelope(clock.now());
    let put = service.queue().put(&envelope, Duration::ZERO).await;
    put.map_err(|error| failed(error.into()))?;
    let stop = CancellationToken::new();
    let all = async {
        while results.by_channel.lock().len() < channels {
            results.changed.notified().await;
        }
    };
    tokio::select! {
        () = service.run(stop.clone()) => {}
        _ = tokio::time::timeout(PATIENCE, all) => {}
    }
    stop.cancel();
    Ok(std::mem::take(&mut *results.by_channel.lock()))
}

/// Takes the rows of messages for what they say.
#[derive(Debug, Default)]
struct Results {
    by_channel: Mutex<BTreeMap<String, String>>,
    changed: Notify,
}

#[async_trait]
impl RecordSink for Results {
    async fn write(
        &self,
        _destination: Destination,
        records: Vec<Record>,
    ) -> Result<WriteReport, SinkError> {
        let text = |record: &Record, name: &str| match record.measure(name) {
            Some(Value::Varchar(text)) => text.clone(),
            _ => String::new(),
        };
        for record in &records {
            let channel = text(record, measure::CHANNEL);
            let mut by_channel = self.by_channel.lock();
            by_channel.insert(channel, text(record, measure::RESULT));
        }
        self.changed.notify_one();
        Ok(WriteReport {
            accepted: records.len(),
            ..WriteReport::default()
        })
    }
}

fn report(told: &[Told], look: Look) -> String {
    if told.is_empty() {
        return "there is no channel in the settings; docs/alerts.md says how to set one\n"
            .to_owned();
    }
    let line = |told: &Told| {
        let tone = if told.is_sent() {
            Tone::Good
        } else {
            Tone::Bad
        };
        let result = look.paint(tone, &pad(&told.result, 10));
        format!("{result}{}\n", clean(&told.channel))
    };
    told.iter().map(line).collect()
}

fn json(told: &[Told]) -> String {
    #[derive(Serialize)]
    struct Answer<'a> {
        channels: &'a [Told],
    }
    let text = serde_json::to_string_pretty(&Answer { channels: told })
        .expect("a structure of texts always has a JSON form");
    text + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Settings with these lines in the settings file.
    fn settings(text: &str) -> Settings {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tidewatch.toml");
        std::fs::write(&path, text).unwrap();
        let arguments = UpArgs {
            config: Some(path),
            ..UpArgs::default()
        };
        Settings::resolve(arguments).unwrap()
    }

    #[tokio::test]
    async fn every_channel_is_tried_and_told_apart() {
        let settings = settings(
            "[[alerts.channels]]\nkind = \"command\"\nname = \"good\"\ncommand = [\"true\"]\n\
             [[alerts.channels]]\nkind = \"command\"\nname = \"bad\"\ncommand = [\"false\"]\n",
        );
        let results = send(&settings, 2).await.unwrap();
        let results: Vec<_> = results
            .iter()
            .map(|(name, result)| (name.as_str(), result.as_str()))
            .collect();
        assert_eq!(results, [("bad", "failed"), ("good", "sent")]);
    }

    #[test]
    fn results_come_before_names() {
        let told = [("chat", "sent"), ("mail", "failed")].map(|(channel, result)| Told {
            channel: channel.to_owned(),
            result: result.to_owned(),
        });
        assert_eq!(
            report(&told, Look::plain(80)),
            "sent      chat\nfailed    mail\n"
        );
        let answer: serde_json::Value = serde_json::from_str(&json(&told)).unwrap();
        assert_eq!(answer["channels"][1]["result"], "failed");
    }
}
