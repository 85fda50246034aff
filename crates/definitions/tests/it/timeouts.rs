//! Timeouts follow the interval unless the definition names them.

use std::time::Duration;

use tidewatch_definitions::{Format, Mode, read};
use tidewatch_domain::monitor::Timeouts;

use crate::valid::one;

fn timeouts(interval: &str, named: &str) -> Timeouts {
    one(&entry(interval, named), Mode::Local).timeouts
}

fn entry(interval: &str, named: &str) -> String {
    format!(
        "- {{tenant: a, monitor_id: b, target: 'http://c.de', interval: {interval}, timeouts: {{{named}}}}}"
    )
}

fn millis(connect: u64, attempt: u64, probe: u64) -> Timeouts {
    Timeouts {
        connect: Duration::from_millis(connect),
        attempt: Duration::from_millis(attempt),
        probe: Duration::from_millis(probe),
        ..Timeouts::default()
    }
}

#[test]
fn defaults_shrink_with_the_interval() {
    for (interval, wanted) in [
        ("60", Timeouts::default()),
        ("10", Timeouts::default()),
        ("5s", millis(1_500, 2_500, 4_000)),
        ("1", millis(300, 500, 800)),
    ] {
        assert_eq!(timeouts(interval, ""), wanted, "{interval}");
    }
}

#[test]
fn what_is_named_makes_room_for_itself() {
    for (interval, named, wanted) in [
        ("60", "attempt: 20s", millis(3_000, 20_000, 20_000)),
        ("60", "connect: 10s", millis(10_000, 10_000, 10_000)),
        ("60", "probe: 30s", millis(3_000, 5_000, 30_000)),
        ("60", "probe: 4s", millis(1_500, 2_500, 4_000)),
        ("60", "probe: 1ms", millis(1, 1, 1)),
    ] {
        assert_eq!(timeouts(interval, named), wanted, "{interval} {named}");
    }
}

#[test]
fn parts_of_an_attempt_have_limits_only_where_they_are_named() {
    let second = Duration::from_secs(1);
    let wanted = Timeouts {
        header: Some(7 * second),
        ..millis(3_000, 7_000, 8_000)
    };
    assert_eq!(timeouts("60", "header: 7s"), wanted);
    let text = entry("60", "tls: 1s, header: 2s").replace("http:", "https:");
    let parts = one(&text, Mode::Local).timeouts;
    assert_eq!((parts.tls, parts.header), (Some(second), Some(2 * second)));
}

#[test]
fn limits_on_parts_that_are_not_there_are_faults() {
    for (target, problem) in [
        (
            "tcp://c.de:25",
            [
                "limits nothing: nothing here speaks TLS",
                "limits nothing: only answers of the kind http have a header",
            ]
            .as_slice(),
        ),
        (
            "tls://c.de:465",
            &["limits nothing: only answers of the kind http have a header"],
        ),
        ("https://c.de", &[]),
    ] {
        let text = entry("60", "tls: 1s, header: 1s").replace("http://c.de", target);
        let definitions = read(&text, "t.yaml", Format::Yaml, Mode::Local);
        let problems: Vec<&str> = definitions
            .faults
            .iter()
            .map(|fault| fault.problem.as_str())
            .collect();
        assert_eq!(problems, problem, "{target}");
    }
}

#[test]
fn what_is_named_and_does_not_fit_is_a_fault() {
    for (interval, named, problem) in [
        (
            "60",
            "{connect: 6s, attempt: 4s}",
            "is longer than the attempt's 4s",
        ),
        (
            "60",
            "{header: 6s, attempt: 4s}",
            "is longer than the attempt's 4s",
        ),
        (
            "60",
            "{attempt: 9s, probe: 4s}",
            "lets an attempt take 9s of a probe's 4s",
        ),
        (
            "10",
            "{attempt: 9s}",
            "lets an attempt take 9s of a probe's 8s",
        ),
        (
            "10",
            "{probe: 9s}",
            "does not fit into 80 % of the interval of 10s",
        ),
        (
            "60",
            "{probe: 48s, attempt: 10s}",
            "makes a probe, a pause of 5s and a retry take 63s",
        ),
        (
            "60",
            "{attempt: 30s}",
            "makes a probe, a pause of 5s and a retry take 65s",
        ),
    ] {
        let text = entry(interval, named.trim_matches(['{', '}']));
        let definitions = read(&text, "t.yaml", Format::Yaml, Mode::Local);
        let problems: Vec<&str> = definitions
            .faults
            .iter()
            .map(|fault| fault.problem.as_str())
            .collect();
        assert_eq!(problems, [problem], "{interval} {named}");
    }
}
