//! The law of the timings: phases are absent or measured, and add up to the total exactly.

use std::sync::Arc;
use std::time::{Duration, Instant};

use proptest::prelude::*;
use tidewatch_domain::Attempt;
use tidewatch_domain::monitor::{Assertion, Connection, Facts, ResponseFacts, TextTest};
use tidewatch_domain::probe::PhaseReached;
use tidewatch_testkit::{Authority, Gate, Reply, Step, Target, Validity, a_monitor};
use tokio::runtime::Runtime;
use tokio::sync::Notify;

use crate::support::{attempt, engine, options, probe, quick, trusting};

/// One way to be asked and to answer.
#[derive(Clone, Debug)]
struct Case {
    tls: Option<&'static str>,
    redirects: u8,
    body: usize,
    request: usize,
    attempts: u8,
    reuse: bool,
}

fn cases() -> impl Strategy<Value = Case> {
    (
        prop::sample::select(vec![None, Some("http/1.1"), Some("h2")]),
        0_u8..4,
        prop::sample::select(vec![0_usize, 1, 10_000, 300_000]),
        prop::sample::select(vec![0_usize, 40_000]),
        1_u8..4,
        any::<bool>(),
    )
        .prop_map(|(tls, redirects, body, request, attempts, reuse)| Case {
            tls,
            redirects,
            body,
            request,
            attempts,
            reuse,
        })
}

fn assert_exact(attempt: &Attempt) {
    let parts: Duration = attempt
        .phases
        .named()
        .into_iter()
        .filter_map(|(_, phase)| phase)
        .sum();
    assert_eq!(parts, attempt.phases.total, "{attempt:#?}");
    assert_eq!(attempt.phases.unfinished(), Duration::ZERO);
    assert!(attempt.phases.send.is_some());
    assert!(attempt.phases.wait.is_some());
    assert!(attempt.phases.transfer.is_some());
    let hops: Duration = attempt.hops.iter().map(|hop| hop.phases.total).sum();
    if !attempt.hops.is_empty() {
        assert_eq!(hops, attempt.phases.total, "{attempt:#?}");
    }
}

async fn check(case: Case, root: &Authority) {
    let body = "x".repeat(case.body);
    let respond = move |seen: &tidewatch_testkit::Seen| {
        let hops: u8 = seen.path.trim_start_matches('/').parse().unwrap();
        match hops {
            0 => Reply::ok(body.clone()),
            more => Reply::redirect(307, &format!("/{}", more - 1)).body("moved"),
        }
    };
    let target = match case.tls {
        None => Target::http(respond).await.unwrap(),
        Some(alpn) => {
            let tls = root
                .server(&["localhost"], Validity::default())
                .serve()
                .alpn(alpn);
            Target::https(tls, respond).await.unwrap()
        }
    };
    let engine = trusting(root);
    let mut monitor =
        a_monitor(&target.url(&format!("/{}", case.redirects))).attempts(case.attempts);
    if case.reuse {
        monitor = monitor.reuse();
    }
    if case.request > 0 {
        monitor = monitor.method("POST").body(&"y".repeat(case.request));
    }
    let result = probe(&engine, &monitor.build()).await;
    assert_eq!(result.samples.len(), usize::from(case.attempts));
    for (index, attempt) in result.samples.iter().enumerate() {
        assert!(attempt.succeeded(), "{case:?}: {attempt:#?}");
        assert_exact(attempt);
        assert_eq!(attempt.body_bytes, case.body as u64);
        assert_eq!(attempt.reached, PhaseReached::Done);
        assert_eq!(
            attempt.http_version,
            Some(if case.tls == Some("h2") { "2" } else { "1.1" })
        );
        let hops = if case.redirects == 0 {
            0
        } else {
            usize::from(case.redirects) + 1
        };
        assert_eq!(attempt.hops.len(), hops);
        let reused = case.reuse && index > 0;
        assert_eq!(
            attempt.connection,
            if reused {
                Connection::Reuse
            } else {
                Connection::Fresh
            }
        );
        assert_eq!(attempt.phases.resolve.is_some(), !reused);
        assert_eq!(attempt.phases.connect.is_some(), !reused);
        assert_eq!(attempt.phases.tls.is_some(), !reused && case.tls.is_some());
    }
    let seen = target.seen();
    let requests = usize::from(case.attempts) * (usize::from(case.redirects) + 1);
    assert_eq!(seen.len(), requests);
    assert!(seen.iter().all(|seen| seen.body.len() == case.request));
    assert_eq!(target.connections(), if case.reuse { 1 } else { requests });
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn phases_of_every_successful_attempt_add_up(case in cases()) {
        let root = Authority::root();
        Runtime::new().unwrap().block_on(check(case, &root));
    }
}

#[tokio::test]
async fn each_phase_has_the_time_that_was_spent_in_it() {
    let pause = Duration::from_millis(40);
    let engine = engine(options());

    let slow_to_think = Target::http(move |_| Reply::ok("x").after(Step::Pause(pause)))
        .await
        .unwrap();
    let thought = attempt(&engine, &quick(&slow_to_think.url("/")).build()).await;
    assert!(
        thought.phases.wait.unwrap() >= pause,
        "{:?}",
        thought.phases
    );
    assert!(
        thought.phases.transfer.unwrap() < pause,
        "{:?}",
        thought.phases
    );

    let slow_to_tell = Target::http(move |_| {
        Reply::steps([
            Step::send("HTTP/1.1 200 OK\r\n"),
            Step::Pause(pause),
            Step::send("content-length: 3\r\n\r\nabc"),
        ])
    })
    .await
    .unwrap();
    let told = attempt(&engine, &quick(&slow_to_tell.url("/")).build()).await;
    // The first byte ends the wait, not the end of the header.
    assert!(told.succeeded());
    assert!(told.phases.wait.unwrap() < pause, "{:?}", told.phases);
    assert!(told.phases.transfer.unwrap() >= pause, "{:?}", told.phases);
    assert_eq!(
        told.phases.ttfb().unwrap(),
        told.phases.total - told.phases.transfer.unwrap()
    );
}

/// The settings of an HTTP/2 server arrive before it has thought about anything.
#[tokio::test]
async fn the_wait_of_http2_ends_with_the_response_and_not_with_settings() {
    let pause = Duration::from_millis(40);
    let root = Authority::root();
    let tls = root
        .server(&["localhost"], Validity::default())
        .serve()
        .alpn("h2");
    let target = Target::https(tls, move |_| Reply::ok("x").after(Step::Pause(pause)))
        .await
        .unwrap();
    let found = attempt(&trusting(&root), &quick(&target.url("/")).build()).await;
    assert!(found.phases.wait.unwrap() >= pause, "{:?}", found.phases);
    assert_exact(&found);
}

/// An upload that the server answers before it has read it.
#[tokio::test]
async fn an_early_answer_keeps_the_phases_in_order() {
    let gate = Gate::closed();
    let reply = [
        Step::send("HTTP/1.1 413 Too Large\r\ncontent-length: 0\r\n\r\n"),
        Step::Wait(gate.clone()),
    ];
    let target = Target::raw("http", reply).await.unwrap();
    let monitor = quick(&target.url("/"))
        .method("POST")
        .body(&"x".repeat(16 * 1024 * 1024));
    let found = attempt(&engine(options()), &monitor.build()).await;
    gate.open();
    assert_eq!(found.status_code, Some(413));
    assert_eq!(found.phases.wait, Some(Duration::ZERO));
    assert_exact(&found);
}

/// Matching a large body takes long and is nobody's latency.
#[tokio::test]
async fn assertions_are_not_in_the_total() {
    let body = "a".repeat(1024 * 1024);
    let pattern = regex::Regex::new("(a|b|aa){40}c").unwrap();
    let matches = Assertion::Body(TextTest::Matches(pattern));
    let served = body.clone();
    let target = Target::http(move |_| Reply::ok(served.clone()))
        .await
        .unwrap();
    let engine = engine(options());
    let unasserted = attempt(&engine, &quick(&target.url("/")).build()).await;
    let facts = Facts {
        attempt: &unasserted,
        response: Some(ResponseFacts {
            status: 200,
            headers: &[],
            body: body.as_bytes(),
        }),
    };
    let matching = (0..3).map(|_| {
        let begun = Instant::now();
        assert!(!matches.evaluate(facts).passed);
        begun.elapsed()
    });
    let matching = matching.min().unwrap();

    let monitor = quick(&target.url("/")).expect(matches).build();
    let begun = Instant::now();
    let found = attempt(&engine, &monitor).await;
    assert!(begun.elapsed() >= found.phases.total + matching / 2);
    assert_exact(&found);
}

#[tokio::test]
async fn a_failed_attempt_has_the_phases_that_ended() {
    let target = Target::http(|_| {
        Reply::steps([
            Step::send("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabc"),
            Step::Close,
        ])
    })
    .await
    .unwrap();
    let found = attempt(&engine(options()), &quick(&target.url("/")).build()).await;
    assert!(!found.succeeded());
    assert_eq!((found.status_code, found.body_bytes), (Some(200), 3));
    assert!(found.phases.wait.is_some());
    assert_eq!(found.phases.transfer, None);
    let ended: Duration = found
        .phases
        .named()
        .into_iter()
        .filter_map(|(_, phase)| phase)
        .sum();
    assert_eq!(found.phases.total, ended + found.phases.unfinished());
}

/// The kernel noted when the answer came, even while the prober had no time to look.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_busy_prober_does_not_lengthen_the_latency() {
    let thinks = Duration::from_millis(20);
    let busy = Duration::from_millis(150);
    let root = Authority::root();
    // Two runtimes: the target goes on while the prober's is stuck.
    let elsewhere = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap();
    for alpn in [None, Some("http/1.1"), Some("h2")] {
        let asked = Arc::new(Notify::new());
        let tell = asked.clone();
        let respond = move |_: &tidewatch_testkit::Seen| {
            tell.notify_one();
            Reply::ok("x".repeat(20_000)).after(Step::Pause(thinks))
        };
        let tls = alpn.map(|alpn| {
            root.server(&["localhost"], Validity::default())
                .serve()
                .alpn(alpn)
        });
        let target = elsewhere
            .spawn(async move {
                match tls {
                    None => Target::http(respond).await,
                    Some(tls) => Target::https(tls, respond).await,
                }
            })
            .await
            .unwrap()
            .unwrap();
        let stuck = tokio::spawn(async move {
            asked.notified().await;
            let begun = Instant::now();
            while begun.elapsed() < busy {
                std::hint::spin_loop();
            }
        });
        let found = attempt(&trusting(&root), &quick(&target.url("/")).build()).await;
        stuck.await.unwrap();
        assert!(found.succeeded(), "{found:#?}");
        assert_exact(&found);
        assert!(found.is_tainted() && found.rtt.is_some(), "{found:#?}");
        let wait = found.phases.wait.unwrap();
        assert!(wait >= thinks && wait < busy, "{alpn:?}: {found:#?}");
        assert!(
            found.phases.transfer.unwrap() < busy,
            "{alpn:?}: {found:#?}"
        );
    }
    elsewhere.shutdown_background();
}
