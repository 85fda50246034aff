//! The state of everything in one line.

use std::sync::Arc;

use tidewatch_domain::Timestamp;

use super::standing::{Standing, sentence};
use super::words;
use crate::local::Card;

/// All monitors in one line, with what it is made of.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Headline {
    /// The worst standing of a monitor that is looked at; `Unknown` where there is none.
    pub(super) worst: Standing,
    /// `2 of 12 monitors are down`.
    pub(super) text: String,
    /// A second line, where there is more to say.
    pub(super) note: Option<String>,
    /// For a browser tab: `▼ 2 down`.
    pub(super) tab: String,
    /// How many monitors stand how, worst first, without zeros.
    pub(super) counts: Vec<(Standing, usize)>,
}

impl Headline {
    /// The headline over `cards` at `now`.
    pub(super) fn of(cards: &[Arc<Card>], now: Timestamp) -> Self {
        let counts: Vec<(Standing, usize)> = Standing::ALL
            .into_iter()
            .map(|standing| (standing, number(cards, standing)))
            .filter(|(_, number)| *number > 0)
            .collect();
        let Some(&(worst, bad)) = counts.first() else {
            return Headline {
                worst: Standing::Unknown,
                text: "No monitors yet".to_owned(),
                note: None,
                tab: "○ no monitors".to_owned(),
                counts,
            };
        };
        let looked_at = cards.len() - number(cards, Standing::Paused);
        Headline {
            worst,
            text: text(worst, bad, looked_at, cards),
            note: note(worst, bad, looked_at, cards, now),
            tab: format!("{} {bad} {}", worst.sign(), worst.word()),
            counts,
        }
    }
}

fn number(cards: &[Arc<Card>], standing: Standing) -> usize {
    cards
        .iter()
        .filter(|card| Standing::of(card) == standing)
        .count()
}

fn text(worst: Standing, bad: usize, looked_at: usize, cards: &[Arc<Card>]) -> String {
    let up = number(cards, Standing::Up);
    match (worst, cards) {
        (Standing::Unknown, _) if bad == looked_at => "Waiting for the first results".to_owned(),
        (_, [card]) => sentence(card),
        (Standing::Unknown, _) => are(up, looked_at, Standing::Up),
        (Standing::Paused, _) => are(bad, bad, Standing::Paused),
        _ => are(bad, looked_at, worst),
    }
}

/// `All 12 monitors are up`, `1 of 12 monitors is down`.
fn are(number: usize, of: usize, standing: Standing) -> String {
    let word = standing.word();
    match (number, of) {
        (1, 1) => format!("1 monitor is {word}"),
        (2, 2) => format!("Both monitors are {word}"),
        (number, of) if number == of => format!("All {of} monitors are {word}"),
        (1, of) => format!("1 of {of} monitors is {word}"),
        (number, of) => format!("{number} of {of} monitors are {word}"),
    }
}

fn note(
    worst: Standing,
    bad: usize,
    looked_at: usize,
    cards: &[Arc<Card>],
    now: Timestamp,
) -> Option<String> {
    match worst {
        Standing::Down => {
            let longest = cards
                .iter()
                .filter(|card| Standing::of(card) == worst)
                .min_by_key(|card| card.verdict.since)?;
            let span = words::exact_span(now.since(longest.verdict.since));
            Some(match cards.len() {
                1 => format!("For {span}."),
                _ if bad == 1 => format!("{}, for {span}.", longest.monitor.name),
                _ => format!("The longest: {}, for {span}.", longest.monitor.name),
            })
        }
        Standing::Suspect => {
            Some("Something failed; the next probes confirm it or not.".to_owned())
        }
        Standing::Recovering => {
            Some("An outage seems to be over; the next probes confirm it or not.".to_owned())
        }
        Standing::Unknown if bad == looked_at => Some("They are here in a few seconds.".to_owned()),
        Standing::Unknown => Some(format!("{bad} more without a result yet.")),
        Standing::Degraded | Standing::Up | Standing::Paused => None,
    }
}
