//! Limits on parts of an attempt.

use tidewatch_domain::ErrorClass;
use tidewatch_domain::probe::PhaseReached;
use tidewatch_testkit::Target;
use tidewatch_testkit::faults::{http1, tls};

use crate::support::{SHORT, attempt, engine, options, quick};

#[tokio::test]
async fn the_header_of_an_answer_has_a_limit_of_its_own() {
    for (reply, reached) in [
        (http1::hangs(), PhaseReached::Wait),
        (http1::hangs_in_header(), PhaseReached::Transfer),
    ] {
        let target = Target::raw("http", reply).await.unwrap();
        let mut monitor = quick(&target.url("/")).build();
        monitor.timeouts.header = Some(SHORT);
        let found = attempt(&engine(options()), &monitor).await;
        let cause = found.cause().unwrap();
        assert_eq!(
            (cause.class, found.reached),
            (ErrorClass::ReadTimeoutHeader, reached)
        );
        assert!(
            cause
                .text
                .ends_with("took longer than the header timeout of 150 ms"),
            "{}",
            cause.text
        );
    }
}

#[tokio::test]
async fn the_tls_handshake_has_a_limit_of_its_own() {
    let target = Target::raw("https", tls::hangs()).await.unwrap();
    let mut monitor = quick(&target.url("/")).build();
    monitor.timeouts.tls = Some(SHORT);
    let found = attempt(&engine(options()), &monitor).await;
    let cause = found.cause().unwrap();
    assert_eq!(
        (cause.class, found.reached),
        (ErrorClass::TlsTimeout, PhaseReached::Tls)
    );
    assert!(
        cause
            .text
            .ends_with("took longer than the tls timeout of 150 ms"),
        "{}",
        cause.text
    );
}
