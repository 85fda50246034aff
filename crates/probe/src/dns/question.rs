//! What is asked.

use hickory_resolver::proto::op::{Edns, Message as Proto, Query};
use hickory_resolver::proto::rr::{Name, RecordType};
use tidewatch_domain::monitor::DnsCheck;
use tidewatch_domain::{Cause, ErrorClass, ErrorOwner};

/// The question of a monitor.
#[derive(Clone, Debug)]
pub(super) struct Question {
    name: Name,
    record_type: RecordType,
    recursion: bool,
    edns_size: Option<u16>,
    dnssec: bool,
}

/// The question as it is sent once, with a number of its own.
#[derive(Clone, Debug)]
pub(super) struct Message {
    /// The number that the answer must have; from a generator that cannot be predicted, since it
    /// keeps strangers from answering.
    pub(super) id: u16,
    /// What the answer must repeat.
    pub(super) query: Query,
    /// As it goes into a datagram.
    pub(super) bytes: Vec<u8>,
}

impl Question {
    /// The question that `check` asks.
    pub(super) fn new(check: &DnsCheck) -> Result<Self, Cause> {
        let name = Name::from_ascii(&check.name).map_err(|error| unusable(&check.name, &error))?;
        Ok(Question {
            name,
            record_type: RecordType::from(check.record_type.code()),
            recursion: check.recursion,
            edns_size: check.edns_size,
            dnssec: check.dnssec,
        })
    }

    /// The name asked for.
    pub(super) fn name(&self) -> &Name {
        &self.name
    }

    /// The question under a new number.
    pub(super) fn message(&self) -> Result<Message, Cause> {
        let query = Query::query(self.name.clone(), self.record_type);
        let mut message = Proto::query();
        message.metadata.recursion_desired = self.recursion;
        message.add_query(query.clone());
        if let Some(size) = self.edns_size {
            let mut edns = Edns::new();
            edns.set_max_payload(size).set_dnssec_ok(self.dnssec);
            message.set_edns(edns);
        }
        let bytes = message
            .to_vec()
            .map_err(|error| unusable(&self.name.to_ascii(), &error))?;
        Ok(Message {
            id: message.metadata.id,
            query,
            bytes,
        })
    }
}

fn unusable(name: &str, error: &dyn std::error::Error) -> Cause {
    Cause {
        owner: ErrorOwner::Config,
        ..Cause::new(
            ErrorClass::DnsBadAnswer,
            format!("`{name}` cannot be asked for: {error}"),
        )
    }
}

#[cfg(test)]
mod tests {
    use tidewatch_domain::monitor::{Network, RecordType as Wanted};

    use super::*;

    fn check() -> DnsCheck {
        DnsCheck {
            name: "shop.example.".to_owned(),
            record_type: Wanted::Mx,
            server: None,
            transport: None,
            recursion: false,
            edns_size: Some(1_400),
            dnssec: true,
            network: Network::default(),
        }
    }

    #[test]
    fn flags_and_sizes_are_in_the_message() {
        let message = Question::new(&check()).unwrap().message().unwrap();
        let read = Proto::from_vec(&message.bytes).unwrap();
        assert_eq!(read.metadata.id, message.id);
        assert!(!read.metadata.recursion_desired);
        assert_eq!(read.queries, [message.query]);
        let edns = read.edns.unwrap();
        assert_eq!((edns.max_payload(), edns.flags().dnssec_ok), (1_400, true));

        let plain = DnsCheck {
            recursion: true,
            edns_size: None,
            ..check()
        };
        let message = Question::new(&plain).unwrap().message().unwrap();
        let read = Proto::from_vec(&message.bytes).unwrap();
        assert!(read.metadata.recursion_desired && read.edns.is_none());
        // 12 bytes of header, the name, type and class: nothing else is sent.
        assert_eq!(message.bytes.len(), 12 + 14 + 4);
    }

    #[test]
    fn a_name_that_no_message_can_hold_is_the_definitions_fault() {
        let long = DnsCheck {
            name: format!("{}.example.", "x".repeat(64)),
            ..check()
        };
        let cause = Question::new(&long).unwrap_err();
        assert_eq!(cause.owner, ErrorOwner::Config);
    }
}
