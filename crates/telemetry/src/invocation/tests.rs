use std::net::UdpSocket;

use futures::FutureExt;
use lambda_runtime::{Context, LambdaEvent, Service, service_fn};
use serde_json::Value;

use super::{Observed, Report};
use crate::metrics::{Metric, Metrics, Origin};
use crate::output::captured::Captured;
use crate::settings::Settings;
use crate::subscriber::subscriber;

/// What one invocation left behind.
struct Seen {
    lines: Vec<serde_json::Map<String, Value>>,
    segments: Vec<Value>,
}

/// Runs `invocations` of a handler that is told what to do, and hands out what could be seen of
/// each.
async fn observe(invocations: &[&'static str]) -> Vec<Seen> {
    let captured = Captured::default();
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.set_nonblocking(true).unwrap();
    let daemon = socket.local_addr().unwrap().to_string();
    let mut settings =
        Settings::read(&|name| (name == "AWS_XRAY_DAEMON_ADDRESS").then(|| daemon.clone()));
    let _guard = tracing::subscriber::set_default(subscriber(&mut settings, &captured.output()));
    let metrics = Metrics::default();
    let report = Report {
        output: captured.output(),
        origin: Origin {
            function: "tidewatch-monitor".to_owned(),
            location: "eu-west-1".to_owned(),
        },
        metrics: metrics.clone(),
    };
    let mut observed = Observed::new(
        service_fn(move |event: LambdaEvent<&'static str>| {
            let metrics = metrics.clone();
            async move {
                tokio::task::yield_now().await;
                metrics.count(Metric::Probes, 1);
                match event.payload {
                    "fail" => Err(std::io::Error::other("the queue is gone")),
                    "panic" => panic!("a fault of ours"),
                    told => {
                        tracing::info!("{told}");
                        Ok(told.len())
                    }
                }
            }
        }),
        report,
    );
    let began = jiff::Timestamp::now().as_second();
    let mut all = Vec::new();
    for (number, payload) in invocations.iter().enumerate() {
        let mut context = Context::default();
        context.request_id = format!("r-{number}");
        context.xray_trace_id = Some(format!(
            "Root=1-{began:08x}-0123456789abcdef01234567;Parent=53995c3f42cd8ad8;Sampled=1"
        ));
        let answer = observed.call(LambdaEvent::new(*payload, context));
        let answer = std::panic::AssertUnwindSafe(answer).catch_unwind().await;
        match *payload {
            "panic" => assert!(answer.is_err()),
            "fail" => assert!(answer.unwrap().is_err()),
            told => assert_eq!(answer.unwrap().unwrap(), told.len()),
        }
        let mut buffer = vec![0; 65_536];
        let datagrams =
            std::iter::from_fn(|| socket.recv(&mut buffer).ok().map(|n| buffer[..n].to_vec()));
        let segments = datagrams.map(|datagram| {
            let document = datagram.split(|byte| *byte == b'\n').nth(1).unwrap();
            serde_json::from_slice(document).unwrap()
        });
        let before: usize = all.iter().map(|seen: &Seen| seen.lines.len()).sum();
        all.push(Seen {
            segments: segments.collect(),
            lines: captured.objects().split_off(before),
        });
    }
    all
}

#[tokio::test]
async fn only_the_first_start_is_cold() {
    let seen = observe(&["one", "two"]).await;
    for (number, (seen, message)) in seen.iter().zip(["one", "two"]).enumerate() {
        let [line, metrics] = &seen.lines[..] else {
            panic!("{:?}", seen.lines);
        };
        assert_eq!(line["message"], message);
        for line in [line, metrics] {
            assert_eq!(line["requestId"], format!("r-{number}"));
            assert_eq!(line["cold_start"], number == 0);
        }
        assert!(line["trace"].as_str().unwrap().starts_with("1-"));
        assert_eq!(metrics["probes"], 1.0);
        assert_eq!(metrics["function"], "tidewatch-monitor");
        let [segment] = &seen.segments[..] else {
            panic!("{:?}", seen.segments);
        };
        assert_eq!(segment["parent_id"], "53995c3f42cd8ad8");
        assert!(segment["fault"].is_null());
    }
}

#[tokio::test]
async fn an_error_is_logged_once_and_is_a_fault() {
    let seen = observe(&["fail"]).await;
    let [line, metrics] = &seen[0].lines[..] else {
        panic!("{:?}", seen[0].lines);
    };
    assert_eq!(line["level"], "ERROR");
    assert_eq!(line["message"], "the invocation failed: the queue is gone");
    assert_eq!(line["requestId"], "r-0");
    assert_eq!(metrics["probes"], 1.0);
    let segment = &seen[0].segments[0];
    assert_eq!(segment["fault"], true);
    assert_eq!(
        segment["cause"]["exceptions"][0]["message"],
        "the queue is gone"
    );
}

#[tokio::test]
async fn a_panic_loses_neither_figures_nor_trace_and_the_next_invocation_runs() {
    let seen = observe(&["panic", "next"]).await;
    assert_eq!(seen[0].segments[0]["fault"], true);
    assert_eq!(seen[0].lines.last().unwrap()["probes"], 1.0);
    assert!(seen[1].segments[0]["fault"].is_null());
    assert_eq!(seen[1].lines.last().unwrap()["probes"], 1.0);
}
