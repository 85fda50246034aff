//! Answers in HTTP/1.1, with and without TLS.

use tidewatch_domain::ErrorClass as Class;
use tidewatch_domain::ErrorOwner::Target as Site;
use tidewatch_domain::probe::PhaseReached as At;
use tidewatch_testkit::faults::http1;
use tidewatch_testkit::{Reply, Step, Target, Validity};

use super::case::{Case, Wanted, World};
use crate::support::{PATIENCE, SHORT, quick};

/// A reset overtakes the bytes before it, unless they were read.
const READ: Step = Step::Pause(SHORT);

fn misbehaviours() -> Vec<(&'static str, Vec<Step>, Wanted, &'static str)> {
    let none = (Class::ClosedBeforeResponse, Site, At::Wait);
    let broken = (Class::ProtocolError, Site, At::Transfer);
    let cut = (Class::BodyTruncated, Site, At::Transfer);
    let late = |at| (Class::ReadTimeoutHeader, Site, at);
    let stopped = (Class::ReadTimeoutBody, Site, At::Transfer);
    let reset = (Class::ResetInBody, Site, At::Transfer);
    let of_ten = "before the body was complete, after 5 of 10 bytes";
    vec![
        (
            "closes",
            http1::closes(),
            none,
            "closed the connection without any response",
        ),
        (
            "resets",
            http1::resets(),
            none,
            "reset the connection without any response",
        ),
        (
            "hangs",
            http1::hangs(),
            late(At::Wait),
            "took longer than the attempt timeout of 600 ms",
        ),
        (
            "closes in the header",
            http1::closes_in_header(),
            broken,
            "closed the connection within the response header",
        ),
        (
            "resets in the header",
            http1::resets_in_header(READ),
            broken,
            "reset the connection within the response header",
        ),
        (
            "hangs in the header",
            http1::hangs_in_header(),
            late(At::Transfer),
            "reading the response header",
        ),
        (
            "slow header",
            http1::slow_header(),
            late(At::Transfer),
            "reading the response header",
        ),
        (
            "no HTTP",
            http1::no_http(),
            broken,
            "did not answer with HTTP",
        ),
        (
            "bad status line",
            http1::bad_status_line(),
            broken,
            "did not answer with HTTP",
        ),
        (
            "bad header line",
            http1::bad_header_line(),
            broken,
            "did not answer with HTTP",
        ),
        (
            "two lengths",
            http1::two_lengths(),
            broken,
            "did not answer with HTTP",
        ),
        (
            "bad length",
            http1::bad_length(),
            broken,
            "did not answer with HTTP",
        ),
        (
            "huge header",
            http1::huge_header(),
            broken,
            "longer than 64 KiB",
        ),
        (
            "many header lines",
            http1::many_header_lines(),
            broken,
            "more than 100 lines",
        ),
        ("body too short", http1::body_too_short(), cut, of_ten),
        (
            "resets in the body",
            http1::resets_in_body(READ),
            reset,
            of_ten,
        ),
        (
            "hangs in the body",
            http1::hangs_in_body(),
            stopped,
            "came to a stop after 5 of 10 bytes",
        ),
        (
            "slow body",
            http1::slow_body(),
            stopped,
            "reading the response body",
        ),
        (
            "bad chunk length",
            http1::bad_chunk_length(),
            broken,
            "is not well-formed",
        ),
        (
            "chunk too long",
            http1::chunk_too_long(),
            broken,
            "is not well-formed",
        ),
        (
            "closes between chunks",
            http1::closes_between_chunks(),
            cut,
            "after 5 bytes",
        ),
        (
            "closes in a chunk",
            http1::closes_in_chunk(),
            cut,
            "after 2 bytes",
        ),
    ]
}

pub(super) async fn cases(world: &World) -> Vec<Case> {
    let engine = &world.engine;
    let mut cases = Vec::new();
    let identity = || {
        world
            .root
            .server(&["localhost"], Validity::default())
            .serve()
    };
    for (name, steps, wanted, says) in misbehaviours() {
        let reply = Reply::steps(steps);
        let again = reply.clone();
        let plain = Target::http(move |_| reply.clone()).await.unwrap();
        let secure = Target::https(identity(), move |_| again.clone())
            .await
            .unwrap();
        for (scheme, target) in [("http", plain), ("https", secure)] {
            let monitor = quick(&target.url("/")).attempt_timeout(PATIENCE);
            let name = format!("{scheme}: {name}");
            cases.push(Case::new(name, wanted, says, engine, monitor, target));
        }
    }

    // Without TLS, the end of the connection would be the end of the body.
    let reply = Reply::steps(http1::cuts_the_connection());
    let target = Target::https(identity(), move |_| reply.clone())
        .await
        .unwrap();
    cases.push(Case::new(
        "https: ends without a word of TLS",
        (Class::BodyTruncated, Site, At::Transfer),
        "closed the connection before the body was complete, after 5 bytes",
        engine,
        quick(&target.url("/")),
        target,
    ));

    // A mail server, say: it speaks before it is spoken to.
    let target = Target::greeting(
        "http",
        [Step::send("220 mail.example ESMTP\r\n"), Step::Hang],
    )
    .await
    .unwrap();
    cases.push(Case::new(
        "http: speaks first",
        (Class::ProtocolError, Site, At::Transfer),
        "did not answer with HTTP",
        engine,
        quick(&target.url("/")),
        target,
    ));

    // More than the kernel's buffers hold, and nobody who reads it.
    let target = Target::raw("http", [Step::Hang]).await.unwrap();
    cases.push(Case::new(
        "http: does not read",
        (Class::SendFailed, Site, At::Send),
        "sending the request to",
        engine,
        quick(&target.url("/"))
            .method("POST")
            .body(&"x".repeat(16 * 1024 * 1024))
            .attempt_timeout(PATIENCE),
        target,
    ));

    for status in [404, 500, 304] {
        for (version, alpn) in [("1.1", "http/1.1"), ("2", "h2")] {
            let reply = move |_: &_| Reply::status(status);
            let target = Target::https(identity().alpn(alpn), reply).await.unwrap();
            cases.push(Case::new(
                format!("HTTP/{version}: status {status}"),
                (Class::StatusMismatch, Site, At::Assert),
                status.to_string(),
                engine,
                quick(&target.url("/")),
                target,
            ));
        }
    }
    cases
}
