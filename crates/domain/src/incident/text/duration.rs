//! Durations and instants in words.

use std::time::Duration;

use crate::time::Timestamp;

/// The two largest units: `4 d 2 h`, `12 min 3 s`, `8 s`.
pub fn in_words(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let units = [("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1)];
    let mut rest = seconds;
    let mut words = Vec::new();
    for (name, size) in units {
        let count = rest / size;
        rest %= size;
        if count > 0 {
            words.push(format!("{count} {name}"));
        } else if !words.is_empty() {
            break;
        }
        if words.len() == 2 {
            break;
        }
    }
    if words.is_empty() {
        return "less than a second".to_owned();
    }
    words.join(" ")
}

/// `2026-11-22 07:00:03 UTC`.
pub(super) fn instant(at: Timestamp) -> String {
    let text = at.to_string();
    format!("{} {} UTC", &text[..10], &text[11..19])
}

/// `07:00 UTC`.
pub fn minute_of(at: Timestamp) -> String {
    format!("{} UTC", &at.to_string()[11..16])
}
