use std::net::UdpSocket;

use serde_json::Value;
use tidewatch_domain::{MonitorId, MonitorKey, Tenant};
use tracing::Instrument;
use tracing::subscriber::DefaultGuard;

use super::*;
use crate::output::captured::Captured;
use crate::segment::{Ending, Segment};
use crate::settings::Settings;
use crate::subscriber::subscriber;

/// A stand-in for the daemon on a socket of its own, and the subscriber that sends to it.
struct Daemon {
    socket: UdpSocket,
    _guard: DefaultGuard,
}

impl Daemon {
    fn start() -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        socket.set_nonblocking(true).unwrap();
        let guard = subscribe(socket.local_addr().unwrap());
        Daemon {
            socket,
            _guard: guard,
        }
    }

    /// The documents that came. On loopback a datagram is there when `send` returns.
    fn documents(&self) -> Vec<Value> {
        let mut buffer = vec![0; 65_536];
        std::iter::from_fn(|| {
            self.socket
                .recv(&mut buffer)
                .ok()
                .map(|n| buffer[..n].to_vec())
        })
        .map(|datagram| {
            let text = String::from_utf8(datagram).unwrap();
            let (header, document) = text.split_once('\n').unwrap();
            let header: Value = serde_json::from_str(header).unwrap();
            assert_eq!(header, serde_json::json!({"format": "json", "version": 1}));
            serde_json::from_str(document).unwrap()
        })
        .collect()
    }
}

fn subscribe(daemon: SocketAddr) -> DefaultGuard {
    let mut settings = Settings::read(&|name| match name {
        "AWS_LAMBDA_FUNCTION_NAME" => Some("tidewatch-monitor".to_owned()),
        "AWS_XRAY_DAEMON_ADDRESS" => Some(daemon.to_string()),
        _ => None,
    });
    let subscriber = subscriber(&mut settings, &Captured::default().output());
    assert!(settings.faults.is_empty(), "{:?}", settings.faults);
    tracing::subscriber::set_default(subscriber)
}

/// A header as Lambda sends it, of a trace that began now: others are dropped by their age.
fn header(sampled: &str) -> (String, String) {
    let began = jiff::Timestamp::now().as_second();
    let trace = format!("1-{began:08x}-0123456789abcdef01234567");
    let header = format!("Root={trace};Parent=53995c3f42cd8ad8;Sampled={sampled}");
    (trace, header)
}

fn key() -> MonitorKey {
    MonitorKey {
        tenant: Tenant::try_new("acme").unwrap(),
        monitor_id: MonitorId::try_new("shop").unwrap(),
    }
}

fn invocation(header: &str) -> Span {
    let span = tracing::info_span!("invocation", requestId = "r-1", cold_start = true);
    set_parent(&span, header);
    span
}

#[tokio::test]
async fn subsegments_hang_below_the_segment_that_lambda_names() {
    let daemon = Daemon::start();
    let (trace, header) = header("1");
    let work = async {
        Segment::remote("shop.example.com:443")
            .about(&key())
            .around(tokio::task::yield_now(), |()| Ending::ok().status(200))
            .await;
    };
    work.instrument(invocation(&header)).await;

    let documents = daemon.documents();
    let [probe, invocation] = &documents[..] else {
        panic!("{documents:#?}");
    };
    assert_eq!(invocation["name"], "invocation");
    assert_eq!(invocation["type"], "subsegment");
    assert_eq!(invocation["trace_id"], trace.as_str());
    assert_eq!(invocation["parent_id"], "53995c3f42cd8ad8");
    assert_eq!(invocation["annotations"]["requestId"], "r-1");
    assert_eq!(invocation["annotations"]["cold_start"], true);
    assert!(invocation["namespace"].is_null() && invocation["fault"].is_null());

    assert_eq!(probe["name"], "shop.example.com:443");
    assert_eq!(probe["type"], "subsegment");
    assert_eq!(probe["namespace"], "remote");
    assert_eq!(probe["trace_id"], trace.as_str());
    assert_eq!(probe["parent_id"], invocation["id"]);
    assert_eq!(probe["http"]["response"]["status"], 200);
    assert_eq!(probe["annotations"]["tenant"], "acme");
    assert_eq!(probe["annotations"]["monitor"], "shop");
    assert!(probe["fault"].is_null() && probe["error"].is_null());
    let times = |document: &Value| {
        (
            document["start_time"].as_f64().unwrap(),
            document["end_time"].as_f64().unwrap(),
        )
    };
    let ((from, to), (began, ended)) = (times(probe), times(invocation));
    assert!(began <= from && from <= to && to <= ended, "{documents:#?}");
}

#[tokio::test]
async fn a_fault_is_told_with_its_reason() {
    let daemon = Daemon::start();
    let (_, header) = header("1");
    let span = invocation(&header);
    let cases = [(None, "fault"), (Some(503), "fault"), (Some(404), "error")];
    for (status, flag) in cases {
        let probe = span.in_scope(|| Segment::remote("shop"));
        let ending = |(): &()| {
            let ending = Ending::fault("connection refused");
            status.map_or(ending.clone(), |status| ending.status(status))
        };
        probe.around(std::future::ready(()), ending).await;
        let documents = daemon.documents();
        let [document] = &documents[..] else {
            panic!("{documents:#?}");
        };
        assert_eq!(document[flag], true, "{document:#}");
        let exception = &document["cause"]["exceptions"][0];
        assert_eq!(exception["message"], "connection refused");
        assert_eq!(exception["type"], "probe");
        let told = document["http"]["response"]["status"].as_u64();
        assert_eq!(told, status.map(u64::from));
    }
}

#[tokio::test]
async fn what_lambda_did_not_sample_is_not_sent() {
    let daemon = Daemon::start();
    for header in [
        header("0").1,
        header("?").1,
        format!("Root={};Sampled=1", header("1").0),
        format!("Root={};Parent=nonsense;Sampled=1", header("1").0),
        "Root=1-5759e988-bd862e3fe1be46a994272793".to_owned(),
        "not a header".to_owned(),
        String::new(),
    ] {
        let span = invocation(&header);
        let probe = span.in_scope(|| Segment::remote("shop"));
        probe
            .around(std::future::ready(()), |()| Ending::fault("x"))
            .await;
        drop(span);
        assert_eq!(daemon.documents(), Vec::<Value>::new(), "{header}");
    }
}

#[tokio::test]
async fn fields_of_lambdas_own_do_no_harm() {
    let daemon = Daemon::start();
    let (trace, header) = header("1");
    for more in [
        "Lineage=1:a87bd80c:0|68fd508a:5",
        "Lineage=1:a=b,c",
        "Self=1-0-0",
        ";;",
    ] {
        drop(invocation(&format!("{more}; {header};{more}")));
        let documents = daemon.documents();
        let [document] = &documents[..] else {
            panic!("{more}: {documents:#?}");
        };
        assert_eq!(document["trace_id"], trace.as_str());
        assert_eq!(document["parent_id"], "53995c3f42cd8ad8");
    }
}

#[tokio::test]
async fn without_a_parent_nothing_is_sent() {
    let daemon = Daemon::start();
    let span = tracing::info_span!("invocation");
    span.in_scope(|| ());
    drop(span);
    assert_eq!(daemon.documents(), Vec::<Value>::new());
}

#[tokio::test]
async fn spans_of_others_and_events_make_no_subsegments() {
    let daemon = Daemon::start();
    let (_, header) = header("1");
    let span = invocation(&header);
    span.in_scope(|| {
        tracing::info_span!(target: "aws_sdk_sqs", "SQS.SendMessage").in_scope(|| ());
        tracing::error!("an error line does not make the invocation a fault");
    });
    drop(span);
    let documents = daemon.documents();
    let [invocation] = &documents[..] else {
        panic!("{documents:#?}");
    };
    assert!(invocation["fault"].is_null(), "{invocation:#}");
}

#[tokio::test]
async fn no_daemon_costs_nothing() {
    // The port was free a moment ago; every datagram is answered with "unreachable".
    let address = UdpSocket::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let _guard = subscribe(address);
    let (_, header) = header("1");
    for _ in 0..100 {
        let span = invocation(&header);
        let probe = span.in_scope(|| Segment::remote("shop"));
        let found = probe.around(std::future::ready(7), |_| Ending::ok()).await;
        assert_eq!(found, 7);
    }
}

#[tokio::test]
async fn a_daemon_that_does_not_read_holds_nobody_up() {
    let daemon = Daemon::start();
    let (_, header) = header("1");
    let span = invocation(&header);
    // Far more than the socket's buffer holds: what does not fit is lost.
    for _ in 0..5_000 {
        let probe = span.in_scope(|| Segment::remote("shop"));
        probe
            .around(std::future::ready(()), |()| Ending::fault("x".repeat(400)))
            .await;
    }
    drop(span);
    assert!(!daemon.documents().is_empty());
}

#[test]
fn the_id_of_a_trace_is_in_its_header() {
    let (trace, header) = header("1");
    assert_eq!(trace_id(&header), Some(trace.as_str()));
    assert_eq!(trace_id("Parent=1;Sampled=0"), None);
}
