//! What came back: whether it is an answer to the question, and what it says.

use hickory_resolver::proto::op::{Message as Proto, MessageType, Query, ResponseCode};
use hickory_resolver::proto::rr::{Name, RData, Record};
use tidewatch_domain::monitor::{DnsTransport, RecordType};
use tidewatch_domain::probe::{DnsFacts, DnsFlag, DnsRecord, Rcode};

use super::question::{Message, Question};
use super::text;

/// The longest chain of aliases that is followed.
const ALIASES: usize = 16;

/// An answer to the question.
#[derive(Clone, Debug)]
pub(super) struct Answer {
    message: Proto,
    length: usize,
}

/// Why something that came is no answer to the question. Each completes "`server` ...".
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Refused {
    /// It belongs to another question, or somebody else sent it. The answer may still come.
    Foreign(String),
    /// It is the answer, and cannot be used.
    Unusable(String),
}

impl Refused {
    /// What is wrong, for people.
    pub(super) fn text(&self) -> &str {
        match self {
            Refused::Foreign(text) | Refused::Unusable(text) => text,
        }
    }
}

impl Answer {
    /// Reads `bytes` as the answer to `asked`.
    pub(super) fn read(bytes: &[u8], asked: &Message) -> Result<Self, Refused> {
        let Some(id) = bytes.first_chunk().map(|id| u16::from_be_bytes(*id)) else {
            let text = format!("sent {} bytes, which are no message", bytes.len());
            return Err(Refused::Foreign(text));
        };
        if id != asked.id {
            let text = "answered under another number than the question's".to_owned();
            return Err(Refused::Foreign(text));
        }
        let message = Proto::from_vec(bytes).map_err(|error| {
            Refused::Unusable(format!("sent an answer that cannot be read: {error}"))
        })?;
        if message.metadata.message_type != MessageType::Response {
            let text = "sent a question back instead of an answer".to_owned();
            return Err(Refused::Unusable(text));
        }
        if !repeats(&message, &asked.query) {
            let text = match message.queries.first() {
                Some(other) => format!(
                    "answered another question: {} {}",
                    other.name(),
                    other.query_type()
                ),
                None => "answered without repeating the question".to_owned(),
            };
            return Err(Refused::Foreign(text));
        }
        Ok(Answer {
            message,
            length: bytes.len(),
        })
    }

    /// Whether the server had more to say than fitted.
    pub(super) fn is_cut_off(&self) -> bool {
        self.message.metadata.truncation
    }

    /// Its length in bytes.
    pub(super) fn length(&self) -> u64 {
        self.length as u64
    }

    /// What it says.
    pub(super) fn facts(
        &self,
        question: &Question,
        record_type: RecordType,
        transport: DnsTransport,
        cut_off_over_udp: bool,
    ) -> DnsFacts {
        let metadata = &self.message.metadata;
        let set = |flag: &DnsFlag| match flag {
            DnsFlag::Aa => metadata.authoritative,
            DnsFlag::Tc => metadata.truncation,
            DnsFlag::Rd => metadata.recursion_desired,
            DnsFlag::Ra => metadata.recursion_available,
            DnsFlag::Ad => metadata.authentic_data,
        };
        DnsFacts {
            record_type,
            rcode: Rcode::new(u16::from(metadata.response_code)),
            flags: DnsFlag::ALL.iter().copied().filter(set).collect(),
            answers: belonging(question.name(), &self.message.answers)
                .into_iter()
                .map(record)
                .collect(),
            authorities: self.message.authorities.len(),
            transport,
            cut_off_over_udp,
        }
    }
}

/// Whether the message repeats the question. Some servers leave it out where they refuse to read
/// it.
fn repeats(message: &Proto, asked: &Query) -> bool {
    match message.queries.as_slice() {
        [] => !matches!(
            message.metadata.response_code,
            ResponseCode::NoError | ResponseCode::NXDomain
        ),
        [repeated] => {
            repeated.name().eq_ignore_root(asked.name())
                && repeated.query_type() == asked.query_type()
                && repeated.query_class() == asked.query_class()
        }
        _ => false,
    }
}

/// The records of `name` and of what it is an alias of. Others have no business in an answer, and
/// a resolver would not believe them.
fn belonging<'a>(name: &Name, records: &'a [Record]) -> Vec<&'a Record> {
    let mut names = vec![name];
    // Aliases mostly come in order, so that one round finds them all and a second finds no more.
    for _ in 0..ALIASES {
        let before = names.len();
        for record in records {
            if let RData::CNAME(target) = &record.data
                && names.len() <= ALIASES
                && !names.contains(&&target.0)
                && names.contains(&&record.name)
            {
                names.push(&target.0);
            }
        }
        if names.len() == before {
            break;
        }
    }
    records
        .iter()
        .filter(|record| names.contains(&&record.name))
        .collect()
}

fn record(record: &Record) -> DnsRecord {
    DnsRecord {
        name: text::escaped(&record.name.to_ascii()),
        record_type: text::record_type(record.record_type()),
        ttl: record.ttl,
        data: text::data(&record.data),
    }
}

#[cfg(test)]
mod tests;
