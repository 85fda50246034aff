use serde_json::{Value, json};
use tidewatch_testkit::ManualClock;

use super::*;
use crate::envelope::Source;

fn open(folder: &Path, clock: &Arc<ManualClock>) -> Arc<FolderQueue> {
    Arc::new(FolderQueue::open(folder, clock.clone()).unwrap())
}

fn envelope(number: u32) -> Envelope {
    let payload = json!({ "alerts": [], "number": number });
    Envelope::of_payload(Source::Local, Timestamp::EPOCH, &payload)
}

fn numbers(queue: &FolderQueue) -> Vec<u64> {
    let (entries, _) = queue.due(100).unwrap();
    entries
        .iter()
        .map(|entry| {
            let payload: Value = entry.envelope.payload().unwrap();
            payload["number"].as_u64().unwrap()
        })
        .collect()
}

#[tokio::test]
async fn what_was_taken_comes_out_after_a_restart_until_it_is_done() {
    let folder = tempfile::tempdir().unwrap();
    let clock = Arc::new(ManualClock::default());
    let queue = open(folder.path(), &clock);
    for number in 0..3 {
        queue.put(&envelope(number), Duration::ZERO).await.unwrap();
        clock.advance(Duration::from_millis(1));
    }
    // The same payload at the same time is an entry of its own.
    queue.put(&envelope(2), Duration::ZERO).await.unwrap();
    assert!(matches!(
        FolderQueue::open(folder.path(), clock.clone()),
        Err(FolderError::InUse(_))
    ));
    drop(queue);
    // Half an entry, as a crash leaves it behind.
    std::fs::write(folder.path().join("waiting/.x.part"), "{").unwrap();
    let queue = open(folder.path(), &clock);
    assert_eq!(numbers(&queue), [0, 1, 2, 2]);
    let (entries, _) = queue.due(1).unwrap();
    queue.done(&entries[0]).unwrap();
    queue.done(&entries[0]).unwrap();
    assert_eq!(numbers(&queue), [1, 2, 2]);
    assert_eq!(queue.depth().unwrap(), 3);
    assert!(!folder.path().join("waiting/.x.part").exists());
}

#[tokio::test]
async fn a_delay_and_a_retry_are_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let clock = Arc::new(ManualClock::default());
    let queue = open(folder.path(), &clock);
    queue
        .put(&envelope(1), Duration::from_secs(60))
        .await
        .unwrap();
    let (entries, next) = queue.due(10).unwrap();
    assert!(entries.is_empty());
    assert_eq!(next, Some(clock.now().plus(Duration::from_secs(60))));
    clock.advance(Duration::from_secs(60));
    let (entries, _) = queue.due(10).unwrap();
    queue.retry(&entries[0], Duration::from_secs(5)).unwrap();
    assert!(numbers(&queue).is_empty());
    clock.advance(Duration::from_secs(5));
    let (entries, _) = queue.due(10).unwrap();
    assert_eq!(entries[0].attempts(), 1);
    queue.give_up(&entries[0], "nobody wants it").unwrap();
    assert_eq!(queue.depth().unwrap(), 0);
    let dead: Vec<String> = std::fs::read_dir(folder.path().join("dead"))
        .unwrap()
        .map(|found| std::fs::read_to_string(found.unwrap().path()).unwrap())
        .collect();
    assert_eq!(dead.len(), 2);
    assert!(dead.contains(&"nobody wants it\n".to_owned()));
}

#[tokio::test]
async fn what_cannot_be_read_lies_apart_with_the_reason_and_stops_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let clock = Arc::new(ManualClock::default());
    let queue = open(folder.path(), &clock);
    let bad = folder.path().join("waiting/000000000000000001-00-x.json");
    std::fs::write(&bad, "{\"v\":9").unwrap();
    queue.put(&envelope(4), Duration::ZERO).await.unwrap();
    assert_eq!(numbers(&queue), [4]);
    let reason = folder
        .path()
        .join("dead/000000000000000001-00-x.reason.txt");
    let reason = std::fs::read_to_string(reason).unwrap();
    assert!(reason.starts_with("not an alert envelope: "), "{reason}");
}

#[tokio::test]
async fn a_folder_that_is_gone_refuses() {
    let folder = tempfile::tempdir().unwrap();
    let clock = Arc::new(ManualClock::default());
    let queue = open(folder.path(), &clock);
    std::fs::remove_dir_all(folder.path().join("waiting")).unwrap();
    assert!(queue.put(&envelope(1), Duration::ZERO).await.is_err());
}
