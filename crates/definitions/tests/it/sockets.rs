//! The kinds `tcp` and `tls`, and how TLS is spoken.

use tidewatch_definitions::{Format, Mode, encode, read};
use tidewatch_domain::monitor::{
    Assertion, Check, Expectation, StartTls, Step, TcpCheck, TextTest, TlsVersion,
};
use tidewatch_domain::{Kind, Monitor};
use url::Host;

use crate::valid::one;

/// A certificate that signed itself, for its form only.
const CERTIFICATE: &str =
    "-----BEGIN CERTIFICATE-----\\nMIIBszCCAVmgAwIBAgIUYm9ndXM=\\n-----END CERTIFICATE-----\\n";

pub(crate) const TCP: &str = r#"
- tenant: demo
  monitor_id: mail
  target: tcp://mail.example.com:25
  request:
    starttls: smtp
    tls: {server_name: smtp.example.com, alpn: [smtp], min_version: 1.2, max_version: "1.3"}
    dialogue:
      - {send: "EHLO ${env:TIDEWATCH_SECRET_NAME}\r\n"}
      - {expect: '^250[- ](.*)$'}
      - {send: "X ${1} ${0}\r\n"}
      - {send_hex: "0d 0A ff"}
      - {expect: "^2"}
    family: v4
    reply_limit: 4096
  assertions:
    - {on: reply, contains: "2"}
  expect: up
"#;

pub(crate) const TLS: &str = r#"
- tenant: demo
  monitor_id: directory
  target: tls://10.0.0.1:636/
  request:
    tls:
      verify: false
      client_certificate:
        certificate: "-----BEGIN CERTIFICATE-----\nTUlJQg==\n-----END CERTIFICATE-----\n"
        key: "${env:TIDEWATCH_SECRET_KEY}"
  expect: down
"#;

fn tcp(monitor: &Monitor) -> &TcpCheck {
    let Check::Tcp(check) = &monitor.check else {
        panic!("{:?}", monitor.check)
    };
    check
}

/// The faults of one entry of these fields.
fn faults(fields: &str) -> String {
    let yaml = format!("- {{tenant: demo, monitor_id: m, {fields}}}");
    let definitions = read(&yaml, "a.yaml", Format::Yaml, Mode::Local);
    let faults: Vec<String> = definitions.faults.iter().map(ToString::to_string).collect();
    assert_eq!(
        faults.is_empty(),
        !definitions.monitors.is_empty(),
        "{fields}"
    );
    faults.join("\n")
}

#[test]
fn a_host_and_a_port_are_a_complete_entry() {
    let monitor = one(
        "- {tenant: a, monitor_id: b, target: 'tcp://Shop.Example.:80'}",
        Mode::Aws,
    );
    assert_eq!(monitor.kind(), Kind::Tcp);
    assert_eq!(monitor.expect, Expectation::Up);
    let check = tcp(&monitor);
    assert_eq!(check.endpoint.to_string(), "shop.example.:80");
    assert!(check.encryption.is_none() && check.dialogue.is_empty());
    assert_eq!(check.reply_limit, 16 * 1024);
    assert_eq!(monitor.public_target(), "tcp://shop.example.:80");
    assert_eq!(monitor.check.host().unwrap().to_string(), "shop.example.");
}

#[test]
fn every_field_of_a_dialogue_arrives() {
    let monitor = one(TCP, Mode::Local);
    let check = tcp(&monitor);
    let encryption = check.encryption.as_ref().unwrap();
    assert_eq!(encryption.starttls, Some(StartTls::Smtp));
    let options = &encryption.options;
    assert_eq!(options.server_name.as_deref(), Some("smtp.example.com"));
    assert_eq!(options.alpn, ["smtp"]);
    assert_eq!(
        (options.min_version, options.max_version),
        (TlsVersion::V1_2, TlsVersion::V1_3)
    );
    assert!(options.verify);
    assert_eq!(check.dialogue.len(), 5);
    assert_eq!(check.dialogue[3], Step::SendBytes(vec![0x0d, 0x0a, 0xff]));
    let Step::Send(message) = &check.dialogue[2] else {
        panic!("{:?}", check.dialogue)
    };
    assert_eq!(message.captures().collect::<Vec<_>>(), [1, 0]);
    assert_eq!(check.reply_limit, 4_096);
    assert_eq!(
        monitor.assertions,
        [Assertion::Reply(TextTest::Contains("2".to_owned()))]
    );
}

#[test]
fn every_field_of_a_handshake_arrives_and_no_key_is_shown() {
    let monitor = one(TLS, Mode::Local);
    let Check::Tls(check) = &monitor.check else {
        panic!("{:?}", monitor.check)
    };
    assert_eq!(check.endpoint.host, Host::parse("10.0.0.1").unwrap());
    assert_eq!(monitor.public_target(), "tls://10.0.0.1:636");
    assert!(!check.encryption.options.verify);
    let client = check
        .encryption
        .options
        .client_certificate
        .as_ref()
        .unwrap();
    assert_eq!(client.key.to_string(), "env:TIDEWATCH_SECRET_KEY");
    assert_eq!(monitor.expect, Expectation::Down);
    let json = encode(&monitor).to_string();
    assert!(json.contains("${env:TIDEWATCH_SECRET_KEY}"), "{json}");
}

#[test]
fn an_address_cannot_pass_as_a_name() {
    for target in [
        "tcp://127.0.0.1:22",
        "tls://0x7f.1:443",
        "tcp://2130706433:22",
        "tls://[::ffff:127.0.0.1]:443",
        "tcp://localhost:1",
    ] {
        let yaml = format!("- {{tenant: a, monitor_id: b, target: '{target}'}}");
        let definitions = read(&yaml, "a.yaml", Format::Yaml, Mode::Aws);
        assert!(definitions.monitors.is_empty(), "{target}");
        let fault = definitions.faults[0].to_string();
        assert!(fault.contains("loopback"), "{fault}");
    }
}

#[test]
fn wrong_entries_are_told_what_is_wrong() {
    let cases = [
        ("target: 'tcp://a.de'", "names no port"),
        ("target: 'tcp://[::1]'", "names no port"),
        ("target: 'tls://a.de:0'", "has port 0"),
        ("target: 'tls://a.de:99999'", "is not a host and a port"),
        ("target: 'tcp://a.de:1/x'", "more than a host and a port"),
        ("target: 'tcp://me:hunter2@a.de:1'", "user information"),
        ("target: 'a.de:25', kind: tcp", "has no scheme"),
        (
            "target: 'https://a.de', kind: tls",
            "another scheme than the kind",
        ),
        (
            "target: 'tcp://a.de:1', connection: reuse",
            "is not for the kind tcp",
        ),
        (
            "target: 'tcp://a.de:1', assertions: [{on: reply, equals: x}]",
            "because nothing is read",
        ),
        (
            "target: 'tcp://a.de:1', assertions: [{on: status, is: 200}]",
            "use `reply`",
        ),
        (
            "target: 'https://a.de', assertions: [{on: reply, equals: x}]",
            "use `status`, `header` or `body`",
        ),
        (
            "target: 'tcp://a.de:1', request: {dialogue: [{send: a, expect: b}]}",
            "request.dialogue[0]: is not exactly one step",
        ),
        (
            "target: 'tcp://a.de:1', request: {dialogue: [{send: '${1}'}]}",
            "nothing was captured before",
        ),
        (
            "target: 'tcp://a.de:1', request: {dialogue: [{expect: 'a(b)'}, {send: '${2}'}]}",
            "captures only up to 1",
        ),
        (
            "target: 'tcp://a.de:1', request: {dialogue: [{send: '${x}'}]}",
            "neither a secret nor a captured group",
        ),
        (
            "target: 'tcp://a.de:1', request: {dialogue: [{send: '${env:HOME}'}]}",
            "does not begin with TIDEWATCH_SECRET_",
        ),
        (
            "target: 'tcp://a.de:1', request: {dialogue: [{send_hex: abc}]}",
            "is not in hexadecimal",
        ),
        (
            "target: 'tcp://a.de:1', request: {dialogue: [{expect: '('}]}",
            "is not a regular expression",
        ),
        (
            "target: 'tcp://a.de:1', request: {starttls: smpt}",
            "did you mean `smtp`?",
        ),
        (
            "target: 'tls://a.de:1', request: {method: GET}",
            "is not a known field",
        ),
        (
            "target: 'tls://a.de:1', request: {tls: {min_version: 1.3, max_version: 1.2}}",
            "is older than min_version",
        ),
        (
            "target: 'tls://a.de:1', request: {tls: {min_version: 1.1}}",
            "is not a version of TLS",
        ),
        (
            "target: 'tls://a.de:1', request: {tls: {server_name: 10.0.0.1}}",
            "is not a name",
        ),
        (
            "target: 'tls://a.de:1', request: {tls: {insecure: true}}",
            "did you mean `verify`?",
        ),
        (
            "target: 'https://a.de', request: {tls: {alpn: [h2]}}",
            "is not a known field",
        ),
        (
            "target: 'tls://a.de:1', request: {tls: {roots: hunter2}}",
            "holds no certificate",
        ),
        (
            "target: 'tls://a.de:1', request: {tls: {client_certificate: {key: hunter2}}}",
            "is not a reference to a secret",
        ),
        (
            "target: 'tls://a.de:1', expect: closed",
            "is not one of the known words",
        ),
    ];
    let mut missing = Vec::new();
    for (fields, wanted) in cases {
        let faults = faults(fields);
        if !faults.contains(wanted) || faults.contains("hunter2") {
            missing.push(format!("{fields}: wanted `{wanted}`, got {faults}"));
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
}

#[test]
fn keys_do_not_belong_into_definitions() {
    let key = CERTIFICATE.replace("CERTIFICATE", "PRIVATE KEY");
    let faults = faults(&format!(
        "target: 'https://a.de', request: {{tls: {{roots: \"{CERTIFICATE}{key}\"}}}}"
    ));
    assert!(faults.contains("holds a private key"), "{faults}");
    assert!(!faults.contains("MIIB"), "{faults}");
}
