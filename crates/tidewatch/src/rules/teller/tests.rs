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
