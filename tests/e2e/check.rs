//! `tidewatch check` as a script sees it: exit codes, JSON, repetition.

use std::process::Stdio;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use tidewatch_testkit::{Act, Authority, DnsAnswer, DnsServer, Scripted, Validity};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::process::Command;

use crate::command_line::{Told, parsed, tell};
use crate::process::{BINARY, PATIENCE, definitions};
use crate::target::{Site, nobody};

/// The phases of every attempt add up to its total.
fn adds_up(report: &Value) {
    for attempt in report["attempts"].as_array().expect("attempts") {
        let phases = attempt["phases"].as_object().expect("phases");
        let sum: f64 = phases
            .iter()
            .filter(|(name, _)| *name != "total_ms" && *name != "ttfb_ms")
            .filter_map(|(_, phase)| phase.as_f64())
            .sum();
        let total = phases["total_ms"].as_f64().expect("a total");
        // The report is rounded to microseconds, each number by itself.
        assert!((sum - total).abs() < 0.005, "{sum} is not {total}");
    }
}

#[tokio::test]
async fn check_says_up_degraded_or_down_by_its_exit_code() {
    let site = Site::start().await;
    let told = tell(&["check", &site.url(), "--attempts", "2", "--json"]).await;
    assert_eq!(told.code, 0, "{}", told.stderr);
    let report = parsed(&told.stdout);
    assert_eq!(
        (&report["outcome"], &report["up"], &report["kind"]),
        (&json!("ok"), &json!(true), &json!("http"))
    );
    let attempts = report["attempts"].as_array().unwrap();
    assert_eq!(attempts.len(), 2);
    for attempt in attempts {
        assert_eq!(attempt["phases"]["tls_ms"], Value::Null, "absent, not zero");
        assert_eq!(
            (&attempt["family"], &attempt["connection"]),
            (&json!("v4"), &json!("fresh"))
        );
    }
    adds_up(&report);
    assert_eq!(report["statistics"]["wait"]["count"], 2);

    let told = tell(&["check", &site.url(), "-n", "1", "--contains", "goodbye"]).await;
    assert_eq!(told.code, 1);
    assert!(
        told.stdout.contains("DOWN") && told.stdout.contains("body mismatch"),
        "{}",
        told.stdout
    );

    let told = tell(&["check", &nobody().await, "--attempts", "1", "--json"]).await;
    assert_eq!(told.code, 1);
    assert_eq!(parsed(&told.stdout)["cause"]["class"], "connect_refused");
}

#[tokio::test]
async fn any_field_of_a_definition_can_be_set() {
    let site = Site::start().await;
    let url = site.url();
    site.answer(204);
    let wanted = "assertions=[{on: status, is: 204}, {on: header, name: x-none, contains: x}]";
    let told = tell(&["check", &url, "-n", "1", "--set", wanted, "--json"]).await;
    assert_eq!(told.code, 1, "{}", told.stderr);
    let report = parsed(&told.stdout);
    assert_eq!(report["cause"]["class"], "header_mismatch");
    let results = report["attempts"][0]["assertions"].as_array().unwrap();
    let passed: Vec<_> = results.iter().map(|result| &result["passed"]).collect();
    assert_eq!(passed, [&json!(true), &json!(false)]);

    for (assignment, named) in [
        ("request.redirects=maybe", "--set request.redirects"),
        ("request.redirekts=stop", "--set request.redirekts"),
        ("assertions=[", "--set assertions"),
    ] {
        let told = tell(&["check", &url, "--set", assignment]).await;
        assert_eq!(told.code, 2, "{assignment}");
        assert!(told.stderr.contains(named), "{}", told.stderr);
    }
}

#[tokio::test]
async fn a_defined_monitor_can_be_probed_by_its_key() {
    let folder = tempfile::tempdir().unwrap();
    let site = Site::start().await;
    let entries = [
        format!(
            "{{tenant: demo, monitor_id: shop, target: \"{}\", attempts: 3}}",
            site.url()
        ),
        "{tenant: demo, monitor_id: bad, target: \"gopher://x/\"}".to_owned(),
    ];
    let file = definitions(folder.path(), &entries);
    let file = file.to_str().unwrap();
    let check = async |key: &str, more: &[&str]| -> Told {
        let line = ["check", "--monitor", key, "--definitions", file];
        tell(&[&line[..], more].concat()).await
    };
    let told = check("demo/shop", &["--json"]).await;
    assert_eq!(told.code, 0, "{}", told.stderr);
    assert_eq!(
        parsed(&told.stdout)["attempts"].as_array().unwrap().len(),
        3
    );

    let told = check("demo/bad", &[]).await;
    assert_eq!(told.code, 1);
    assert!(told.stderr.contains("demo/bad: target"), "{}", told.stderr);
    let told = check("demo/none", &[]).await;
    assert_eq!(told.code, 2);
    assert!(
        told.stderr.contains("--monitor demo/none"),
        "{}",
        told.stderr
    );
    let told = check("demo/shop", &["--method", "HEAD"]).await;
    assert_eq!(told.code, 2, "a defined monitor is probed as it is defined");
}

#[tokio::test]
async fn a_repeated_probe_is_a_json_line_at_every_slot() {
    let site = Site::start().await;
    let line = [
        "check",
        &site.url(),
        "-n",
        "1",
        "--watch",
        "--interval",
        "1s",
    ];
    let told = tell(&[&line[..], &["--count", "3", "--json"]].concat()).await;
    assert_eq!(told.code, 0, "{}", told.stderr);
    let reports: Vec<Value> = told.stdout.lines().map(parsed).collect();
    let numbers: Vec<_> = reports.iter().map(|report| &report["probe"]).collect();
    assert_eq!(numbers, [&json!(1), &json!(2), &json!(3)]);
    let slots: Vec<&str> = reports
        .iter()
        .map(|report| report["slot"].as_str().unwrap())
        .collect();
    let fraction = |slot: &str| slot.rsplit('.').next().map(ToOwned::to_owned);
    assert!(
        slots
            .iter()
            .all(|slot| fraction(slot) == fraction(slots[0])),
        "{slots:?} are not whole seconds apart"
    );
    reports.iter().for_each(adds_up);
}

#[tokio::test]
async fn a_repetition_in_a_pipe_is_lines_and_a_summary() {
    let told = tell(&[
        "check",
        &nobody().await,
        "--attempts",
        "1",
        "--watch",
        "--interval",
        "1s",
        "--count",
        "2",
    ])
    .await;
    assert_eq!(told.code, 1, "{}", told.stderr);
    let lines: Vec<&str> = told.stdout.lines().collect();
    assert!(lines[0].contains("fail") && lines[0].contains("connect_refused: "));
    assert!(lines[1].ends_with("connect_refused"), "{}", lines[1]);
    assert!(told.stdout.contains("2 lost (100.0 %)"), "{}", told.stdout);
    assert!(!told.stdout.contains('\u{1b}'));
}

/// What it says, and its exit code, when Ctrl-C comes after the first line.
async fn interrupted(url: &str) -> (String, Option<i32>) {
    let mut child = Command::new(BINARY)
        .args(["check", url, "-n", "1", "--watch", "--interval", "60s"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .expect("it starts");
    let mut output = BufReader::new(child.stdout.take().expect("stdout is piped"));
    let id = child.id().and_then(|id| i32::try_from(id).ok());
    let pid = id.and_then(Pid::from_raw).expect("it runs");
    let telling = async {
        let mut told = String::new();
        output.read_line(&mut told).await.expect("a line");
        kill_process(pid, Signal::INT).expect("it runs");
        output.read_to_string(&mut told).await.expect("the rest");
        let status = child.wait().await.expect("its status");
        (told, status.code())
    };
    let ended = tokio::time::timeout(PATIENCE, telling).await;
    ended.expect("it ends")
}

#[tokio::test]
async fn ctrl_c_ends_a_repetition_with_the_summary_and_the_last_state() {
    let site = Site::start().await;
    let (told, code) = interrupted(&site.url()).await;
    assert_eq!(code, Some(0), "{told}");
    assert!(told.contains("1 probe every 60 s"), "{told}");

    let (told, code) = interrupted(&nobody().await).await;
    assert_eq!(code, Some(1), "{told}");
    assert!(told.contains("DOWN"), "{told}");
}

#[tokio::test]
async fn a_question_to_a_name_server_shows_its_records() {
    let names = [("shop.test", DnsAnswer::Address([192, 0, 2, 7].into()))];
    let server = DnsServer::start(&names).await.unwrap();
    let target = format!("dns://{}/shop.test?type=A", server.address());
    let told = tell(&["check", &target, "-n", "2", "--json"]).await;
    assert_eq!(told.code, 0, "{}{}", told.stdout, told.stderr);
    let report = parsed(&told.stdout);
    assert_eq!(
        (&report["kind"], &report["up"]),
        (&json!("dns"), &json!(true))
    );
    adds_up(&report);
    let answer = &report["attempts"][0]["dns"];
    assert_eq!(
        (&answer["rcode"], &answer["record_type"]),
        (&json!("NOERROR"), &json!("A"))
    );
    assert_eq!(answer["answers"][0]["data"], "192.0.2.7");

    let told = tell(&["check", &target, "-n", "1"]).await;
    assert!(
        told.stdout.contains("DNS answer") && told.stdout.contains("192.0.2.7"),
        "{}",
        told.stdout
    );
    let other = target.replace("shop.test", "other.test");
    let told = tell(&["check", &other, "-n", "1", "--json"]).await;
    assert_eq!(told.code, 1);
    assert_eq!(parsed(&told.stdout)["cause"]["class"], "dns_nxdomain");
}

#[tokio::test]
async fn a_dialogue_shows_its_steps() {
    let script = [
        Act::say("220 mail.test ready\r\n"),
        Act::hear("QUIT\r\n"),
        Act::say("221 bye\r\n"),
    ];
    let server = Scripted::start(script).await.unwrap();
    let target = format!("tcp://{}", server.address());
    let dialogue = r#"request.dialogue=[{expect: "^220 "}, {send: "QUIT\r\n"}, {expect: "^221"}]"#;
    let told = tell(&["check", &target, "-n", "1", "--set", dialogue, "--json"]).await;
    assert_eq!(told.code, 0, "{}{}", told.stdout, told.stderr);
    let report = parsed(&told.stdout);
    assert_eq!(report["kind"], "tcp");
    adds_up(&report);
    let steps = report["attempts"][0]["dialogue"].as_array().unwrap();
    assert_eq!(steps.len(), 3);

    let told = tell(&["check", &target, "-n", "1", "--method", "HEAD"]).await;
    assert_eq!(told.code, 2);
    assert!(
        told.stderr.contains("--method is not a known field"),
        "{}",
        told.stderr
    );
}

#[tokio::test]
async fn a_handshake_shows_the_chain_also_when_it_is_not_trusted() {
    let root = Authority::root();
    let middle = root.intermediate(Validity::default());
    let identity = middle.server(&["localhost", "127.0.0.1"], Validity::default());
    let server = Scripted::start([Act::secure(identity.serve())])
        .await
        .unwrap();
    let target = format!("tls://localhost:{}", server.address().port());
    let line = ["check", &target, "-n", "1", "--family", "v4"];
    // A text in double quotes is the same in YAML.
    let roots = format!("request.tls.roots={:?}", root.certificate_pem());
    let told = tell(&[&line[..], &["--set", &roots, "--json"]].concat()).await;
    assert_eq!(told.code, 0, "{}{}", told.stdout, told.stderr);
    let report = parsed(&told.stdout);
    assert_eq!(report["kind"], "tls");
    adds_up(&report);
    let certificate = &report["attempts"][0]["certificate"];
    assert_eq!(certificate["verified"], true);
    let chain = certificate["chain"].as_array().unwrap();
    let on_path: Vec<_> = chain.iter().map(|link| &link["on_path"]).collect();
    assert_eq!(on_path, [&json!(true), &json!(true)]);

    let told = tell(&line).await;
    assert_eq!(told.code, 1);
    for text in [
        "tls cert unknown issuer",
        "Chain, 2 certificates",
        "not trusted here",
    ] {
        assert!(
            told.stdout.contains(text),
            "{text} is not in {}",
            told.stdout
        );
    }
}

#[tokio::test]
async fn what_should_be_away_is_up_when_it_is() {
    let url = nobody().await;
    let address = url.trim_start_matches("http://").trim_end_matches('/');
    let target = format!("tcp://{address}");
    let told = tell(&["check", &target, "-n", "1", "--set", "expect=down"]).await;
    assert_eq!(told.code, 0, "{}{}", told.stdout, told.stderr);
    assert!(told.stdout.contains("wanted away"), "{}", told.stdout);
}
