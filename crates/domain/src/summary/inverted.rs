//! The summary of a probe whose target is to be away: what fails otherwise is well, and what is
//! well otherwise fails.

use super::{Outcome, Summary, most_frequent};
use crate::cause::{Cause, ErrorClass};
use crate::monitor::{Monitor, shows_absence};
use crate::probe::{Attempt, ProbeResult};

/// Judges the facts of a probe of a target that should not be there. There is no latency: what
/// was timed is not what is wanted.
pub(super) fn of(monitor: &Monitor, result: &ProbeResult) -> Summary {
    let kind = monitor.kind();
    let verdict = |attempt: &Attempt| match attempt.cause() {
        None => Some(false),
        Some(cause) => shows_absence(kind, cause),
    };
    let there: Vec<&Attempt> = result
        .samples
        .iter()
        .filter(|attempt| verdict(attempt) == Some(false))
        .collect();
    let away = result
        .samples
        .iter()
        .filter(|attempt| verdict(attempt) == Some(true))
        .count();
    let (outcome, cause) = match there.first() {
        Some(first) if there.len() > away => (Outcome::Fail, Some(unexpected(first))),
        Some(first) => (Outcome::Degraded, Some(unexpected(first))),
        None if away > 0 => (Outcome::Ok, None),
        None => {
            let causes: Vec<&Cause> = super::causes(result).collect();
            (Outcome::Unknown, most_frequent(&causes))
        }
    };
    Summary {
        outcome,
        cause,
        latency: None,
        failed: there.len(),
        cert_days: None,
    }
}

fn unexpected(attempt: &Attempt) -> Cause {
    let place = match attempt.remote_addr {
        Some(address) => format!("{address} is there"),
        None => "the target is there".to_owned(),
    };
    let text = match attempt.cause() {
        None => format!("{place} and answers, and should be away"),
        Some(cause) => format!("{place}, though not well ({cause}), and should be away"),
    };
    Cause::new(ErrorClass::UnexpectedSuccess, text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::monitor::Expectation;
    use crate::summary::tests::{attempt, failed, monitor, result};

    fn summary(samples: Vec<Attempt>) -> Summary {
        let mut monitor = monitor();
        monitor.expect = Expectation::Down;
        Summary::of(&monitor, &result(samples))
    }

    #[test]
    fn a_closed_port_is_what_is_wanted_and_an_open_one_is_not() {
        use ErrorClass::{ConnectRefused, ConnectTimeout};
        let good = summary(vec![
            failed(1, 1, ConnectRefused),
            failed(2, 1, ConnectTimeout),
        ]);
        assert_eq!((good.outcome, good.cause), (Outcome::Ok, None));
        assert_eq!((good.latency, good.failed), (None, 0));

        let bad = summary(vec![attempt(1, 10), attempt(2, 10)]);
        assert_eq!((bad.outcome, bad.failed), (Outcome::Fail, 2));
        assert_eq!(bad.latency, None);
        assert_eq!(
            bad.cause.unwrap().to_string(),
            "unexpected_success: 192.0.2.1:80 is there and answers, and should be away"
        );
    }

    #[test]
    fn an_answer_that_is_not_well_is_an_answer() {
        let found = summary(vec![failed(1, 1, ErrorClass::StatusMismatch)]);
        assert_eq!(found.outcome, Outcome::Fail);
        let text = found.cause.unwrap().text;
        assert!(text.contains("status_mismatch"), "{text}");
    }

    #[test]
    fn a_minority_of_answers_degrades_and_half_of_them_too() {
        use ErrorClass::ConnectRefused;
        let found = summary(vec![attempt(1, 10), failed(2, 1, ConnectRefused)]);
        assert_eq!(found.outcome, Outcome::Degraded);
        assert_eq!(found.cause.unwrap().class, ErrorClass::UnexpectedSuccess);
    }

    #[test]
    fn what_says_nothing_about_the_target_leaves_it_unknown() {
        for class in [ErrorClass::LocalFd, ErrorClass::DnsTimeout] {
            let found = summary(vec![failed(1, 1, class)]);
            assert_eq!(found.outcome, Outcome::Unknown);
            assert_eq!(found.cause.unwrap().class, class);
            let found = summary(vec![
                failed(1, 1, class),
                failed(2, 1, ErrorClass::ConnectRefused),
            ]);
            assert_eq!(found.outcome, Outcome::Ok);
        }
    }
}
