use tidewatch_aws::message::{Decoded, Message, Row, decode};
use tidewatch_domain::{ProbeResult, Timestamp};
use tidewatch_testkit::a_monitor;

use super::*;
use crate::fakes::{Post, here};
use crate::jobs::Job;

fn found(name: &str, bucket: u32) -> (Job, ProbeResult) {
    let monitor = Arc::new(a_monitor("https://shop.example/").named(name).build());
    let slot = Timestamp::from_secs(1_795_352_400);
    let cause = Cause::new(ErrorClass::ConnectRefused, "refused");
    let result = ProbeResult::failed(&monitor, &here(), slot, slot, cause);
    let job = Job {
        monitor,
        bucket,
        slot,
    };
    (job, result)
}

fn a_row() -> Row {
    let (job, _) = found("late", 1);
    missed(&job, &here(), &Cause::new(ErrorClass::Overloaded, "late"))
}

fn soon() -> Instant {
    Instant::now() + Duration::from_secs(30)
}

/// What a queue took: bucket, monitors and rows of each message.
fn told(post: &Post) -> Vec<(Option<u32>, Vec<String>, usize)> {
    let taken = post.taken.lock();
    let mut told: Vec<_> = taken
        .iter()
        .map(|message| {
            let Decoded { message, refused } = decode(&message.body).unwrap();
            assert_eq!(refused, []);
            match message {
                Message::Results(results) => {
                    let keys = results.results.iter();
                    let keys = keys.map(|result| result.key.monitor_id.to_string());
                    (Some(results.bucket), keys.collect(), results.rows.len())
                }
                Message::Rows(rows) => (None, Vec::new(), rows.len()),
            }
        })
        .collect();
    told.sort();
    told
}

#[tokio::test(start_paused = true)]
async fn a_bucket_is_one_message_and_rows_travel_along() {
    let post = Arc::new(Post::default());
    let outlet = QueueOutlet::new(post.clone(), here());
    let harvest = Harvest {
        results: vec![found("a", 7), found("b", 3), found("c", 7)],
        rows: vec![a_row(), a_row()],
    };
    let handed_on = outlet.hand_on(harvest, soon()).await.unwrap();
    assert_eq!(handed_on.parcels, 2);
    let names = |names: &[&str]| names.iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(
        told(&post),
        [
            (Some(3), names(&["b"]), 2),
            (Some(7), names(&["a", "c"]), 0)
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn rows_alone_are_a_message_too_and_nothing_is_none() {
    let post = Arc::new(Post::default());
    let outlet = QueueOutlet::new(post.clone(), here());
    let rows = vec![a_row()];
    let harvest = Harvest {
        rows,
        ..Harvest::default()
    };
    outlet.hand_on(harvest, soon()).await.unwrap();
    assert_eq!(told(&post), [(None, vec![], 1)]);
    let handed_on = outlet.hand_on(Harvest::default(), soon()).await.unwrap();
    assert_eq!(handed_on, HandedOn::default());
}

#[tokio::test(start_paused = true)]
async fn what_the_queue_refused_is_sent_again_and_nothing_else() {
    let post = Arc::new(Post::default());
    post.refusals.lock().extend([vec![1, 2], vec![0]]);
    let outlet = QueueOutlet::new(post.clone(), here());
    let results = vec![found("a", 1), found("b", 2), found("c", 3)];
    let harvest = Harvest {
        results,
        ..Harvest::default()
    };
    let handed_on = outlet.hand_on(harvest, soon()).await.unwrap();
    assert_eq!((handed_on.parcels, handed_on.retries), (3, 3));
    let buckets: Vec<_> = told(&post).into_iter().map(|(bucket, ..)| bucket).collect();
    assert_eq!(buckets, [Some(1), Some(2), Some(3)]);
}

#[tokio::test(start_paused = true)]
async fn the_time_limit_ends_it_with_an_error_that_says_why() {
    let post = Arc::new(Post::default());
    post.refusals.lock().extend(vec![vec![0]; 1_000]);
    let outlet = QueueOutlet::new(post, here());
    let harvest = || Harvest {
        results: vec![found("a", 1)],
        ..Harvest::default()
    };
    let until = soon();
    let error = outlet.hand_on(harvest(), until).await.unwrap_err();
    assert!(Instant::now() <= until);
    assert_eq!(
        error.to_string(),
        "1 of 1 parcels with results could not be handed on: throttled"
    );

    let slow = Post {
        takes: Duration::from_secs(3_600),
        ..Post::default()
    };
    let until = soon();
    let outlet = QueueOutlet::new(Arc::new(slow), here());
    let error = outlet.hand_on(harvest(), until).await.unwrap_err();
    assert_eq!(Instant::now(), until);
    assert!(
        error
            .to_string()
            .ends_with("the time of the invocation was over")
    );
}

#[tokio::test(start_paused = true)]
async fn a_result_that_fits_into_no_message_leaves_a_row_that_says_so() {
    let post = Arc::new(Post::default());
    let outlet = QueueOutlet::new(post.clone(), here());
    let (mut job, result) = found("a", 1);
    let body = "\u{1}".repeat(200 * 1024);
    job.monitor = Arc::new(
        a_monitor("https://shop.example/")
            .named("a")
            .body(&body)
            .build(),
    );
    let harvest = Harvest {
        results: vec![(job, result), found("b", 1)],
        ..Harvest::default()
    };
    let handed_on = outlet.hand_on(harvest, soon()).await.unwrap();
    assert_eq!(handed_on.refused, 1);
    assert_eq!(
        told(&post),
        [(None, vec![], 1), (Some(1), vec!["b".to_owned()], 0)]
    );
}
