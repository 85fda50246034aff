//! One line at the bottom of the screen that is always current.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// A line on standard error, below everything that is written; nothing when nobody watches.
#[derive(Clone, Debug)]
pub(crate) struct LiveLine {
    bar: ProgressBar,
}

impl LiveLine {
    /// An empty line.
    pub(super) fn start(watched: bool) -> Self {
        if !watched {
            return LiveLine {
                bar: ProgressBar::hidden(),
            };
        }
        let style = ProgressStyle::with_template("{wide_msg}")
            .expect("the template is a constant with a known key");
        let bar =
            ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr()).with_style(style);
        LiveLine { bar }
    }

    /// Whether anybody sees the line.
    pub(crate) fn is_watched(&self) -> bool {
        !self.bar.is_hidden()
    }

    /// Replaces the line.
    pub(crate) fn say(&self, text: String) {
        self.bar.set_message(text);
        self.bar.tick();
    }

    /// Lets `write` write above the line.
    pub(crate) fn above<T>(&self, write: impl FnOnce() -> T) -> T {
        self.bar.suspend(write)
    }

    /// Takes the line away.
    pub(crate) fn clear(&self) {
        self.bar.finish_and_clear();
    }
}
