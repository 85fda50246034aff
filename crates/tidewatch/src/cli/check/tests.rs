use std::time::Duration;

use tidewatch_domain::monitor::{AssertionResult, Connection, DnsTransport, RecordType};
use tidewatch_domain::probe::{
    CertificateFacts, DnsFacts, DnsFlag, DnsRecord, Hop, PhaseReached, Phases, Rcode, Staple,
    TlsFacts,
};
use tidewatch_domain::{Attempt, Cause, ErrorClass, Location};

use super::*;
use crate::terminal::{Look, width};

const SECOND: i64 = 1_795_330_800;

fn millis(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

fn monitor(attempts: u8) -> Monitor {
    #[derive(clap::Parser)]
    struct Line {
        #[command(flatten)]
        arguments: CheckArgs,
    }
    let count = attempts.to_string();
    let line = ["check", "https://shop.example/cart", "-n", &count];
    let arguments = <Line as clap::Parser>::parse_from(line).arguments;
    request::monitor("https://shop.example/cart", &arguments).unwrap()
}

pub(crate) fn attempt(number: u8) -> Attempt {
    let wait = millis(50 + 2 * u64::from(number));
    let phases = Phases {
        resolve: Some(millis(4)),
        connect: Some(millis(12)),
        proxy: None,
        tls: Some(millis(25)),
        send: Some(Duration::from_micros(80)),
        wait: Some(wait),
        transfer: Some(millis(3)),
        total: millis(44) + Duration::from_micros(80) + wait,
    };
    let hop = Hop {
        url: "https://shop.example/".to_owned(),
        status_code: 301,
        phases,
    };
    Attempt {
        number,
        started_at: Timestamp::from_secs(SECOND),
        connection: Connection::Fresh,
        phases,
        reached: PhaseReached::Done,
        causes: Vec::new(),
        status_code: Some(200),
        http_version: Some("2"),
        remote_addr: Some("192.0.2.7:443".parse().unwrap()),
        body_bytes: 18_213,
        body_cut: false,
        tls: Some(TlsFacts {
            version: Some("1.3"),
            cipher: Some("TLS13_AES_128_GCM_SHA256".to_owned()),
            group: Some("X25519".to_owned()),
            alpn: Some("h2".to_owned()),
            resumed: false,
            certificate: Some(CertificateFacts {
                not_after: Timestamp::from_secs(SECOND + 40 * 86_400),
                not_before: Timestamp::from_secs(SECOND - 50 * 86_400),
                leaf_not_after: Timestamp::from_secs(SECOND + 40 * 86_400),
                subject: "CN=shop.example".to_owned(),
                issuer: "CN=R11, O=Let's Encrypt, C=US".to_owned(),
                names: (1..=8)
                    .map(|number| format!("www{number}.shop.example"))
                    .collect(),
                fingerprint: "ab".repeat(32),
                presented: 2,
                verified: true,
                chain: Vec::new(),
            }),
            staple: Some(Staple::Good),
        }),
        dns: None,
        hops: vec![hop],
        steps: Vec::new(),
        assertions: vec![AssertionResult {
            expression: "status".to_owned(),
            expected: "200-299".to_owned(),
            actual: "200".to_owned(),
            passed: true,
            class: ErrorClass::StatusMismatch,
        }],
        rtt: Some(millis(11)),
        prober_lag: Some(Duration::from_micros(120)),
    }
}

/// No answer to the handshake.
pub(super) fn refused(number: u8) -> Attempt {
    Attempt {
        phases: Phases {
            resolve: Some(millis(4)),
            total: millis(3_004),
            ..Phases::default()
        },
        reached: PhaseReached::Connect,
        causes: vec![Cause::new(
            ErrorClass::ConnectTimeout,
            "connect to 192.0.2.7:443 took longer than the connect timeout of 3 s\u{1b}[2J",
        )],
        status_code: None,
        http_version: None,
        body_bytes: 0,
        tls: None,
        hops: Vec::new(),
        assertions: Vec::new(),
        rtt: None,
        ..attempt(number)
    }
}

fn findings(samples: Vec<Attempt>, skipped: u8, retry: Option<Attempt>) -> Findings<'static> {
    let monitor: &'static Monitor = Box::leak(Box::new(monitor(5)));
    let now = Timestamp::from_secs(SECOND);
    let result = ProbeResult {
        key: monitor.key.clone(),
        kind: monitor.kind(),
        location: Location::try_new("local").unwrap(),
        slot: now,
        started_at: now,
        samples,
        skipped,
        retry,
    };
    Findings::of(monitor, result, now)
}

fn up() -> Findings<'static> {
    findings((1..=5).map(attempt).collect(), 0, None)
}

fn down() -> Findings<'static> {
    findings(vec![refused(1), refused(2)], 3, Some(refused(1)))
}

fn degraded() -> Findings<'static> {
    findings(
        vec![attempt(1), refused(2), attempt(3), attempt(4), attempt(5)],
        0,
        None,
    )
}

fn report(findings: &Findings<'_>, columns: usize) -> String {
    let text = report::render(findings, false, Look::plain(columns));
    assert!(!text.contains('\u{1b}'), "{text}");
    text
}

#[test]
fn what_is_up_in_60_columns() {
    let look = Look {
        framed: true,
        ..Look::plain(60)
    };
    let text = report::render(&up(), false, look);
    assert!(text.lines().all(|line| width(line) <= 60), "{text}");
    insta::assert_snapshot!(text);
}

#[test]
fn what_is_up_in_80_columns() {
    insta::assert_snapshot!(report(&up(), 80));
}

#[test]
fn what_is_up_in_120_columns() {
    insta::assert_snapshot!(report(&up(), 120));
}

#[test]
fn what_is_down() {
    insta::assert_snapshot!(report(&down(), 80));
}

#[test]
fn what_is_degraded() {
    insta::assert_snapshot!(report(&degraded(), 100));
}

#[test]
fn each_attempt_on_one_scale() {
    let findings = findings(vec![attempt(1), refused(2)], 0, None);
    insta::assert_snapshot!(report::render(&findings, true, Look::plain(60)));
}

/// What a name server answered, as an attempt of the kind `dns` has it.
fn answered(number: u8) -> Attempt {
    let record = |name: &str, record_type: &str, data: &str| DnsRecord {
        name: name.to_owned(),
        record_type: record_type.to_owned(),
        ttl: 300,
        data: data.to_owned(),
    };
    Attempt {
        phases: Phases {
            send: Some(Duration::from_micros(60)),
            wait: Some(millis(9)),
            transfer: Some(Duration::from_micros(40)),
            total: Duration::from_micros(9_100),
            ..Phases::default()
        },
        status_code: None,
        http_version: None,
        remote_addr: Some("[2001:db8::53]:53".parse().unwrap()),
        tls: None,
        dns: Some(DnsFacts {
            record_type: RecordType::Mx,
            rcode: Rcode::NOERROR,
            flags: vec![DnsFlag::Rd, DnsFlag::Ra],
            answers: vec![
                record("shop.example.", "CNAME", "mail.example."),
                record("mail.example.", "MX", "10 mx1.mail.example."),
            ],
            authorities: 1,
            transport: DnsTransport::Tcp,
            cut_off_over_udp: true,
        }),
        hops: Vec::new(),
        assertions: Vec::new(),
        rtt: None,
        ..attempt(number)
    }
}

#[test]
fn what_a_name_server_answers() {
    let findings = findings(vec![answered(1), answered(2)], 0, None);
    insta::assert_snapshot!(report(&findings, 100));
}

#[test]
fn colours_change_nothing_but_colour() {
    let look = Look {
        colour: true,
        ..Look::plain(80)
    };
    let coloured = report::render(&down(), false, look);
    assert!(
        coloured.contains("\u{1b}[31m■ DOWN\u{1b}[0m"),
        "{coloured:?}"
    );
    assert_eq!(
        anstream::adapter::strip_str(&coloured).to_string(),
        report(&down(), 80)
    );
}

#[test]
fn json_carries_everything() {
    insta::assert_snapshot!(json::render(&findings(
        vec![attempt(1), refused(2)],
        3,
        None
    )));
}

#[test]
fn every_class_of_error_has_a_hint() {
    for class in ErrorClass::ALL {
        let hint = hint::hint(*class);
        assert!(!hint.is_empty() && !hint.ends_with('.'), "{}", class.name());
    }
}
