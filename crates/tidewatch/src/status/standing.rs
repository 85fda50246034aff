//! How a monitor stands: its state and overlays folded into the one word a reader sorts by.

use tidewatch_domain::Cause;
use tidewatch_domain::judge::State;

use crate::local::Card;

/// The one word for a monitor, worst first: the order of lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Standing {
    /// It does not work, confirmed.
    Down,
    /// Something failed, not confirmed yet.
    Suspect,
    /// It works again, not for long enough yet.
    Recovering,
    /// It works, not as well as wanted.
    Degraded,
    /// Nothing is known yet.
    Unknown,
    /// It works.
    Up,
    /// Nobody looks.
    Paused,
}

impl Standing {
    /// Every standing, worst first.
    pub(super) const ALL: [Standing; 7] = [
        Standing::Down,
        Standing::Suspect,
        Standing::Recovering,
        Standing::Degraded,
        Standing::Unknown,
        Standing::Up,
        Standing::Paused,
    ];

    /// How the monitor of a card stands.
    pub(super) fn of(card: &Card) -> Self {
        if card.overlays.paused {
            return Standing::Paused;
        }
        match card.verdict.state {
            State::Down => Standing::Down,
            State::Suspect => Standing::Suspect,
            State::Recovering => Standing::Recovering,
            State::Unknown => Standing::Unknown,
            State::Up if card.verdict.degraded => Standing::Degraded,
            State::Up => Standing::Up,
        }
    }

    /// The word within a sentence; also the CSS class and the name of the tab icon.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Standing::Down => "down",
            Standing::Suspect => "suspect",
            Standing::Recovering => "recovering",
            Standing::Degraded => "degraded",
            Standing::Unknown => "unknown",
            Standing::Up => "up",
            Standing::Paused => "paused",
        }
    }

    /// The word on its own.
    pub(super) const fn label(self) -> &'static str {
        match self {
            Standing::Down => "Down",
            Standing::Suspect => "Suspect",
            Standing::Recovering => "Recovering",
            Standing::Degraded => "Degraded",
            Standing::Unknown => "Unknown",
            Standing::Up => "Up",
            Standing::Paused => "Paused",
        }
    }

    /// What the word means.
    pub(super) const fn meaning(self) -> &'static str {
        match self {
            Standing::Down => "it does not work, confirmed",
            Standing::Suspect => "something failed, not confirmed yet",
            Standing::Recovering => "it works again, not for long enough yet",
            Standing::Degraded => "it works, not as well as wanted",
            Standing::Unknown => "nothing is known yet",
            Standing::Up => "it works",
            Standing::Paused => "it is not probed",
        }
    }

    /// A character of the same shape as the icon, for the title of a browser tab.
    pub(super) const fn sign(self) -> char {
        match self {
            Standing::Down => '▼',
            Standing::Suspect => '◆',
            Standing::Recovering => '△',
            Standing::Degraded => '◧',
            Standing::Unknown => '○',
            Standing::Up => '●',
            Standing::Paused => '‖',
        }
    }
}

/// The names of what lies over the state of a card's monitor.
pub(super) fn overlays(card: &Card) -> Vec<String> {
    let names = card.overlays.names(&card.verdict);
    names
        .split(',')
        .filter(|name| !name.is_empty())
        .map(str::to_owned)
        .collect()
}

/// Why a card's monitor is not simply up.
///
/// A prober that could not tell says so in its results; no verdict comes of that.
pub(super) fn cause(card: &Card) -> Option<&Cause> {
    match Standing::of(card) {
        Standing::Up | Standing::Paused => None,
        Standing::Unknown => card.last().and_then(|point| point.cause.as_ref()),
        Standing::Down | Standing::Suspect | Standing::Recovering | Standing::Degraded => {
            card.verdict.cause.as_ref()
        }
    }
}

/// `Shop is down`; a name may be anything, so that it stands alone where nothing is known.
pub(super) fn sentence(card: &Card) -> String {
    let name = &card.monitor.name;
    match Standing::of(card) {
        Standing::Unknown => format!("{name}: nothing known yet"),
        standing => format!("{name} is {}", standing.word()),
    }
}
