//! Tests on numbers.

use super::result::{Found, Judgement};
use crate::cause::ErrorClass;

/// The bounds of a number, both included; at least one of them is there.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NumberTest {
    at_least: Option<f64>,
    at_most: Option<f64>,
}

impl NumberTest {
    /// A test with these bounds; `None` when there is no bound, one is not finite, or no number
    /// is within them.
    pub fn try_new(at_least: Option<f64>, at_most: Option<f64>) -> Option<Self> {
        let bounds = [at_least, at_most];
        let finite = bounds.into_iter().flatten().all(f64::is_finite);
        let possible = match bounds {
            [None, None] => false,
            [Some(least), Some(most)] => least <= most,
            _ => true,
        };
        (finite && possible).then_some(NumberTest { at_least, at_most })
    }

    /// The lowest number that passes.
    pub fn at_least(&self) -> Option<f64> {
        self.at_least
    }

    /// The highest number that passes.
    pub fn at_most(&self) -> Option<f64> {
        self.at_most
    }

    /// Whether `number` passes.
    pub fn holds(&self, number: f64) -> bool {
        self.at_least.is_none_or(|least| number >= least)
            && self.at_most.is_none_or(|most| number <= most)
    }

    pub(super) fn found(&self, number: Option<f64>) -> Found {
        Found::of(number, |number| self.holds(*number), f64::to_string)
    }

    /// `unit` comes after each number, with its space.
    pub(super) fn judgement(&self, subject: &str, unit: &str, class: ErrorClass) -> Judgement {
        let (verb, expected) = match (self.at_least, self.at_most) {
            (Some(least), Some(most)) if least >= most => ("equals", format!("{least}{unit}")),
            (Some(least), Some(most)) => ("between", format!("{least} and {most}{unit}")),
            (Some(least), None) => ("at least", format!("{least}{unit}")),
            (None, most) => (
                "at most",
                format!("{}{unit}", most.unwrap_or(f64::INFINITY)),
            ),
        };
        Judgement::new(format!("{subject} {verb}"), expected, class)
    }
}
