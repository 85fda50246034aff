//! The kind `tcp`: connections and dialogues, good and bad ones.

use std::time::Duration;

use tidewatch_domain::ErrorClass as Class;
use tidewatch_domain::ErrorOwner::{Config, Network, Target as Site};
use tidewatch_domain::monitor::{
    Assertion, Check, Encryption, Expectation, StartTls, Step, TcpCheck, TextTest,
};
use tidewatch_domain::probe::PhaseReached as At;
use tidewatch_domain::{Outcome, Summary};
use tidewatch_probe::AddressPolicy;
use tidewatch_testkit::script::smtp;
use tidewatch_testkit::{
    Act, Authority, FakeSecrets, Scripted, SilentPort, Validity, refused_port,
};

use crate::sockets::{Table, expect, monitor, monitor_of, send, tcp};
use crate::support::{SHORT, attempt, engine, engine_with, options, probe, quick, trusting};

async fn scripted(script: impl IntoIterator<Item = Act>) -> Scripted {
    Scripted::start(script).await.unwrap()
}

#[tokio::test]
async fn a_connection_is_a_check() {
    let server = scripted([Act::Hang]).await;
    let check = tcp(server.address().port(), vec![]);
    let found = attempt(&engine(options()), &monitor(Check::Tcp(check))).await;
    assert!(found.succeeded(), "{found:#?}");
    assert_eq!(found.reached, At::Done);
    assert_eq!(found.remote_addr, Some(server.address()));
    let phases = found.phases;
    assert!(phases.resolve.is_some() && phases.connect.is_some());
    assert_eq!((phases.tls, phases.send, phases.wait), (None, None, None));
    assert_eq!(phases.transfer, None);
    assert_eq!(phases.unfinished(), Duration::ZERO);
    assert!(found.tls.is_none() && found.steps.is_empty() && found.body_bytes == 0);
}

#[tokio::test]
async fn a_dialogue_has_its_phases_and_steps() {
    let server = scripted([
        Act::say("+OK <1.2@pop>\r\n"),
        Act::hear("APOP 1.2@pop\r\n"),
        Act::say("+OK "),
        Act::say("welcome\r\n"),
        Act::Hang,
    ])
    .await;
    let dialogue = vec![
        expect(r"^\+OK <(.*)>$"),
        send("APOP ${1}\r\n"),
        expect(r"^\+OK welcome\r\n"),
    ];
    let mut monitor = monitor(Check::Tcp(tcp(server.address().port(), dialogue)));
    monitor.assertions = vec![
        Assertion::Reply(TextTest::Equals("+OK welcome\r\n".to_owned())),
        Assertion::Reply(TextTest::NotContains("pop".to_owned())),
    ];
    let found = attempt(&engine(options()), &monitor).await;
    assert!(found.succeeded(), "{found:#?}");
    assert_eq!(found.phases.unfinished(), Duration::ZERO);
    let phases = found.phases;
    assert!(phases.send.is_some() && phases.wait.is_some() && phases.tls.is_none());
    let steps: Vec<&str> = found.steps.iter().map(|step| step.step.as_str()).collect();
    assert_eq!(
        steps,
        [r"expect ^\+OK <(.*)>$", "send", r"expect ^\+OK welcome\r\n"]
    );
    assert_eq!(found.body_bytes, 28);
    assert_eq!(found.assertions.len(), 2);
    assert_eq!(server.heard(), b"APOP 1.2@pop\r\n");
}

#[tokio::test]
async fn bytes_are_sent_as_they_are_and_each_attempt_connects_anew() {
    let server = scripted([Act::Echo]).await;
    let dialogue = vec![
        Step::SendBytes(vec![0, 0xff, 7]),
        expect(r"(?-u)^\x00\xff\x07"),
    ];
    let check = Check::Tcp(tcp(server.address().port(), dialogue));
    let monitor = monitor_of(quick("http://localhost/").attempts(3), check);
    let result = probe(&engine(options()), &monitor).await;
    assert_eq!(result.successes().count(), 3);
    assert_eq!(server.heard().len(), 9);
    assert!(
        result
            .samples
            .iter()
            .all(|sample| sample.phases.connect.is_some())
    );
}

#[tokio::test]
async fn what_is_encrypted_is_a_dialogue_like_any_other() {
    let root = Authority::root();
    let tls = root.server(&["localhost"], Validity::default()).serve();
    let after = [Act::hear("NOOP\r\n"), Act::say("250 well\r\n"), Act::Hang];
    let server = scripted(smtp(tls, after)).await;
    let check = TcpCheck {
        encryption: Some(Encryption {
            starttls: Some(StartTls::Smtp),
            ..Encryption::default()
        }),
        ..tcp(
            server.address().port(),
            vec![send("NOOP\r\n"), expect("^250 ")],
        )
    };
    let found = attempt(&trusting(&root), &monitor(Check::Tcp(check))).await;
    assert!(found.succeeded(), "{found:#?}");
    let steps: Vec<&str> = found.steps.iter().map(|step| step.step.as_str()).collect();
    assert_eq!(steps, ["starttls smtp", "send", "expect ^250"]);
    assert!(found.phases.tls.is_some() && found.phases.wait.is_some());
    assert_eq!(found.phases.unfinished(), Duration::ZERO);
    assert!(found.tls.unwrap().certificate.unwrap().verified);
}

#[tokio::test]
async fn secrets_are_sent_and_never_shown() {
    let server = scripted([Act::Echo]).await;
    let dialogue = vec![
        send("AUTH ${env:TOKEN}\r\n"),
        expect("^AUTH .*\r\n"),
        expect("^no such line$"),
    ];
    let port = server.address().port();
    let secrets = || FakeSecrets::of(&[("env:TOKEN", "s3cr3t-t0ken")]);
    let builder = || quick("http://localhost/").attempt_timeout(SHORT * 3);
    let check = Check::Tcp(tcp(port, dialogue.clone()));
    let result = probe(
        &engine_with(options(), secrets()),
        &monitor_of(builder(), check),
    )
    .await;
    assert!(server.heard().starts_with(b"AUTH s3cr3t-t0ken\r\n"));
    assert!(!format!("{result:?}").contains("s3cr3t"), "{result:#?}");

    let check = Check::Tcp(tcp(port, dialogue[..2].to_vec()));
    let mut monitor = monitor_of(builder(), check);
    monitor.assertions = vec![Assertion::Reply(TextTest::Contains("hello".to_owned()))];
    let found = attempt(&engine_with(options(), secrets()), &monitor).await;
    assert_eq!(found.assertions[0].actual, "AUTH ***\r\n");
    assert_eq!(found.cause().unwrap().class, Class::BodyMismatch);
    assert!(!format!("{found:?}").contains("s3cr3t"), "{found:#?}");
}

#[tokio::test]
async fn classes() {
    let engine = engine(options());
    let mut table = Table::default();
    let builder = || quick("http://localhost/").attempt_timeout(SHORT * 3);

    let refused = refused_port().unwrap();
    let check = Check::Tcp(tcp(refused.port(), vec![]));
    let found = attempt(&engine, &monitor_of(builder(), check)).await;
    table.check(
        "refused",
        &found,
        (Class::ConnectRefused, Site, At::Connect),
        "refused",
    );

    let silent = SilentPort::open().unwrap();
    let check = Check::Tcp(tcp(silent.address().port(), vec![]));
    let found = attempt(
        &engine,
        &monitor_of(builder().connect_timeout(SHORT / 2), check),
    )
    .await;
    table.check(
        "silent port",
        &found,
        (Class::ConnectTimeout, Network, At::Connect),
        "connect timeout of 75 ms",
    );

    let cases: [(&str, Vec<Act>, Class, At, &str); 9] = [
        (
            "says nothing",
            vec![Act::Hang],
            Class::ReadTimeoutHeader,
            At::Wait,
            "said nothing",
        ),
        (
            "says half a line",
            vec![Act::say("22"), Act::Hang],
            Class::ReadTimeoutBody,
            At::Transfer,
            "which said `22`",
        ),
        (
            "says something else",
            vec![Act::say("554 go away\r\n"), Act::Hang],
            Class::BodyMismatch,
            At::Transfer,
            "a match of `^220 .*$` from localhost:",
        ),
        (
            "closes",
            vec![],
            Class::ClosedBeforeResponse,
            At::Wait,
            "said nothing and closed",
        ),
        (
            "closes within a line",
            vec![Act::say("22")],
            Class::BodyTruncated,
            At::Transfer,
            "said `22` and closed",
        ),
        (
            "closes after something else",
            vec![Act::say("554 no\r\n")],
            Class::BodyMismatch,
            At::Transfer,
            "said `554 no` and closed",
        ),
        (
            "resets",
            vec![Act::hear("hi"), Act::Reset],
            Class::ClosedBeforeResponse,
            At::Wait,
            "broke the connection",
        ),
        (
            "resets within a line",
            vec![
                Act::hear("hi"),
                Act::say("22"),
                Act::hear("more"),
                Act::Reset,
            ],
            Class::ResetInBody,
            At::Transfer,
            "and broke the connection",
        ),
        (
            "says too much",
            vec![Act::say("x".repeat(20_000)), Act::Hang],
            Class::BodyMismatch,
            At::Transfer,
            "not in the first 16384 bytes",
        ),
    ];
    for (name, script, class, reached, text) in cases {
        let server = scripted(script).await;
        let dialogue = match name {
            "resets" => vec![send("hi"), expect("^220 .*$")],
            "resets within a line" => {
                vec![send("hi"), expect("2"), send("more"), expect("^220 .*$")]
            }
            _ => vec![expect("^220 .*$")],
        };
        let check = Check::Tcp(tcp(server.address().port(), dialogue));
        let found = attempt(&engine, &monitor_of(builder(), check)).await;
        table.check(name, &found, (class, Site, reached), text);
    }
    table.end(11);
}

#[tokio::test]
async fn a_server_that_does_not_read_is_a_failure_to_send() {
    let server = scripted([Act::Hang]).await;
    let check = Check::Tcp(tcp(
        server.address().port(),
        vec![Step::SendBytes(vec![b'x'; 16 * 1024 * 1024])],
    ));
    let builder = quick("http://localhost/").attempt_timeout(SHORT * 3);
    let found = attempt(&engine(options()), &monitor_of(builder, check)).await;
    let mut table = Table::default();
    table.check(
        "does not read",
        &found,
        (Class::SendFailed, Site, At::Send),
        "sending to localhost:",
    );
    table.end(1);
    assert!(found.phases.connect.is_some() && found.phases.send.is_none());
}

#[tokio::test]
async fn definitions_and_policies_are_not_the_targets_fault() {
    let mut table = Table::default();
    let check = Check::Tcp(tcp(9, vec![send("${env:MISSING}")]));
    let found = attempt(&engine(options()), &monitor(check)).await;
    table.check(
        "no secret",
        &found,
        (Class::AuthFailed, Config, At::Resolve),
        "env:MISSING",
    );
    let mut guarded = options();
    guarded.addresses = AddressPolicy::only_public([]);
    let found = attempt(&engine(guarded), &monitor(Check::Tcp(tcp(9, vec![])))).await;
    table.check(
        "blocked",
        &found,
        (Class::BlockedAddress, Config, At::Resolve),
        "loopback",
    );
    table.end(2);
}

#[tokio::test]
async fn a_port_that_must_be_closed() {
    let engine = engine(options());
    let judged = |port: u16| {
        let builder = quick("http://localhost/").attempts(2);
        let mut monitor = monitor_of(builder, Check::Tcp(tcp(port, vec![])));
        monitor.expect = Expectation::Down;
        monitor
    };
    let closed = judged(refused_port().unwrap().port());
    let result = probe(&engine, &closed).await;
    assert_eq!(result.retry, None, "what is wanted needs no second look");
    let summary = Summary::of(&closed, &result);
    assert_eq!((summary.outcome, summary.cause), (Outcome::Ok, None));

    let server = scripted([Act::Hang]).await;
    let open = judged(server.address().port());
    let result = probe(&engine, &open).await;
    let summary = Summary::of(&open, &result);
    assert_eq!(summary.outcome, Outcome::Fail);
    assert_eq!(summary.cause.unwrap().class, Class::UnexpectedSuccess);
    assert_eq!(summary.latency, None);
}
