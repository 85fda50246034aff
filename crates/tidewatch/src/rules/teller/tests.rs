//! Handing over.

use std::time::Duration;

use crate::rules::story::Story;

#[tokio::test(start_paused = true)]
async fn what_the_queue_refuses_is_told_at_the_next_look() {
    let mut story = Story::new();
    story.refuse(true);
    story.values.are(&[("shop", 1.0)]);
    story.start();
    assert!(story.is_silent_for(Duration::from_secs(60)).await);
    let troubles = story.standing().troubles;
    assert_eq!(troubles.len(), 1);
    assert!(troubles[0].contains("the disk is full"), "{troubles:?}");
    story.refuse(false);
    assert_eq!(story.hears().await, "firing shop");
    assert_eq!(story.standing().troubles, Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn a_crash_right_after_the_queue_has_taken_the_beginning_does_not_lose_the_end() {
    let mut story = Story::new();
    story.mute(true);
    story.values.are(&[("shop", 1.0)]);
    story.start();
    assert_eq!(story.hears().await, "firing shop");
    story.kill().await;
    story.mute(false);
    story.values.are(&[("shop", 0.0)]);
    story.start();
    assert_eq!(story.hears().await, "resolved shop");
    assert!(story.is_silent_for(Duration::from_secs(3_600)).await);
}
