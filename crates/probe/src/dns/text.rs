//! Records as people write them in zone files.

use std::fmt::Write as _;

use data_encoding::{BASE64, HEXLOWER, HEXUPPER};
use hickory_resolver::proto::rr::rdata::svcb::{SVCB, SvcParamValue};
use hickory_resolver::proto::rr::{RData, RecordType};

/// The name of a type of records; `TYPE99` where there is none (RFC 3597).
pub(super) fn record_type(record_type: RecordType) -> String {
    match record_type {
        RecordType::Unknown(code) => format!("TYPE{code}"),
        known => known.to_string(),
    }
}

/// What a record says.
///
/// In the form of zone files, but for texts: their parts are joined and have no quotes, because
/// that is what those who read them (SPF, DKIM) see.
pub(super) fn data(data: &RData) -> String {
    let text = match data {
        RData::TXT(text) => {
            let bytes: Vec<u8> = text.txt_data.iter().flatten().copied().collect();
            String::from_utf8_lossy(&bytes).into_owned()
        }
        RData::HTTPS(https) => service(&https.0),
        RData::SVCB(svcb) => service(svcb),
        RData::Unknown { code, rdata } => unknown(u16::from(*code), &rdata.anything),
        // Of length zero: there is nothing to be said.
        RData::Update0(_) | RData::OPT(_) => String::new(),
        other => {
            let mut text = String::new();
            // What has no text form stays without one.
            let _ = write!(text, "{other}");
            text
        }
    };
    escaped(&text)
}

/// `text` with control characters written as `\009`, so that it stays one line.
pub(super) fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        if character.is_control() {
            let _ = write!(escaped, "\\{:03}", u32::from(character));
        } else {
            escaped.push(character);
        }
    }
    escaped
}

/// Priority, target and parameters of SVCB and HTTPS (RFC 9460, section 2.1).
fn service(service: &SVCB) -> String {
    let mut text = format!("{} {}", service.svc_priority, service.target_name);
    for (key, value) in &service.svc_params {
        let value = match value {
            SvcParamValue::Mandatory(keys) => joined(&keys.0),
            SvcParamValue::Alpn(protocols) => joined(&protocols.0),
            SvcParamValue::NoDefaultAlpn => String::new(),
            SvcParamValue::Port(port) => port.to_string(),
            SvcParamValue::Ipv4Hint(addresses) => joined(&addresses.0),
            SvcParamValue::Ipv6Hint(addresses) => joined(&addresses.0),
            SvcParamValue::EchConfigList(list) => BASE64.encode(&list.0),
            SvcParamValue::Unknown(bytes) => String::from_utf8_lossy(&bytes.0).into_owned(),
        };
        let _ = write!(text, " {key}");
        if !value.is_empty() {
            let _ = write!(text, "={value}");
        }
    }
    text
}

fn joined(values: &[impl ToString]) -> String {
    let values: Vec<String> = values.iter().map(ToString::to_string).collect();
    values.join(",")
}

/// Records that the library does not read: the DNSSEC ones that can be asked for, and any other
/// as RFC 3597 writes it.
fn unknown(code: u16, bytes: &[u8]) -> String {
    const DS: u16 = 43;
    const DNSKEY: u16 = 48;
    match (code, bytes) {
        // Key tag, algorithm, kind of digest, digest (RFC 4034, section 5.1).
        (DS, [tag_high, tag_low, algorithm, kind, digest @ ..]) => {
            let tag = u16::from_be_bytes([*tag_high, *tag_low]);
            format!("{tag} {algorithm} {kind} {}", HEXUPPER.encode(digest))
        }
        // Flags, protocol, algorithm, key (RFC 4034, section 2.1).
        (DNSKEY, [flags_high, flags_low, protocol, algorithm, key @ ..]) => {
            let flags = u16::from_be_bytes([*flags_high, *flags_low]);
            format!("{flags} {protocol} {algorithm} {}", BASE64.encode(key))
        }
        _ => {
            let text = format!("\\# {} {}", bytes.len(), HEXLOWER.encode(bytes));
            text.trim_end().to_owned()
        }
    }
}

#[cfg(test)]
mod tests {
    use hickory_resolver::proto::rr::rdata::{NULL, OPT, TXT};

    use super::*;

    fn of(code: u16, bytes: &[u8]) -> String {
        data(&RData::Unknown {
            code: RecordType::from(code),
            rdata: NULL::with(bytes.to_vec()),
        })
    }

    #[test]
    fn dnssec_records_and_unknown_ones_have_their_text() {
        assert_eq!(of(43, &[0x0e, 0xa9, 13, 2, 0xab, 0xcd]), "3753 13 2 ABCD");
        assert_eq!(of(48, &[1, 1, 3, 13, 0, 1, 2]), "257 3 13 AAEC");
        assert_eq!(of(99, b"hi"), r"\# 2 6869");
        assert_eq!(of(99, b""), r"\# 0");
        // Cut off before the digest: shown as it is.
        assert_eq!(of(43, &[1, 2]), r"\# 2 0102");
        assert_eq!(record_type(RecordType::Unknown(99)), "TYPE99");
    }

    #[test]
    fn nothing_that_a_server_sends_breaks_a_line_or_a_panic() {
        let text = TXT::from_bytes(vec![b"v=spf1\n", b"\x1b[31m\xff"]);
        assert_eq!(data(&RData::TXT(text)), "v=spf1\\010\\027[31m\u{fffd}");
        assert_eq!(data(&RData::OPT(OPT::new(Vec::new()))), "");
    }
}
