//! The order of attempts on paused time, with a session that follows a script.

use std::time::Duration;

use async_trait::async_trait;
use tidewatch_domain::ErrorClass;
use tidewatch_testkit::{ManualClock, MonitorBuilder, a_monitor};
use tokio::time::{Instant, sleep};

use super::*;

/// Takes as long and ends as the script says, and remembers when it was asked.
struct Script {
    attempts: Vec<(Duration, Option<ErrorClass>)>,
    began: Instant,
    starts: Vec<Duration>,
    pauses: Vec<Duration>,
    forgot: bool,
}

impl Script {
    fn of(attempts: &[(u64, Option<ErrorClass>)]) -> Self {
        let attempts = attempts
            .iter()
            .rev()
            .map(|(millis, class)| (Duration::from_millis(*millis), *class))
            .collect();
        Script {
            attempts,
            began: Instant::now(),
            starts: Vec::new(),
            pauses: Vec::new(),
            forgot: false,
        }
    }
}

#[async_trait]
impl Session for Script {
    async fn attempt(&mut self, budget: Budget, attempt: &mut Attempt) {
        self.starts.push(self.began.elapsed());
        let (length, class) = self.attempts.pop().unwrap();
        let start = Instant::now();
        if budget.cut(sleep(length)).await.is_none() {
            attempt
                .causes
                .push(budget.over(ErrorClass::ReadTimeoutHeader, "the test"));
        } else if let Some(class) = class {
            attempt.causes.push(Cause::new(class, "as the script says"));
        }
        attempt.phases.total = start.elapsed();
    }

    async fn pause(&mut self, pause: Duration) {
        self.pauses.push(pause);
        sleep(pause).await;
    }

    fn forget(&mut self) {
        self.forgot = true;
    }
}

fn sampler() -> Sampler {
    Sampler {
        gap: Duration::from_millis(100),
        jitter: Jitter::new(Some(1)),
        lag: LagSampler::default(),
    }
}

fn a_probe(attempts: u8) -> MonitorBuilder {
    a_monitor("http://shop.example/").attempts(attempts)
}

async fn run(script: &mut Script, monitor: MonitorBuilder) -> Samples {
    run_until(script, monitor, None).await
}

async fn run_until(
    script: &mut Script,
    monitor: MonitorBuilder,
    until: Option<Instant>,
) -> Samples {
    sampler()
        .samples(script, &monitor.build(), &ManualClock::default(), until)
        .await
}

fn classes(samples: &Samples) -> Vec<Option<ErrorClass>> {
    samples
        .made
        .iter()
        .map(|attempt| attempt.cause().map(|cause| cause.class))
        .collect()
}

#[tokio::test(start_paused = true)]
async fn attempts_follow_one_another_with_a_jittered_gap() {
    let mut script = Script::of(&[(50, None); 5]);
    let samples = run(&mut script, a_probe(5)).await;
    assert_eq!(samples.made.len(), 5);
    assert_eq!(samples.skipped, 0);
    assert_eq!(
        samples
            .made
            .iter()
            .map(|attempt| attempt.number)
            .collect::<Vec<_>>(),
        [1, 2, 3, 4, 5]
    );
    assert_eq!(script.pauses.len(), 4);
    assert!(
        script
            .pauses
            .iter()
            .all(|pause| (80..=120).contains(&pause.as_millis()))
    );
    assert!(
        script.pauses.windows(2).any(|pair| pair[0] != pair[1]),
        "{:?}",
        script.pauses
    );
    assert!(!samples.call_for_a_retry());
}

#[tokio::test(start_paused = true)]
async fn two_equal_transport_failures_in_a_row_end_it() {
    let refused = Some(ErrorClass::ConnectRefused);
    let timeout = Some(ErrorClass::ConnectTimeout);
    let mut script = Script::of(&[
        (1, refused),
        (1, timeout),
        (1, refused),
        (1, refused),
        (1, None),
    ]);
    let samples = run(&mut script, a_probe(6)).await;
    assert_eq!(classes(&samples), [refused, timeout, refused, refused]);
    assert_eq!(samples.skipped, 2);
    assert!(samples.call_for_a_retry());
}

#[tokio::test(start_paused = true)]
async fn wrong_answers_do_not_end_it() {
    let wrong = Some(ErrorClass::StatusMismatch);
    let mut script = Script::of(&[(1, wrong), (1, wrong), (1, wrong)]);
    let samples = run(&mut script, a_probe(3)).await;
    assert_eq!(classes(&samples), [wrong, wrong, wrong]);
    assert!(!samples.call_for_a_retry());
}

#[tokio::test(start_paused = true)]
async fn an_attempt_that_would_be_cut_off_is_not_begun() {
    // Four of 1.9 s and their gaps fit into 8 s, a fifth does not: a slow target is no failing one.
    let mut script = Script::of(&[(1_900, None); 5]);
    let samples = run(&mut script, a_probe(5)).await;
    assert_eq!(classes(&samples), [None, None, None, None]);
    assert_eq!(samples.skipped, 1);
}

#[tokio::test(start_paused = true)]
async fn the_gap_is_left_out_when_the_time_is_too_short_for_both() {
    let mut script = Script::of(&[(450, None), (450, None)]);
    let monitor = a_probe(2).probe_timeout(Duration::from_millis(950));
    let samples = run(&mut script, monitor).await;
    assert_eq!(samples.made.len(), 2);
    assert_eq!(script.pauses, [Duration::ZERO]);
}

#[tokio::test(start_paused = true)]
async fn an_attempt_ends_with_its_own_time_and_with_the_probes() {
    let mut script = Script::of(&[(9_000, None)]);
    let monitor = a_probe(5).attempt_timeout(Duration::from_secs(5));
    let samples = run(&mut script, monitor).await;
    assert_eq!(classes(&samples), [Some(ErrorClass::ReadTimeoutHeader)]);
    assert_eq!(samples.made[0].phases.total, Duration::from_secs(5));
    // What is left is not enough for another one like it.
    assert_eq!(samples.skipped, 4);

    let mut script = Script::of(&[(10, None), (9_000, None)]);
    let monitor = a_probe(2).probe_timeout(Duration::from_secs(1));
    let samples = run(&mut script, monitor).await;
    assert_eq!(classes(&samples), [None, Some(ErrorClass::Deadline)]);
    assert!(samples.call_for_a_retry());
}

#[tokio::test(start_paused = true)]
async fn a_retry_is_called_for_by_the_last_sample_or_by_most() {
    let reset = Some(ErrorClass::ResetInBody);
    let eof = Some(ErrorClass::TlsEof);
    let wrong = Some(ErrorClass::StatusMismatch);
    let own = Some(ErrorClass::LocalFd);
    let cases: [(&[Option<ErrorClass>], bool); 7] = [
        (&[None, None], false),
        (&[None, None, reset], true),
        (&[reset, eof, None], true),
        (&[reset, None, None], false),
        (&[reset, None], false),
        (&[own], false),
        (&[wrong], false),
    ];
    for (script, expected) in cases {
        let attempts: Vec<_> = script.iter().map(|class| (1, *class)).collect();
        let attempts_planned = u8::try_from(script.len()).unwrap();
        let samples = run(&mut Script::of(&attempts), a_probe(attempts_planned)).await;
        assert_eq!(samples.call_for_a_retry(), expected, "{script:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_retry_starts_from_nothing_and_has_its_own_time() {
    let mut script = Script::of(&[(4_900, None)]);
    let monitor = a_probe(1).probe_timeout(Duration::from_millis(1)).build();
    let retry = sampler()
        .retry(&mut script, &monitor.timeouts, &ManualClock::default())
        .await;
    assert!(script.forgot);
    assert_eq!(retry.number, 1);
    assert!(retry.succeeded());

    let sampler = sampler();
    for (interval, expected) in [(60, 5_000), (4, 2_000)] {
        let monitor = a_probe(1).interval(Duration::from_secs(interval)).build();
        let delay = sampler.retry_delay(&monitor).as_millis();
        assert!(
            (expected * 4 / 5..=expected * 6 / 5).contains(&delay),
            "{delay}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_probe_that_cannot_begin_is_one_failed_attempt() {
    let cause = Cause::new(ErrorClass::AuthFailed, "no secret");
    let samples = Samples::failed(cause, &ManualClock::default(), 5);
    assert_eq!(classes(&samples), [Some(ErrorClass::AuthFailed)]);
    assert_eq!(samples.skipped, 4);
    assert!(!samples.call_for_a_retry());
}

#[tokio::test(start_paused = true)]
async fn nothing_is_begun_that_would_outlast_the_prober() {
    let mut script = Script::of(&[(1_000, None); 5]);
    let until = Instant::now() + Duration::from_millis(2_900);
    let samples = run_until(&mut script, a_probe(5), Some(until)).await;
    assert_eq!((samples.made.len(), samples.skipped), (2, 3));
    assert!(samples.made.iter().all(Attempt::succeeded));
    assert!(Instant::now() <= until);
}
