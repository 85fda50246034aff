//! What a name server does with a question.

use std::net::IpAddr;
use std::time::Duration;

use hickory_resolver::proto::op::{Message, Query, ResponseCode};
use hickory_resolver::proto::rr::{Name, RData, Record, RecordType};

/// What a name server says about a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DnsAnswer {
    /// It has this address, and none of the other family.
    Address(IpAddr),
    /// It exists, without any address.
    NoData,
    /// NXDOMAIN.
    NxDomain,
    /// SERVFAIL.
    ServFail,
    /// REFUSED.
    Refused,
    /// Nothing at all.
    Silence,
    /// A packet that is no answer.
    Garbage,
}

/// A question as a name server saw it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DnsSeen {
    /// The name, in lower case, with a dot at the end.
    pub name: String,
    /// The type, as in zone files.
    pub record_type: String,
    /// `udp`, `tcp` or `tls`.
    pub transport: &'static str,
    /// Whether recursion was asked for.
    pub recursion: bool,
    /// The answer's size that EDNS offered; `None` without EDNS.
    pub edns_size: Option<u16>,
    /// Whether DNSSEC records were asked for.
    pub dnssec: bool,
}

impl DnsSeen {
    pub(super) fn of(message: &Message, transport: &'static str) -> Option<Self> {
        let query = message.queries.first()?;
        let edns = message.edns.as_ref();
        Some(DnsSeen {
            name: query.name().to_lowercase().to_string(),
            record_type: query.query_type().to_string(),
            transport,
            recursion: message.metadata.recursion_desired,
            edns_size: edns.map(|edns| edns.max_payload()),
            dnssec: edns.is_some_and(|edns| edns.flags().dnssec_ok),
        })
    }
}

/// What a name server does with a question: one thing after another.
#[derive(Clone, Debug, Default)]
pub struct DnsReply {
    pub(super) deeds: Vec<Deed>,
}

/// One thing that a name server does.
#[derive(Clone, Debug)]
pub(super) enum Deed {
    Wait(Duration),
    Send(Draft),
    /// Over TCP: part of the answer, then the end of the connection.
    SendHalf(Draft),
    /// Over TCP: the end of the connection.
    Close,
}

/// A message in the making.
#[derive(Clone, Debug, Default)]
pub(super) struct Draft {
    rcode: ResponseCode,
    records: Vec<(Option<Name>, u32, RData)>,
    authoritative: bool,
    verified: bool,
    cut_off: bool,
    fault: Option<Fault>,
}

#[derive(Clone, Copy, Debug)]
enum Fault {
    OtherNumber,
    OtherQuestion,
    NoMessage,
    Echo,
}

impl DnsReply {
    /// Nothing at all.
    pub fn silence() -> Self {
        DnsReply::default()
    }

    /// An answer without records.
    pub fn answer() -> Self {
        DnsReply::sending(Draft::default())
    }

    /// An answer with this response code and no records.
    pub fn code(rcode: ResponseCode) -> Self {
        DnsReply::sending(Draft {
            rcode,
            ..Draft::default()
        })
    }

    /// The right number, then nonsense.
    pub fn garbage() -> Self {
        DnsReply::faulty(Fault::NoMessage)
    }

    /// An answer under another number than the question's.
    pub fn other_number() -> Self {
        DnsReply::faulty(Fault::OtherNumber)
    }

    /// An answer to another question.
    pub fn other_question() -> Self {
        DnsReply::faulty(Fault::OtherQuestion)
    }

    /// The question itself, sent back.
    pub fn echo() -> Self {
        DnsReply::faulty(Fault::Echo)
    }

    /// Over TCP: the end of the connection.
    pub fn close() -> Self {
        DnsReply {
            deeds: vec![Deed::Close],
        }
    }

    fn faulty(fault: Fault) -> Self {
        DnsReply::sending(Draft {
            fault: Some(fault),
            ..Draft::default()
        })
    }

    fn sending(draft: Draft) -> Self {
        DnsReply {
            deeds: vec![Deed::Send(draft)],
        }
    }

    /// One more record of the name that was asked for.
    #[must_use]
    pub fn record(self, ttl: u32, data: RData) -> Self {
        self.drafted(|draft| draft.records.push((None, ttl, data)))
    }

    /// One more record of another name.
    ///
    /// Panics when `name` is none.
    #[must_use]
    pub fn record_of(self, name: &str, ttl: u32, data: RData) -> Self {
        let name = Name::from_ascii(name).expect("the name of the record is one");
        self.drafted(|draft| draft.records.push((Some(name), ttl, data)))
    }

    /// The answer comes from an authority (the flag AA).
    #[must_use]
    pub fn authoritative(self) -> Self {
        self.drafted(|draft| draft.authoritative = true)
    }

    /// The server says that it verified the answer (the flag AD).
    #[must_use]
    pub fn verified(self) -> Self {
        self.drafted(|draft| draft.verified = true)
    }

    /// The answer is marked as cut off (the flag TC).
    #[must_use]
    pub fn cut_off(self) -> Self {
        self.drafted(|draft| draft.cut_off = true)
    }

    /// Over TCP: only half of the answer comes before the connection ends.
    #[must_use]
    pub fn half(mut self) -> Self {
        if let Some(Deed::Send(draft)) = self.deeds.pop() {
            self.deeds.push(Deed::SendHalf(draft));
        }
        self
    }

    /// All of this comes so much later.
    #[must_use]
    pub fn late(mut self, by: Duration) -> Self {
        self.deeds.insert(0, Deed::Wait(by));
        self
    }

    /// Then all of `next`.
    #[must_use]
    pub fn then(mut self, next: DnsReply) -> Self {
        self.deeds.extend(next.deeds);
        self
    }

    fn drafted(mut self, change: impl FnOnce(&mut Draft)) -> Self {
        if let Some(Deed::Send(draft)) = self.deeds.last_mut() {
            change(draft);
        }
        self
    }
}

impl Draft {
    /// The bytes of the answer to `question`.
    pub(super) fn bytes(&self, question: &Message) -> Option<Vec<u8>> {
        let query = question.queries.first()?;
        let mut reply = question.clone().into_response();
        reply.metadata.recursion_available = true;
        reply.metadata.response_code = self.rcode;
        reply.metadata.authoritative = self.authoritative;
        reply.metadata.authentic_data = self.verified;
        reply.metadata.truncation = self.cut_off;
        for (name, ttl, data) in &self.records {
            let name = name.clone().unwrap_or_else(|| query.name().clone());
            reply.add_answer(Record::from_rdata(name, *ttl, data.clone()));
        }
        match self.fault {
            None => {}
            Some(Fault::OtherNumber) => reply.metadata.id ^= 1,
            Some(Fault::OtherQuestion) => {
                reply.queries = vec![Query::query(Name::root(), RecordType::NS)];
            }
            Some(Fault::Echo) => return question.to_vec().ok(),
            Some(Fault::NoMessage) => {
                let mut bytes = reply.metadata.id.to_be_bytes().to_vec();
                bytes.extend([0xff; 10]);
                return Some(bytes);
            }
        }
        reply.to_vec().ok()
    }
}

impl DnsAnswer {
    /// What is done with a question for records of type `record_type`.
    pub(super) fn reply(self, record_type: &str) -> DnsReply {
        match self {
            DnsAnswer::Address(address) => {
                let data = RData::from(address);
                if data.record_type().to_string() == record_type {
                    DnsReply::answer().record(60, data)
                } else {
                    DnsReply::answer()
                }
            }
            DnsAnswer::NoData => DnsReply::answer(),
            DnsAnswer::NxDomain => DnsReply::code(ResponseCode::NXDomain),
            DnsAnswer::ServFail => DnsReply::code(ResponseCode::ServFail),
            DnsAnswer::Refused => DnsReply::code(ResponseCode::Refused),
            DnsAnswer::Silence => DnsReply::silence(),
            DnsAnswer::Garbage => DnsReply::garbage(),
        }
    }
}
