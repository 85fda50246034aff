//! The wall clock, held against the `date` header of a site.

use std::time::{Duration, Instant, UNIX_EPOCH};

use tidewatch_domain::ports::Clock;
use tidewatch_domain::{Monitor, Timestamp};

use super::finding::Finding;
use crate::local::SystemClock;

const NAME: &str = "clock";
const TIMEOUT: Duration = Duration::from_secs(5);
/// Slots and alert rules work in seconds; the store refuses rows from minutes ahead.
const GOOD: f64 = 2.0;
const USABLE: f64 = 60.0;
const REMEDY: &str = "synchronise the clock, for instance with chrony or systemd-timesyncd";

/// Compares.
pub(super) async fn examine(site: &Monitor) -> Finding {
    match compare(&site.public_target()).await {
        Ok(offset) => judge(offset),
        Err(reason) => Finding::warn(
            NAME,
            format!("could not be compared: {reason}"),
            "make sure that it is synchronised: timedatectl",
        ),
    }
}

/// How far this clock is ahead, in seconds, and how far that may be wrong.
#[derive(Clone, Copy, Debug)]
struct Offset {
    seconds: f64,
    uncertainty: f64,
}

async fn compare(url: &str) -> Result<Offset, String> {
    let client = reqwest::Client::builder()
        .timeout(TIMEOUT)
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .map_err(|error| error.to_string())?;
    let before = SystemClock.now();
    let begun = Instant::now();
    let response = client
        .head(url)
        .send()
        .await
        .map_err(|_| format!("{url} did not answer"))?;
    let round_trip = begun.elapsed();
    let date = response
        .headers()
        .get("date")
        .and_then(|date| date.to_str().ok());
    let date = date
        .and_then(|date| httpdate::parse_http_date(date).ok())
        .and_then(|date| date.duration_since(UNIX_EPOCH).ok())
        .ok_or_else(|| format!("{url} told no time"))?;
    Ok(offset(before, round_trip, date))
}

/// The header was written somewhere within the round trip, and says whole seconds only.
fn offset(before: Timestamp, round_trip: Duration, date: Duration) -> Offset {
    const HALF: Duration = Duration::from_millis(500);
    let here = Duration::from_nanos(u64::try_from(before.as_nanos()).unwrap_or(0)) + round_trip / 2;
    let there = date + HALF;
    Offset {
        seconds: here.as_secs_f64() - there.as_secs_f64(),
        uncertainty: (HALF + round_trip / 2).as_secs_f64(),
    }
}

fn judge(offset: Offset) -> Finding {
    let Offset {
        seconds,
        uncertainty,
    } = offset;
    let measured = if seconds.abs() <= uncertainty {
        format!("right, as far as can be told (± {uncertainty:.1} s)")
    } else {
        let direction = if seconds > 0.0 { "ahead" } else { "behind" };
        format!("{:.1} s {direction} (± {uncertainty:.1} s)", seconds.abs())
    };
    // The benefit of the doubt: only what is certainly off counts.
    match (seconds.abs() - uncertainty).max(0.0) {
        off if off <= GOOD => Finding::ok(NAME, measured),
        off if off <= USABLE => Finding::warn(NAME, measured, REMEDY),
        _ => Finding::fail(NAME, measured, REMEDY),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::finding::Status;

    fn judged(ahead_ms: i64) -> Finding {
        let there = Timestamp::from_secs(1_795_330_800);
        let here = Timestamp::from_millis(there.as_millis() + 500 + ahead_ms);
        judge(offset(
            here,
            Duration::from_millis(40),
            Duration::from_secs(1_795_330_800),
        ))
    }

    #[test]
    fn an_offset_is_told_with_its_direction() {
        assert_eq!(
            judged(100).measured,
            "right, as far as can be told (± 0.5 s)"
        );
        assert_eq!(judged(100).status, Status::Ok);
        assert_eq!(judged(-9_000).measured, "9.0 s behind (± 0.5 s)");
        assert_eq!(judged(-9_000).status, Status::Warn);
        assert_eq!(judged(90_000).status, Status::Fail);
        assert_eq!(judged(90_000).measured, "90.0 s ahead (± 0.5 s)");
    }
}
