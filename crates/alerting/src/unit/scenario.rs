//! What a target does over time: `up 10m, down 5m, (up 1m, down 1m) x3, up 10m`.

use std::str::FromStr;
use std::time::Duration;

use tidewatch_definitions::read_duration;
use tidewatch_domain::ErrorClass;

/// How long an answer takes unless the scenario says otherwise.
const USUAL: Duration = Duration::from_millis(100);
/// The most phrases of a scenario once repetitions are written out.
const LONGEST: usize = 10_000;

/// A story in phrases, at least one.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Scenario {
    /// What happens, and until when after the beginning.
    phrases: Vec<(Behaviour, Duration)>,
}

/// What a target does when it is probed, or what becomes of the monitor.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Behaviour {
    /// It answers well.
    Up {
        /// How long each answer takes.
        latency: Duration,
        /// Days that its certificate is still valid when the phrase begins; it shows none
        /// otherwise.
        certificate: Option<u32>,
    },
    /// It fails.
    Down(ErrorClass),
    /// Nothing is heard of the monitor: nobody probes, and nobody says so.
    Silent,
    /// Slots pass without a probe, which is written down.
    Missed,
    /// The definition is disabled.
    Paused,
    /// The definition is gone.
    Deleted,
}

impl Scenario {
    /// What happens at `after` from the beginning, and when that began. The last phrase goes on.
    pub(super) fn at(&self, after: Duration) -> (Behaviour, Duration) {
        let position = self.phrases.partition_point(|(_, end)| *end <= after);
        let position = position.min(self.phrases.len() - 1);
        (self.phrases[position].0, self.begin(position))
    }

    /// The beginnings of phrases with what happens from then on.
    pub(super) fn turns(&self) -> impl Iterator<Item = (Duration, Behaviour)> {
        let phrases = self.phrases.iter().enumerate();
        phrases.map(|(position, (behaviour, _))| (self.begin(position), *behaviour))
    }

    fn begin(&self, position: usize) -> Duration {
        position
            .checked_sub(1)
            .map_or(Duration::ZERO, |before| self.phrases[before].1)
    }
}

impl FromStr for Scenario {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut phrases = Vec::new();
        let mut end = Duration::ZERO;
        for part in parts(text)? {
            for (behaviour, duration) in read_part(part)? {
                end = end.saturating_add(duration);
                phrases.push((behaviour, end));
            }
            if phrases.len() > LONGEST {
                return Err(format!("has more than {LONGEST} phrases; shorten it"));
            }
        }
        if phrases.is_empty() {
            return Err("says nothing; write for instance `up 10m, down 5m, up 10m`".to_owned());
        }
        Ok(Scenario { phrases })
    }
}

/// The parts between commas, of which those in parentheses are none.
fn parts(text: &str) -> Result<Vec<&str>, String> {
    let mut parts = Vec::new();
    let (mut begin, mut is_within) = (0, false);
    for (position, byte) in text.bytes().enumerate() {
        match byte {
            b'(' if is_within => return Err("has parentheses within parentheses".to_owned()),
            b'(' => is_within = true,
            b')' if !is_within => return Err("closes a parenthesis that is not open".to_owned()),
            b')' => is_within = false,
            b',' if !is_within => {
                parts.push(&text[begin..position]);
                begin = position + 1;
            }
            _ => {}
        }
    }
    if is_within {
        return Err("has an open parenthesis".to_owned());
    }
    parts.push(&text[begin..]);
    Ok(parts)
}

fn read_part(part: &str) -> Result<Vec<(Behaviour, Duration)>, String> {
    let part = part.trim();
    let Some(rest) = part.strip_prefix('(') else {
        return Ok(vec![phrase(part)?]);
    };
    let unreadable =
        || format!("`{part}` cannot be read; write for instance `(up 1m, down 1m) x3`");
    let (inner, times) = rest.split_once(')').ok_or_else(unreadable)?;
    let times = times.trim().strip_prefix('x').ok_or_else(unreadable)?;
    let times: usize = times.trim().parse().map_err(|_| unreadable())?;
    let once: Vec<_> = inner.split(',').map(phrase).collect::<Result<_, _>>()?;
    if once.len().saturating_mul(times) > LONGEST {
        return Err(format!("`{part}` is repeated too often"));
    }
    Ok(once.repeat(times))
}

/// `up 10m`, `slow 900ms 10m`, `down connect_timeout 5m`, `cert 6d 1h`.
fn phrase(text: &str) -> Result<(Behaviour, Duration), String> {
    let text = text.trim();
    let words: Vec<&str> = text.split_whitespace().collect();
    let up = |latency, certificate| Behaviour::Up {
        latency,
        certificate,
    };
    let (behaviour, length) = match words[..] {
        ["up", length] => (up(USUAL, None), length),
        ["slow", latency, length] => (up(read_duration(latency)?, None), length),
        ["cert", days, length] => {
            let days = days.strip_suffix('d').and_then(|days| days.parse().ok());
            let days =
                days.ok_or_else(|| format!("`{text}` names no days; write `cert 20d 1h`"))?;
            (up(USUAL, Some(days)), length)
        }
        ["down", length] => (Behaviour::Down(ErrorClass::ConnectRefused), length),
        ["down", class, length] => (Behaviour::Down(error_class(class)?), length),
        ["silent", length] => (Behaviour::Silent, length),
        ["missed", length] => (Behaviour::Missed, length),
        ["paused", length] => (Behaviour::Paused, length),
        ["deleted", length] => (Behaviour::Deleted, length),
        _ => {
            return Err(format!(
                "`{text}` is no phrase of a scenario; use up 10m, slow 900ms 10m, down 5m, down \
                 connect_timeout 5m, cert 20d 1h, silent 5m, missed 5m, paused 5m or deleted 5m"
            ));
        }
    };
    let length = read_duration(length)?;
    if length.is_zero() {
        return Err(format!("`{text}` takes no time"));
    }
    Ok((behaviour, length))
}

fn error_class(name: &str) -> Result<ErrorClass, String> {
    let found = ErrorClass::ALL.iter().find(|class| class.name() == name);
    found.copied().ok_or_else(|| {
        format!(
            "`{name}` is no error class; docs/timings.md lists them, for instance connect_timeout"
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);
    const UP: Behaviour = Behaviour::Up {
        latency: USUAL,
        certificate: None,
    };

    #[test]
    fn phrases_follow_each_other() {
        let scenario: Scenario = "up 10m, down 5m, slow 900ms 1m".parse().unwrap();
        assert_eq!(scenario.at(Duration::ZERO), (UP, Duration::ZERO));
        let down = Behaviour::Down(ErrorClass::ConnectRefused);
        assert_eq!(scenario.at(10 * MINUTE), (down, 10 * MINUTE));
        let slow = Behaviour::Up {
            latency: Duration::from_millis(900),
            certificate: None,
        };
        assert_eq!(scenario.at(15 * MINUTE), (slow, 15 * MINUTE));
        assert_eq!(scenario.at(99 * MINUTE), (slow, 15 * MINUTE));
        let turns: Vec<_> = scenario.turns().map(|(at, _)| at).collect();
        assert_eq!(turns, [Duration::ZERO, 10 * MINUTE, 15 * MINUTE]);
    }

    #[test]
    fn repetitions_are_written_out() {
        let repeated: Scenario = "(up 1m, down dns_timeout 2m) x2, cert 6d 1m"
            .parse()
            .unwrap();
        let written: Scenario =
            "up 1m, down dns_timeout 2m, up 1m, down dns_timeout 2m, cert 6d 1m"
                .parse()
                .unwrap();
        assert_eq!(repeated, written);
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        for (text, part) in [
            ("", "is no phrase"),
            ("away 5m", "`away 5m` is no phrase"),
            ("down soon 5m", "`soon` is no error class"),
            ("cert 6 5m", "names no days"),
            ("up 0s", "takes no time"),
            ("(up 1m) x", "cannot be read"),
            ("(up 1m, down 1m", "open parenthesis"),
            ("up 1m)", "not open"),
            ("((up 1m) x2) x2", "within parentheses"),
            ("(up 1m) x99999", "too often"),
        ] {
            let error = text.parse::<Scenario>().unwrap_err();
            assert!(error.contains(part), "{text}: {error}");
        }
    }
}
