//! What the person who started the program sees: addresses, changes of state, faults in the
//! definitions, and one live line when there is a terminal.

mod pace;

use std::io::{self, Write};
use std::time::Duration;

use tidewatch_domain::judge::{State, Verdict};
use tidewatch_domain::{Monitor, Timestamp};

use super::board::Board;
use super::clock::SystemClock;
use super::definitions::Loaded;
use super::runner::ChangeListener;
use super::{Addresses, Settings};
use crate::terminal::{LiveLine, Terminal, Tone, clean};
use pace::Pace;

/// Entries with faults that are shown in full; `tidewatch monitors validate` shows all.
const FAULTS_SHOWN: usize = 10;

/// The terminal of a running local mode.
#[derive(Debug)]
pub(super) struct Console {
    terminal: Terminal,
    live: LiveLine,
    changes: Pace,
}

impl Console {
    pub(super) fn new(terminal: &Terminal) -> Self {
        Console {
            terminal: terminal.clone(),
            live: terminal.live_line(),
            changes: Pace::new(),
        }
    }

    /// Everything serves: one line per address, for people and scripts.
    pub(super) fn started(&self, addresses: &Addresses, settings: &Settings, loaded: &Loaded) {
        self.print(&format!(
            "Tidewatch {version}: {monitors} from {file}\n\n\
             status  {status}\n\
             bridge  {bridge}  (Amazon Timestream Write and Query API)\n\
             {alerts}\
             data    {data}\n\n",
            version = env!("CARGO_PKG_VERSION"),
            monitors = counted(loaded.monitors.len(), "monitor"),
            file = settings.definitions,
            status = addresses.status,
            bridge = addresses.bridge,
            alerts = addresses
                .alerts
                .as_ref()
                .map_or_else(String::new, |url| format!(
                    "alerts  {url}  (Grafana's webhook)\n"
                )),
            data = settings.data_dir.display(),
        ));
        self.faults(loaded);
    }

    /// An edit of the definitions took effect.
    pub(super) fn reloaded(&self, loaded: &Loaded) {
        self.print(&format!(
            "{time}  definitions read again: {monitors}\n",
            time = time_of_day(now()),
            monitors = counted(loaded.monitors.len(), "monitor"),
        ));
        self.faults(loaded);
    }

    /// Says what is probably not meant, each with its remedy.
    pub(super) fn warn(&self, warnings: &[String]) {
        let label = self.terminal.error_look().paint(Tone::Warn, "warning:");
        for warning in warnings {
            self.note(&format!("{label} {}\n", clean(warning)));
        }
    }

    fn faults(&self, loaded: &Loaded) {
        let look = self.terminal.error_look();
        let mut text = String::new();
        for fault in loaded.faults.iter().take(FAULTS_SHOWN) {
            let label = look.paint(Tone::Bad, "fault:");
            text.push_str(&format!("{label} {}\n", clean(&fault.to_string())));
        }
        if let Some(more) = loaded
            .faults
            .len()
            .checked_sub(FAULTS_SHOWN)
            .filter(|more| *more > 0)
        {
            text.push_str(&format!(
                "       and {more} more: see `tidewatch monitors validate`\n"
            ));
        }
        for warning in &loaded.warnings {
            let label = look.paint(Tone::Warn, "warning:");
            text.push_str(&format!("{label} {}\n", clean(&warning.to_string())));
        }
        if !text.is_empty() {
            self.note(&text);
        }
    }

    /// Keeps the live line current, and says how many changes were not said one by one; never
    /// ends by itself.
    pub(super) async fn keep_current(&self, board: &Board) {
        loop {
            let more = self.changes.refill();
            if more > 0 {
                self.print(&format!(
                    "{time}  … and {changes} of state; the status page shows all\n",
                    time = time_of_day(now()),
                    changes = counted(more, "more change"),
                ));
            }
            if self.live.is_watched() {
                let line = self.summary(board);
                self.live.say(line);
            }
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    }

    fn summary(&self, board: &Board) -> String {
        let look = self.terminal.error_look();
        let cards = board.cards();
        let count = |state: State| {
            cards
                .iter()
                .filter(|card| card.monitor.enabled && card.verdict.state == state)
                .count()
        };
        let paused = cards.iter().filter(|card| !card.monitor.enabled).count();
        let degraded = cards.iter().filter(|card| card.verdict.degraded).count();
        let part = |tone, number: usize, word: &str| {
            (number > 0).then(|| look.paint(tone, &format!("{number} {word}")))
        };
        let parts: Vec<String> = [
            Some(counted(cards.len(), "monitor")),
            part(Tone::Good, count(State::Up), "up"),
            part(Tone::Warn, degraded, "degraded"),
            part(Tone::Warn, count(State::Suspect), "suspect"),
            part(Tone::Bad, count(State::Down), "down"),
            part(Tone::Warn, count(State::Recovering), "recovering"),
            part(Tone::Muted, count(State::Unknown), "unknown"),
            part(Tone::Muted, paused, "paused"),
            Some(look.paint(Tone::Muted, "Ctrl-C to stop")),
        ]
        .into_iter()
        .flatten()
        .collect();
        parts.join(" · ")
    }

    /// The first signal came.
    pub(super) fn stopping(&self) {
        const STOPPING: &str = "finishing what runs; Ctrl-C again to end at once";
        if self.live.is_watched() {
            self.live.say(STOPPING.to_owned());
        } else {
            self.note(&format!("{}  {STOPPING}\n", time_of_day(now())));
        }
    }

    /// Everything is stored.
    pub(super) fn ended(&self) {
        self.live.clear();
        let time = time_of_day(now());
        self.note(&format!(
            "{time}  stopped; everything that was measured is stored\n"
        ));
    }

    pub(super) fn ended_at_once(&self) {
        self.note("ended at once: probes that were running leave no rows\n");
    }

    /// Writes above the live line to standard output. A reader that has gone away is no reason to
    /// stop monitoring.
    fn print(&self, text: &str) {
        let _ = self.live.above(|| self.terminal.print(text));
    }

    fn note(&self, text: &str) {
        self.live.above(|| self.terminal.note(text));
    }
}

impl ChangeListener for Console {
    fn changed(&self, monitor: &Monitor, before: &Verdict, after: &Verdict) {
        // Overlays come and go; only a new state is news here.
        if before.state == after.state || !self.changes.take() {
            return;
        }
        let look = self.terminal.look();
        let (tone, label) = match after.state {
            State::Up => (Tone::Good, "● up        "),
            State::Down => (Tone::Bad, "▼ down      "),
            State::Suspect => (Tone::Warn, "◆ suspect   "),
            State::Recovering => (Tone::Warn, "◆ recovering"),
            State::Unknown => (Tone::Muted, "○ unknown   "),
        };
        let cause = match &after.cause {
            Some(cause) if after.state != State::Up => format!("  {}", clean(&cause.to_string())),
            _ => String::new(),
        };
        self.print(&format!(
            "{time}  {label}  {key}{cause}\n",
            time = time_of_day(now()),
            label = look.paint(tone, label),
            key = monitor.key,
        ));
    }
}

/// Log lines go above the live line as well.
impl Write for &Console {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.note(&String::from_utf8_lossy(bytes));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn now() -> Timestamp {
    tidewatch_domain::ports::Clock::now(&SystemClock)
}

/// `07:20:11Z`.
fn time_of_day(at: Timestamp) -> String {
    let seconds = at.as_secs().rem_euclid(24 * 60 * 60);
    format!(
        "{:02}:{:02}:{:02}Z",
        seconds / 3_600,
        seconds / 60 % 60,
        seconds % 60
    )
}

fn counted(number: usize, word: &str) -> String {
    format!("{number} {word}{}", if number == 1 { "" } else { "s" })
}
