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
    let arguments = Line::try_parse_from(line).unwrap().arguments;
    let target = arguments.target.clone().unwrap();
    monitor(&target, &arguments)
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
    assert_eq!(check.body.unwrap().text.to_string(), "{}");
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
    for argument in [
        "the target",
        "--attempts",
        "--method",
        "--status",
        "--timeout",
    ] {
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

#[test]
fn any_field_can_be_set() {
    let monitor = read(&[
        "https://example.com/",
        "--status",
        "204",
        "--set",
        "request.redirects={max: 3}",
        "--set",
        "request.headers.accept=text/html",
        "--set",
        "assertions=[{on: header, name: via, contains: cdn}, {on: body, equals: '='}]",
        "--set",
        "thresholds={exceeded_ms: 900}",
        "--set",
        "monitor_id=shop",
    ])
    .unwrap();
    assert_eq!(monitor.key.to_string(), "command-line/shop");
    assert_eq!(monitor.assertions.len(), 3);
    assert_eq!(
        monitor.thresholds.exceeded,
        Some(Duration::from_millis(900))
    );
    let check = http(monitor);
    assert_eq!(
        check.redirects,
        Redirects::Follow {
            max: 3,
            same_host: false
        }
    );
    assert_eq!(check.headers.len(), 1);
}

#[test]
fn what_is_set_wrongly_is_told_by_its_argument() {
    for (assignment, wanted) in [
        ("request.redirects=maybe", "--set request.redirects `maybe`"),
        (
            "request.redirect=stop",
            "--set request.redirect is not a known field",
        ),
        ("requst.body=x", "--set requst.body is not a known field"),
        (
            "assertions=[{on: status, is: 200}, {on: moon}]",
            "--set assertions `moon`",
        ),
        ("attempts=[1", "--set attempts cannot be parsed"),
        ("request", "a --set has no equals sign"),
        ("=1", "--set  names no field"),
        (
            "request.method=PUT",
            "field `request.method` is set twice, by --method and by --set",
        ),
        (
            "target=https://x.example/",
            "field `target` is set twice, by the target and by --set",
        ),
    ] {
        let complaint = read(&["example.com", "-X", "GET", "--set", assignment]);
        let complaint = complaint.unwrap_err().to_string();
        assert!(complaint.contains(wanted), "{assignment}: {complaint}");
    }
}

#[test]
fn a_repeated_probe_has_an_interval() {
    let interval = |line: &[&str]| read(line).unwrap().interval;
    assert_eq!(interval(&["example.com"]), Duration::from_secs(3_600));
    assert_eq!(
        interval(&["example.com", "--watch"]),
        Duration::from_secs(5)
    );
    let line = ["example.com", "--watch", "--interval", "2s"];
    assert_eq!(interval(&line), Duration::from_secs(2));
    let complaint = read(&["example.com", "-w", "--interval", "2s", "--timeout", "9s"]);
    assert!(complaint.unwrap_err().to_string().starts_with("--timeout"));
}

#[test]
fn schemes_without_slashes_are_told_from_ports() {
    for (target, wanted) in [
        ("example.com:8443", "https://example.com:8443"),
        ("http:80", "https://http:80"),
        ("http:example.com", "http:example.com"),
        ("dns:example.com?type=MX", "dns:example.com?type=MX"),
        ("dns:53", "https://dns:53"),
        ("[::1]:443", "https://[::1]:443"),
        ("tcp://x:1", "tcp://x:1"),
        ("tls://x:1", "tls://x:1"),
    ] {
        assert_eq!(with_scheme(target), wanted);
    }
}
