use std::time::Duration;

use proptest::prelude::*;
use tidewatch_domain::Phases;
use tidewatch_domain::monitor::Timeouts;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use tokio::time::{Instant, sleep};

use super::*;

impl Wire for DuplexStream {
    fn arrived(&self) -> Option<Instant> {
        None
    }
}

fn budget() -> Budget {
    Budget::of_attempt(&Timeouts::default(), None)
}

/// Looks for a line, in whole.
fn a_line(received: &[u8], from: usize) -> Found<()> {
    match received[from..].iter().position(|byte| *byte == b'\n') {
        Some(at) => Found::Here(from + at + 1, ()),
        None => Found::NotYet,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    /// However a server cuts its replies and however slow it is, the phases add up to the time
    /// from the first step to the last, and the replies are the same.
    #[test]
    fn phases_add_up_and_replies_do_not_depend_on_packets(
        pauses in proptest::collection::vec(0_u64..40, 24),
        cuts in proptest::collection::vec(1_usize..7, 24),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .unwrap();
        runtime.block_on(async move {
            let (mut ours, mut theirs) = duplex(1_024);
            let server = async move {
                let mut question = [0; 4];
                let mut turns = pauses.into_iter().zip(cuts);
                while theirs.read_exact(&mut question).await.is_ok() {
                    let mut reply = &b"200 all is well\n"[..];
                    while !reply.is_empty() {
                        let (pause, cut) = turns.next().unwrap_or((0, reply.len()));
                        sleep(Duration::from_millis(pause)).await;
                        let cut = cut.min(reply.len());
                        theirs.write_all(&reply[..cut]).await.unwrap();
                        reply = &reply[cut..];
                    }
                }
            };
            let client = async move {
                let redactor = Redactor::default();
                let mut talk = Talk::new("peer", &redactor, 1_000);
                let start = Instant::now();
                talk.ready(start);
                for _ in 0..3 {
                    talk.send(&mut ours, b"ask\n", budget()).await.unwrap();
                    talk.until(&mut ours, "a line", budget(), a_line).await.unwrap();
                    assert_eq!(talk.reply(), b"200 all is well\n");
                }
                let mut phases = Phases::default();
                talk.add_to(&mut phases);
                phases.total = talk.at() - start;
                assert_eq!(phases.unfinished(), Duration::ZERO);
                let sum: Duration = phases.named().into_iter().filter_map(|(_, phase)| phase).sum();
                assert_eq!(sum, phases.total);
                assert_eq!(talk.bytes(), 48);
            };
            tokio::join!(server, client);
        });
    }
}

#[tokio::test(start_paused = true)]
async fn the_reply_ends_where_the_wanted_ends() {
    let (mut ours, mut theirs) = duplex(1_024);
    theirs.write_all(b"one\ntwo\nthree").await.unwrap();
    let redactor = Redactor::default();
    let mut talk = Talk::new("peer", &redactor, 1_000);
    for wanted in [&b"one\n"[..], b"one\ntwo\n"] {
        talk.until(&mut ours, "a line", budget(), a_line)
            .await
            .unwrap();
        assert_eq!(talk.reply(), wanted);
    }
    assert!(talk.has_more());
    talk.send(&mut ours, b"x", budget()).await.unwrap();
    assert_eq!(talk.reply(), b"");
}

#[tokio::test(start_paused = true)]
async fn the_rest_of_an_earlier_line_is_no_part_of_a_reply() {
    let (mut ours, mut theirs) = duplex(1_024);
    theirs.write_all(b"220 mail.test\r\n").await.unwrap();
    let redactor = Redactor::default();
    let mut talk = Talk::new("peer", &redactor, 1_000);
    let code = |received: &[u8], from: usize| match received.len() {
        0 => Found::NotYet,
        _ => Found::Here(from + 3, ()),
    };
    talk.until(&mut ours, "a code", budget(), code)
        .await
        .unwrap();
    assert_eq!(talk.reply(), b"220");
    talk.send(&mut ours, b"x", budget()).await.unwrap();
    theirs.write_all(b"250 well\r\n").await.unwrap();
    for _ in 0..2 {
        talk.until(&mut ours, "a line", budget(), a_line)
            .await
            .unwrap();
    }
    assert_eq!(talk.reply(), b"250 well\r\n");
}
