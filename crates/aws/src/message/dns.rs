//! The JSON of name servers' answers.

use serde::{Deserialize, Serialize};
use tidewatch_domain::monitor::{DnsTransport, RecordType};
use tidewatch_domain::probe::{DnsFacts, DnsFlag, DnsRecord, Rcode};

use super::forms::lists;
use super::scalar::{by_name, by_names, is_false};

lists! {
    records DnsRecord, "DnsRecordForm";
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "DnsFacts")]
pub(super) struct DnsFactsForm {
    #[serde(rename = "type", with = "by_name")]
    record_type: RecordType,
    #[serde(with = "rcode")]
    rcode: Rcode,
    #[serde(with = "by_names")]
    flags: Vec<DnsFlag>,
    #[serde(with = "records")]
    answers: Vec<DnsRecord>,
    authorities: usize,
    #[serde(with = "by_name")]
    transport: DnsTransport,
    #[serde(default, skip_serializing_if = "is_false")]
    cut_off_over_udp: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "DnsRecord")]
struct DnsRecordForm {
    name: String,
    #[serde(rename = "type")]
    record_type: String,
    ttl: u32,
    data: String,
}

/// A response code, by its number: not all have names.
mod rcode {
    use serde::{Deserialize, Deserializer, Serializer};
    use tidewatch_domain::probe::Rcode;

    pub(super) fn serialize<S: Serializer>(
        value: &Rcode,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_u16(value.code())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Rcode, D::Error> {
        u16::deserialize(deserializer).map(Rcode::new)
    }
}
