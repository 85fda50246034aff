//! Every type of records that can be asked for, as text.

use hickory_resolver::proto::rr::rdata::svcb::{Alpn, IpHint, SVCB, SvcParamKey, SvcParamValue};
use hickory_resolver::proto::rr::rdata::tlsa::{CertUsage, Matching, Selector};
use hickory_resolver::proto::rr::rdata::{
    A, AAAA, CAA, CNAME, HTTPS, MX, NAPTR, NS, NULL, PTR, SOA, SRV, TLSA, TXT,
};
use hickory_resolver::proto::rr::{Name, RData, RecordType as Proto};
use tidewatch_domain::monitor::RecordType;
use tidewatch_testkit::{DnsReply, DnsServer};

use super::{adds_up, asking};
use crate::support::{attempt, engine, options};

fn name(text: &str) -> Name {
    Name::from_ascii(text).unwrap()
}

fn raw(record_type: RecordType, bytes: &[u8]) -> RData {
    RData::Unknown {
        code: Proto::from(record_type.code()),
        rdata: NULL::with(bytes.to_vec()),
    }
}

fn service() -> SVCB {
    let protocols = Alpn(vec!["h2".to_owned(), "h3".to_owned()]);
    let hint = IpHint(vec![A::new(192, 0, 2, 1), A::new(192, 0, 2, 2)]);
    SVCB::new(
        1,
        name("web.example."),
        vec![
            (SvcParamKey::Alpn, SvcParamValue::Alpn(protocols)),
            (SvcParamKey::Port, SvcParamValue::Port(8_443)),
            (SvcParamKey::Ipv4Hint, SvcParamValue::Ipv4Hint(hint)),
        ],
    )
}

/// One record of each type, with its text.
fn record_and_text(record_type: RecordType) -> (RData, &'static str) {
    match record_type {
        RecordType::A => (RData::A(A::new(192, 0, 2, 1)), "192.0.2.1"),
        RecordType::Aaaa => (
            RData::AAAA(AAAA::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1)),
            "2001:db8::1",
        ),
        RecordType::Cname => (RData::CNAME(CNAME(name("web.example."))), "web.example."),
        RecordType::Mx => (
            RData::MX(MX::new(10, name("mail.example."))),
            "10 mail.example.",
        ),
        RecordType::Ns => (RData::NS(NS(name("ns1.example."))), "ns1.example."),
        RecordType::Txt => (
            RData::TXT(TXT::new(vec![
                "v=spf1 include:a.example ".to_owned(),
                "-all".to_owned(),
            ])),
            "v=spf1 include:a.example -all",
        ),
        RecordType::Soa => (
            RData::SOA(SOA::new(
                name("ns1.example."),
                name("admin.example."),
                2026112201,
                7_200,
                900,
                1_209_600,
                300,
            )),
            "ns1.example. admin.example. 2026112201 7200 900 1209600 300",
        ),
        RecordType::Srv => (
            RData::SRV(SRV::new(1, 2, 5_060, name("sip.example."))),
            "1 2 5060 sip.example.",
        ),
        RecordType::Ptr => (RData::PTR(PTR(name("host.example."))), "host.example."),
        RecordType::Caa => (
            RData::CAA(CAA::new_issue(true, Some(name("ca.example")), Vec::new())),
            "128 issue \"ca.example\"",
        ),
        RecordType::Ds => (
            raw(record_type, &[0x0e, 0xa9, 13, 2, 0xab, 0xcd]),
            "3753 13 2 ABCD",
        ),
        RecordType::Dnskey => (raw(record_type, &[1, 1, 3, 13, 0, 1, 2]), "257 3 13 AAEC"),
        RecordType::Tlsa => (
            RData::TLSA(TLSA::new(
                CertUsage::DaneEe,
                Selector::Spki,
                Matching::Sha256,
                vec![0xab, 0xcd],
            )),
            "3 1 1 abcd",
        ),
        RecordType::Https => (
            RData::HTTPS(HTTPS(service())),
            "1 web.example. alpn=h2,h3 port=8443 ipv4hint=192.0.2.1,192.0.2.2",
        ),
        RecordType::Svcb => (
            RData::SVCB(service()),
            "1 web.example. alpn=h2,h3 port=8443 ipv4hint=192.0.2.1,192.0.2.2",
        ),
        RecordType::Naptr => (
            RData::NAPTR(NAPTR::new(
                100,
                10,
                Box::from(*b"u"),
                Box::from(*b"E2U+sip"),
                Box::from(*b"!^.*$!sip:info@example.com!"),
                name("."),
            )),
            "100 10 \"u\" \"E2U+sip\" \"!^.*$!sip:info@example.com!\" .",
        ),
    }
}

#[tokio::test]
async fn every_type_is_asked_for_and_has_its_text() {
    let server = DnsServer::answering(|seen| {
        let record_type = RecordType::of_name(&seen.record_type).unwrap();
        DnsReply::answer().record(300, record_and_text(record_type).0)
    })
    .await
    .unwrap();
    let engine = engine(options());
    for record_type in RecordType::ALL {
        let monitor = asking(server.address(), |check| check.record_type = *record_type);
        let found = attempt(&engine, &monitor).await;
        adds_up(&found);
        let facts = found.dns.unwrap();
        let texts: Vec<&str> = facts.wanted().map(|record| record.data.as_str()).collect();
        assert_eq!(texts, [record_and_text(*record_type).1]);
        assert_eq!(facts.ttl(), Some(300));
        assert_eq!(facts.answers[0].name, "shop.example.");
    }
    let asked: Vec<String> = RecordType::ALL
        .iter()
        .map(|record_type| format!("shop.example. {}", record_type.name()))
        .collect();
    assert_eq!(server.questions(), asked);
}

#[tokio::test]
async fn an_alias_is_part_of_the_answer_and_strangers_are_not() {
    let server = DnsServer::answering(|_| {
        DnsReply::answer()
            .record(30, RData::CNAME(CNAME(name("web.example."))))
            .record_of("web.example.", 300, RData::A(A::new(192, 0, 2, 1)))
            .record_of("other.example.", 5, RData::A(A::new(192, 0, 2, 66)))
    })
    .await
    .unwrap();
    let found = attempt(&engine(options()), &asking(server.address(), |_| {})).await;
    adds_up(&found);
    let facts = found.dns.unwrap();
    let types: Vec<&str> = facts
        .answers
        .iter()
        .map(|record| record.record_type.as_str())
        .collect();
    assert_eq!(types, ["CNAME", "A"]);
    assert_eq!((facts.wanted().count(), facts.ttl()), (1, Some(30)));
}
