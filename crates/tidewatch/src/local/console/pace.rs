//! How many changes of state are said one by one: at the start of ten thousand monitors, or when
//! the network goes, nobody reads a line for each.

use parking_lot::Mutex;

/// Lines between two refills.
const LINES: usize = 20;

/// A supply of lines that is renewed every second.
#[derive(Debug)]
pub(super) struct Pace {
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    left: usize,
    withheld: usize,
}

impl Pace {
    /// A full supply.
    pub(super) fn new() -> Self {
        Pace {
            state: Mutex::new(State {
                left: LINES,
                withheld: 0,
            }),
        }
    }

    /// Takes a line; `false` when there is none, which is remembered.
    pub(super) fn take(&self) -> bool {
        let mut state = self.state.lock();
        match state.left.checked_sub(1) {
            Some(left) => {
                state.left = left;
                true
            }
            None => {
                state.withheld += 1;
                false
            }
        }
    }

    /// Fills up again; returns how many lines were refused since the last time.
    pub(super) fn refill(&self) -> usize {
        let mut state = self.state.lock();
        state.left = LINES;
        std::mem::take(&mut state.withheld)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_refused_is_counted_and_the_supply_renewed() {
        let pace = Pace::new();
        let taken = (0..LINES + 7).filter(|_| pace.take()).count();
        assert_eq!(taken, LINES);
        assert_eq!(pace.refill(), 7);
        assert!(pace.take());
        assert_eq!(pace.refill(), 0);
    }
}
