//! Entries of kind `dns`.

use tidewatch_definitions::Mode;
use tidewatch_domain::monitor::{
    Assertion, Bounds, Check, DnsAssertion, DnsCheck, DnsTransport, Network, RecordType, Which,
};
use tidewatch_domain::probe::{DnsFlag, Rcode};

use crate::valid::one;

fn check(fields: &str) -> DnsCheck {
    let yaml = format!("- {{tenant: a, monitor_id: b, {fields}}}");
    match one(&yaml, Mode::Local).check {
        Check::Dns(check) => check,
        other => panic!("{other:?}"),
    }
}

/// Name, type and server of a target.
fn asks(fields: &str) -> (String, RecordType, Option<String>) {
    let check = check(fields);
    let server = check.server.map(|server| server.to_string());
    (check.name, check.record_type, server)
}

#[test]
fn a_target_is_a_complete_question() {
    assert_eq!(
        check("target: 'dns:example.com'"),
        DnsCheck {
            name: "example.com.".to_owned(),
            record_type: RecordType::A,
            server: None,
            transport: None,
            recursion: true,
            edns_size: Some(1_232),
            dnssec: false,
            network: Network::default(),
        }
    );
}

#[test]
fn every_form_of_a_target_is_understood() {
    let arpa = "1.2.0.192.in-addr.arpa.";
    for (fields, name, record_type, server) in [
        (
            "target: 'dns:Example.com.?TYPE=mx'",
            "example.com.",
            RecordType::Mx,
            None,
        ),
        (
            "target: 'DNS://192.0.2.53/example.com?class=IN;type=AAAA'",
            "example.com.",
            RecordType::Aaaa,
            Some("192.0.2.53:53"),
        ),
        (
            "target: 'dns://[2001:db8::53]:5353/_dmarc.example.com?type=TXT'",
            "_dmarc.example.com.",
            RecordType::Txt,
            Some("[2001:db8::53]:5353"),
        ),
        (
            "target: 'dns://ns1.example.com/example.com?type=SOA', request: {transport: tls}",
            "example.com.",
            RecordType::Soa,
            Some("ns1.example.com:853"),
        ),
        ("target: 'dns:.?type=NS'", ".", RecordType::Ns, None),
        (
            "target: 'dns:bücher.example'",
            "xn--bcher-kva.example.",
            RecordType::A,
            None,
        ),
        ("target: 'dns:192.0.2.1'", arpa, RecordType::Ptr, None),
        (
            "target: 'dns:192.0.2.1?type=PTR'",
            arpa,
            RecordType::Ptr,
            None,
        ),
        (
            "target: example.com, kind: dns",
            "example.com.",
            RecordType::A,
            None,
        ),
        (
            "target: '2001:db8::1', kind: dns",
            "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa.",
            RecordType::Ptr,
            None,
        ),
        (
            "target: example.com, kind: dns, request: {server: '192.0.2.53:54', type: caa}",
            "example.com.",
            RecordType::Caa,
            Some("192.0.2.53:54"),
        ),
        // Said twice, but the same.
        (
            "target: 'dns://192.0.2.53/example.com?type=MX', request: {server: '192.0.2.53:53', type: MX}",
            "example.com.",
            RecordType::Mx,
            Some("192.0.2.53:53"),
        ),
    ] {
        let wanted = (name.to_owned(), record_type, server.map(str::to_owned));
        assert_eq!(asks(fields), wanted, "{fields}");
    }
}

#[test]
fn every_field_of_a_request_arrives() {
    let check = check(
        "target: 'dns://ns1.example.com/example.com', request: {transport: tcp, recursion: false, \
         edns_size: 0, family: v6, resolver: 192.0.2.53, address: '2001:db8::1'}",
    );
    assert_eq!(check.transport, Some(DnsTransport::Tcp));
    assert!(!check.recursion && !check.dnssec);
    assert_eq!(check.edns_size, None);
    assert_eq!(
        check.network.resolver,
        Some("192.0.2.53:53".parse().unwrap())
    );
    assert_eq!(check.network.address, Some("2001:db8::1".parse().unwrap()));
}

#[test]
fn every_assertion_arrives() {
    let monitor = one(EVERY_ASSERTION, Mode::Local);
    let demands: Vec<&DnsAssertion> = monitor
        .assertions
        .iter()
        .map(|assertion| match assertion {
            Assertion::Dns(demand) => demand,
            other => panic!("{other:?}"),
        })
        .collect();
    let bounds = |at_least, at_most| Bounds { at_least, at_most };
    assert_eq!(
        demands[0],
        &DnsAssertion::Rcode(vec![Rcode::NOERROR, Rcode::NXDOMAIN])
    );
    assert_eq!(demands[1], &DnsAssertion::Rcode(vec![Rcode::REFUSED]));
    let quantities: Vec<Which> = demands[2..5]
        .iter()
        .map(|demand| match demand {
            DnsAssertion::Answer { which, .. } => *which,
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(quantities, [Which::Any, Which::All, Which::None]);
    assert_eq!(demands[5], &DnsAssertion::Count(bounds(Some(2), Some(2))));
    assert_eq!(
        demands[6],
        &DnsAssertion::Ttl(bounds(Some(60), Some(3_600)))
    );
    assert_eq!(
        demands[7..],
        [
            &DnsAssertion::Flag {
                flag: DnsFlag::Aa,
                is: true
            },
            &DnsAssertion::Flag {
                flag: DnsFlag::Ad,
                is: false
            },
        ]
    );
}

pub(crate) const EVERY_ASSERTION: &str = r#"
- tenant: demo
  monitor_id: zone
  target: dns://192.0.2.53/example.com?type=MX
  request: {transport: tls, dnssec: true, edns_size: 4096}
  assertions:
    - {on: dns_rcode, is: [NOERROR, nxdomain]}
    - {on: dns_rcode, is: REFUSED}
    - {on: dns_answer, any: {equals: 10 mail.example.com.}}
    - {on: dns_answer, all: {matches: '\.example\.com\.$'}}
    - {on: dns_answer, none: {contains: old}}
    - {on: dns_count, is: 2}
    - {on: dns_ttl, at_least: 60, at_most: 3600}
    - {on: dns_flag, flag: aa}
    - {on: dns_flag, flag: ad, is: false}
"#;

#[test]
fn every_kind_takes_a_resolver_and_an_address() {
    let monitor = one(
        "- {tenant: a, monitor_id: b, target: 'https://c.de', request: {resolver: '[2001:db8::53]:54', address: 192.0.2.1}}",
        Mode::Local,
    );
    let Check::Http(check) = monitor.check else {
        panic!("{:?}", monitor.check)
    };
    assert_eq!(
        check.network.resolver,
        Some("[2001:db8::53]:54".parse().unwrap())
    );
    assert_eq!(check.network.address, Some("192.0.2.1".parse().unwrap()));
}
