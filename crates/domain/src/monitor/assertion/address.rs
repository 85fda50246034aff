//! Tests on the address talked to.

use std::net::IpAddr;

use super::result::{Found, Judgement};
use super::text::TextTest;
use crate::address::Cidr;
use crate::cause::ErrorClass;

/// A test on an IP address.
#[derive(Clone, Debug, PartialEq)]
pub enum AddressTest {
    /// The address as a text passes.
    Text(TextTest),
    /// The address is in one of these ranges.
    In(Vec<Cidr>),
}

impl AddressTest {
    pub(super) fn found(&self, address: Option<IpAddr>) -> Found {
        match self {
            AddressTest::Text(test) => {
                test.found(address.map(|address| address.to_string()).as_deref())
            }
            AddressTest::In(ranges) => Found::of(
                address,
                |address| ranges.iter().any(|range| range.contains(*address)),
                ToString::to_string,
            ),
        }
    }

    pub(super) fn judgement(&self) -> Judgement {
        const CLASS: ErrorClass = ErrorClass::DnsAnswerMismatch;
        match self {
            AddressTest::Text(test) => test.judgement("remote_addr", CLASS),
            AddressTest::In(ranges) => {
                let ranges: Vec<String> = ranges.iter().map(ToString::to_string).collect();
                Judgement::new("remote_addr in", ranges.join(", "), CLASS)
            }
        }
    }
}
