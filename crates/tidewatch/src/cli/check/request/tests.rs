use clap::Parser;
use std::time::Duration;
use tidewatch_domain::monitor::{AddressFamily, Check, HttpCheck, Redirects};

use super::*;

#[derive(Parser)]
struct Line {
    #[command(flatten)]
    arguments: CheckArgs,
}

fn read(line: &[&str]) -> Result<Monitor, Complaint> {
    let line = std::iter::once("check").chain(line.iter().copied());
    monitor(&Line::try_parse_from(line).unwrap().arguments)
}

fn http(monitor: Monitor) -> HttpCheck {
    let Check::Http(check) = monitor.check else {
        panic!("not an HTTP check: {:?}", monitor.check)
    };
    check
}

#[test]
fn a_bare_host_is_https_and_everything_else_a_default() {
    let monitor = read(&["example.com"]).unwrap();
    assert_eq!(monitor.public_target(), "https://example.com/");
    assert_eq!(monitor.attempts, 5);
    assert_eq!(
        monitor.timeouts,
        tidewatch_domain::monitor::Timeouts::default()
    );
    assert!(monitor.assertions.is_empty());
    let check = http(monitor);
    assert_eq!(check.method, "GET");
    assert!(check.headers.is_empty() && check.body.is_none());
    assert_eq!(
        read(&["http://example.com:81/a"]).unwrap().target,
        "http://example.com:81/a"
    );
}

#[test]
fn every_argument_arrives() {
    let monitor = read(&[
        "https://example.com/",
        "-n",
        "2",
        "-X",
        "post",
        "-H",
        "Accept: text/html",
        "-H",
        "accept: text/plain",
        "-H",
        "X-Key: ${env:TIDEWATCH_SECRET_KEY}",
        "--body",
        "{}",
        "--timeout",
        "20s",
        "--family",
        "v6",
        "--no-follow",
        "--status",
        "200,3xx",
        "--contains",
        "hello",
    ])
    .unwrap();
    assert_eq!(monitor.attempts, 2);
    assert_eq!(monitor.timeouts.attempt, Duration::from_secs(20));
    assert_eq!(monitor.assertions.len(), 2);
    let check = http(monitor);
    assert_eq!(check.method, "POST");
    let headers: Vec<String> = check
        .headers
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    assert_eq!(
        headers,
        [
            "accept=text/html",
            "accept=text/plain",
            "x-key=${env:TIDEWATCH_SECRET_KEY}"
        ]
    );
    assert_eq!(check.network.family, AddressFamily::V6);
    assert_eq!(check.redirects, Redirects::Stop);
    assert_eq!(check.body.unwrap().to_string(), "{}");
}

#[test]
fn seconds_need_no_unit() {
    let monitor = read(&["example.com", "--timeout", "1.5"]).unwrap();
    assert_eq!(monitor.timeouts.attempt, Duration::from_millis(1_500));
}

#[test]
fn faults_are_told_all_at_once_by_their_arguments() {
    let complaint = read(&[
        "ftp://example.com/",
        "-n",
        "99",
        "--method",
        "FETCH",
        "--status",
        "2000",
        "--timeout",
        "x",
    ])
    .unwrap_err()
    .to_string();
    for argument in ["the URL", "--attempts", "--method", "--status", "--timeout"] {
        assert!(complaint.contains(argument), "{argument} in {complaint}");
    }
}

#[test]
fn a_header_without_a_colon_is_not_repeated() {
    let complaint = read(&["example.com", "-H", "hunter2"])
        .unwrap_err()
        .to_string();
    assert_eq!(complaint, "a --header has no colon");
}
