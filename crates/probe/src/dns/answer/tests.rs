use std::net::Ipv4Addr;

use hickory_resolver::proto::op::OpCode;
use hickory_resolver::proto::rr::RecordType as ProtoType;
use hickory_resolver::proto::rr::rdata::CNAME;
use proptest::prelude::*;
use tidewatch_domain::monitor::{DnsCheck, Network};

use super::*;

fn question() -> Question {
    Question::new(&DnsCheck {
        name: "shop.example.".to_owned(),
        record_type: RecordType::A,
        server: None,
        transport: None,
        recursion: true,
        edns_size: None,
        dnssec: false,
        network: Network::default(),
    })
    .unwrap()
}

fn name(text: &str) -> Name {
    Name::from_ascii(text).unwrap()
}

fn alias(from: &str, to: &str) -> Record {
    Record::from_rdata(name(from), 60, RData::CNAME(CNAME(name(to))))
}

fn address(of: &str, last: u8) -> Record {
    let address = Ipv4Addr::new(192, 0, 2, last);
    Record::from_rdata(name(of), 60, RData::A(address.into()))
}

/// A good answer with these records, changed by `change`.
fn read(records: Vec<Record>, change: impl FnOnce(&mut Proto)) -> Result<Answer, Refused> {
    let asked = question().message().unwrap();
    let mut reply = Proto::response(asked.id, OpCode::Query);
    reply.add_query(asked.query.clone());
    reply.insert_answers(records);
    change(&mut reply);
    Answer::read(&reply.to_vec().unwrap(), &asked)
}

#[test]
fn only_records_on_the_chain_of_aliases_belong_to_the_answer() {
    let answer = read(
        vec![
            address("c.example.", 3),
            alias("b.example.", "c.example."),
            alias("SHOP.example.", "b.example."),
            address("elsewhere.example.", 9),
        ],
        |_| {},
    )
    .unwrap();
    let facts = answer.facts(&question(), RecordType::A, DnsTransport::Udp, false);
    let names: Vec<&str> = facts
        .answers
        .iter()
        .map(|record| record.name.as_str())
        .collect();
    assert_eq!(names, ["c.example.", "b.example.", "SHOP.example."]);
    assert_eq!(facts.wanted().count(), 1);
}

#[test]
fn a_circle_of_aliases_has_an_end() {
    let answer = read(
        vec![
            alias("shop.example.", "b.example."),
            alias("b.example.", "shop.example."),
        ],
        |_| {},
    )
    .unwrap();
    let facts = answer.facts(&question(), RecordType::A, DnsTransport::Udp, false);
    assert_eq!((facts.answers.len(), facts.wanted().count()), (2, 0));
}

#[test]
fn what_is_no_answer_to_the_question_is_told_apart() {
    let foreign = |result: Result<Answer, Refused>| matches!(result, Err(Refused::Foreign(_)));
    let unusable = |result: Result<Answer, Refused>| matches!(result, Err(Refused::Unusable(_)));
    assert!(foreign(read(Vec::new(), |reply| reply.metadata.id ^= 1)));
    assert!(foreign(read(Vec::new(), |reply| {
        reply.queries = vec![Query::query(name("shop.example."), ProtoType::MX)];
    })));
    assert!(foreign(read(Vec::new(), |reply| {
        reply.queries = vec![Query::query(name("other.example."), ProtoType::A)];
    })));
    assert!(foreign(read(Vec::new(), |reply| reply.queries.clear())));
    assert!(unusable(read(Vec::new(), |reply| {
        reply.metadata.message_type = MessageType::Query;
    })));
    // A server that could not read the question cannot repeat it.
    let formerr = read(Vec::new(), |reply| {
        reply.queries.clear();
        reply.metadata.response_code = ResponseCode::FormErr;
    });
    let facts = formerr
        .unwrap()
        .facts(&question(), RecordType::A, DnsTransport::Tcp, true);
    assert_eq!(facts.rcode.to_string(), "FORMERR");
    assert!(facts.cut_off_over_udp);
}

#[test]
fn flags_come_in_the_order_of_the_header() {
    let answer = read(Vec::new(), |reply| {
        reply.metadata.authentic_data = true;
        reply.metadata.authoritative = true;
        reply.metadata.truncation = true;
    })
    .unwrap();
    assert!(answer.is_cut_off());
    let facts = answer.facts(&question(), RecordType::A, DnsTransport::Udp, false);
    assert_eq!(facts.flags, [DnsFlag::Aa, DnsFlag::Tc, DnsFlag::Ad]);
}

proptest! {
    /// Nothing that a server sends makes the reader panic.
    #[test]
    fn any_bytes_are_read_or_refused(rest in prop::collection::vec(any::<u8>(), 0..600), header in any::<[u8; 8]>()) {
        let asked = question().message().unwrap();
        let mut bytes = asked.id.to_be_bytes().to_vec();
        bytes.extend([0x81, 0x80]);
        bytes.extend(header.map(|byte| byte & 3));
        bytes.extend(&asked.bytes[12..]);
        bytes.extend(rest);
        if let Ok(answer) = Answer::read(&bytes, &asked) {
            let facts = answer.facts(&question(), RecordType::A, DnsTransport::Udp, false);
            prop_assert!(facts.answers.iter().all(|record| !record.data.contains('\n')));
        }
    }
}
