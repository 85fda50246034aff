use std::sync::atomic::{AtomicUsize, Ordering};

use tidewatch_domain::ErrorOwner;
use tidewatch_testkit::a_monitor;

use super::*;
use crate::fakes::{Probing, RunningClock, here};

fn job(name: &str, slot: Timestamp) -> Job {
    Job {
        monitor: Arc::new(a_monitor("https://shop.example/").named(name).build()),
        bucket: 0,
        slot,
    }
}

fn round(probes: Probing, clock: &Arc<RunningClock>) -> Round {
    Round {
        probes: Arc::new(probes),
        clock: clock.clone(),
        location: here(),
    }
}

fn in_seconds(seconds: u64) -> Instant {
    Instant::now() + Duration::from_secs(seconds)
}

#[tokio::test(start_paused = true)]
async fn probes_run_side_by_side_and_begin_at_moments_of_their_own() {
    let clock = Arc::new(RunningClock::default());
    let slot = clock.now();
    let jobs: Vec<Job> = (0..50).map(|n| job(&format!("shop-{n}"), slot)).collect();
    let begun = Instant::now();
    let round = round(Probing::taking(Duration::from_secs(3)), &clock);
    let made = round.make(jobs, in_seconds(60)).await;
    assert!(begun.elapsed() < Duration::from_secs(3) + SPREAD + Duration::from_millis(5));
    let mut offsets: Vec<u128> = made
        .iter()
        .map(|(_, made)| match made {
            Made::Probed(result) => result.start_lag().as_millis(),
            Made::Missed(cause) => panic!("{cause}"),
        })
        .collect();
    offsets.sort_unstable();
    assert!(offsets.iter().all(|offset| *offset <= SPREAD.as_millis()));
    offsets.dedup();
    assert!(offsets.len() > 25, "{offsets:?}");
}

#[tokio::test(start_paused = true)]
async fn a_slot_that_comes_after_the_next_one_is_missed() {
    let clock = Arc::new(RunningClock::default());
    let round = round(Probing::taking(Duration::ZERO), &clock);
    for (late, probed) in [(59, true), (60, true), (61, false)] {
        let job = job("shop", clock.now().minus(Duration::from_secs(late)));
        let made = round.make(vec![job], in_seconds(60)).await;
        match &made[0].1 {
            Made::Probed(_) => assert!(probed, "{late} s"),
            Made::Missed(cause) => {
                assert!(!probed, "{late} s");
                assert_eq!(cause.owner, ErrorOwner::Prober);
                assert!(cause.text.contains("61s late"), "{cause}");
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_slot_that_comes_early_is_waited_for() {
    let clock = Arc::new(RunningClock::default());
    let round = round(Probing::taking(Duration::ZERO), &clock);
    let slot = clock.now().plus(Duration::from_millis(800));
    let made = round.make(vec![job("shop", slot)], in_seconds(60)).await;
    let Made::Probed(result) = &made[0].1 else {
        panic!("{made:?}");
    };
    assert!(result.started_at >= slot);
    // A clock that is wrong must not keep the invocation waiting.
    let begun = Instant::now();
    let slot = clock.now().plus(Duration::from_secs(3_600));
    round.make(vec![job("shop", slot)], in_seconds(60)).await;
    assert!(begun.elapsed() <= LONGEST_WAIT + SPREAD);
}

#[tokio::test(start_paused = true)]
async fn what_the_end_cuts_off_is_a_result_that_says_nothing_against_the_target() {
    let clock = Arc::new(RunningClock::default());
    let begun = Instant::now();
    let round = round(Probing::taking(Duration::from_secs(3_600)), &clock);
    let jobs = vec![job("shop", clock.now())];
    let made = round.make(jobs, in_seconds(10)).await;
    assert_eq!(begun.elapsed(), Duration::from_secs(10));
    let (job, Made::Probed(result)) = &made[0] else {
        panic!("{made:?}");
    };
    let summary = Summary::of(&job.monitor, result);
    assert_eq!(summary.outcome, Outcome::Unknown);
    let cause = summary.cause.unwrap();
    assert_eq!(
        (cause.class, cause.owner),
        (ErrorClass::Cancelled, ErrorOwner::Prober)
    );
}

#[tokio::test(start_paused = true)]
async fn nothing_is_begun_without_the_time_for_an_attempt() {
    let clock = Arc::new(RunningClock::default());
    let round = round(Probing::taking(Duration::ZERO), &clock);
    let made = round
        .make(vec![job("shop", clock.now())], in_seconds(5))
        .await;
    let Made::Missed(cause) = &made[0].1 else {
        panic!("{made:?}");
    };
    assert!(cause.text.contains("nearly over"), "{cause}");
}

/// Panics over one monitor and probes the others.
struct Fragile(AtomicUsize);

#[async_trait]
impl Probes for Fragile {
    async fn probe_until(
        &self,
        monitor: &Monitor,
        slot: Timestamp,
        _until: Instant,
    ) -> ProbeResult {
        assert_ne!(monitor.name, "bad", "as the test wants it");
        self.0.fetch_add(1, Ordering::Relaxed);
        let cause = Cause::new(ErrorClass::ConnectRefused, "refused");
        ProbeResult::failed(monitor, &here(), slot, slot, cause)
    }
}

#[tokio::test(start_paused = true)]
async fn a_panic_in_one_probe_costs_that_probe_only() {
    let clock = Arc::new(RunningClock::default());
    let fragile = Arc::new(Fragile(AtomicUsize::new(0)));
    let round = Round {
        probes: fragile.clone(),
        clock: clock.clone(),
        location: here(),
    };
    let jobs = ["good", "bad", "fine"].map(|name| job(name, clock.now()));
    let made = round.make(jobs.to_vec(), in_seconds(60)).await;
    let missed: Vec<&str> = made
        .iter()
        .filter(|(_, made)| matches!(made, Made::Missed(_)))
        .map(|(job, _)| job.monitor.name.as_str())
        .collect();
    assert_eq!(missed, ["bad"]);
    assert_eq!(fragile.0.load(Ordering::Relaxed), 2);
}
