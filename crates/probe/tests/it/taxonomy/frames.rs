//! Answers in HTTP/2.

use tidewatch_domain::ErrorClass as Class;
use tidewatch_domain::ErrorOwner::Target as Site;
use tidewatch_domain::probe::PhaseReached as At;
use tidewatch_testkit::faults::http2;
use tidewatch_testkit::{Reply, Step, Target, Validity};

use super::case::{Case, Wanted, World};
use crate::support::{PATIENCE, SHORT, quick};

/// What comes after it overtakes the bytes before, unless they were read.
const READ: Step = Step::Pause(SHORT);

fn misbehaviours() -> Vec<(&'static str, Vec<Step>, Wanted, &'static str)> {
    let none = (Class::ClosedBeforeResponse, Site, At::Wait);
    let broken = |at| (Class::ProtocolError, Site, at);
    let late = |at| (Class::ReadTimeoutHeader, Site, at);
    let stopped = (Class::ReadTimeoutBody, Site, At::Transfer);
    let rules = "broke the rules of HTTP/2";
    vec![
        (
            "closes",
            http2::closes(),
            none,
            "closed the connection without any response",
        ),
        (
            "resets",
            http2::resets(),
            none,
            "reset the connection without any response",
        ),
        (
            "hangs",
            http2::hangs(),
            late(At::Wait),
            "waiting for a response",
        ),
        (
            "hangs in the header",
            http2::hangs_in_header(),
            late(At::Transfer),
            "reading the response header",
        ),
        (
            "closes in the body",
            http2::closes_in_body(),
            (Class::BodyTruncated, Site, At::Transfer),
            "after 5 bytes",
        ),
        (
            "resets in the body",
            http2::resets_in_body(READ),
            (Class::ResetInBody, Site, At::Transfer),
            "after 5 bytes",
        ),
        (
            "hangs in the body",
            http2::hangs_in_body(),
            stopped,
            "came to a stop after 5 bytes",
        ),
        (
            "slow body",
            http2::slow_body(),
            stopped,
            "reading the response body",
        ),
        (
            "body too short",
            http2::body_too_short(),
            broken(At::Transfer),
            rules,
        ),
        (
            "body too long",
            http2::body_too_long(),
            broken(At::Transfer),
            rules,
        ),
        (
            "GOAWAY",
            http2::goes_away(),
            broken(At::Wait),
            "(GOAWAY): ENHANCE_YOUR_CALM",
        ),
        (
            "GOAWAY without error",
            http2::goes_away_gracefully(),
            broken(At::Wait),
            "(GOAWAY): NO_ERROR",
        ),
        (
            "GOAWAY in the body",
            http2::goes_away_in_body(READ),
            broken(At::Transfer),
            "(GOAWAY): INTERNAL_ERROR",
        ),
        (
            "RST_STREAM",
            http2::refuses_stream(),
            broken(At::Wait),
            "(RST_STREAM): REFUSED_STREAM",
        ),
        (
            "RST_STREAM in the body",
            http2::resets_stream_in_body(),
            broken(At::Transfer),
            "(RST_STREAM): INTERNAL_ERROR",
        ),
        ("bad frame", http2::bad_frame(), broken(At::Wait), rules),
        (
            "bad header block",
            http2::bad_header_block(),
            broken(At::Transfer),
            rules,
        ),
        ("body first", http2::body_first(), broken(At::Wait), rules),
        (
            "huge header",
            http2::huge_header(),
            broken(At::Transfer),
            rules,
        ),
        (
            "answers in HTTP/1.1",
            http2::answers_in_http1(),
            broken(At::Wait),
            rules,
        ),
    ]
}

pub(super) async fn cases(world: &World) -> Vec<Case> {
    let engine = &world.engine;
    let tls = || {
        world
            .root
            .server(&["localhost"], Validity::default())
            .serve()
    };
    let mut cases = Vec::new();
    for (name, steps, wanted, says) in misbehaviours() {
        let target = Target::http2(tls(), steps).await.unwrap();
        let monitor = quick(&target.url("/")).attempt_timeout(PATIENCE);
        let name = format!("HTTP/2: {name}");
        cases.push(Case::new(name, wanted, says, engine, monitor, target));
    }

    let target = Target::http2_without_window(tls()).await.unwrap();
    cases.push(Case::new(
        "HTTP/2: takes no body",
        (Class::SendFailed, Site, At::Send),
        "sending the request to",
        engine,
        quick(&target.url("/"))
            .method("POST")
            .body(&"x".repeat(100_000))
            .attempt_timeout(PATIENCE),
        target,
    ));

    let reply = Reply::steps([Step::Reset]);
    let target = Target::https(tls().alpn("h2"), move |_| reply.clone())
        .await
        .unwrap();
    cases.push(Case::new(
        "HTTP/2: a server gives up",
        (Class::ProtocolError, Site, At::Wait),
        "(RST_STREAM): INTERNAL_ERROR",
        engine,
        quick(&target.url("/")),
        target,
    ));
    cases
}
