//! Shows that something is going on.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// How often the spinner turns.
const TICK: Duration = Duration::from_millis(100);

/// A line on standard error that says what is waited for, and for how long already; nothing when
/// nobody watches. It disappears when this is dropped.
#[derive(Debug)]
pub(crate) struct Progress {
    bar: ProgressBar,
}

impl Progress {
    /// Shows `message`.
    pub(super) fn start(message: String, watched: bool) -> Self {
        if !watched {
            return Progress {
                bar: ProgressBar::hidden(),
            };
        }
        let style = ProgressStyle::with_template("{spinner} {msg} {elapsed}")
            .expect("the template is a constant with known keys");
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        let bar = bar.with_style(style).with_message(message);
        bar.enable_steady_tick(TICK);
        Progress { bar }
    }

    /// Counts things as they are done, from none, and shows how many there were.
    pub(crate) fn counting(&self, things: &'static str) -> impl Fn(u64) + Send + use<> {
        let (bar, done) = (self.bar.clone(), AtomicU64::new(0));
        let message = bar.message();
        move |more| {
            let done = done.fetch_add(more, Relaxed) + more;
            bar.set_message(format!("{message}: {done} {things}"));
        }
    }

    /// Shows another message.
    pub(crate) fn say(&self, message: &'static str) {
        self.bar.set_message(message);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
