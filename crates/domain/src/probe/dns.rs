//! What a name server answered.

use std::fmt;

use crate::monitor::{DnsTransport, RecordType};

/// The answer of a name server to one question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DnsFacts {
    /// The type of the records asked for.
    pub record_type: RecordType,
    /// The response code.
    pub rcode: Rcode,
    /// The flags that were set, in the order of the header.
    pub flags: Vec<DnsFlag>,
    /// The records of the answer section that belong to the question: its own, and those of the
    /// names that it is an alias of.
    pub answers: Vec<DnsRecord>,
    /// How many records the authority section has.
    pub authorities: usize,
    /// How this answer came.
    pub transport: DnsTransport,
    /// Whether the answer over UDP was cut off, so that the question was repeated over TCP.
    pub cut_off_over_udp: bool,
}

impl DnsFacts {
    /// The records of the type that was asked for.
    pub fn wanted(&self) -> impl Iterator<Item = &DnsRecord> {
        self.answers
            .iter()
            .filter(|record| record.record_type == self.record_type.name())
    }

    /// How long the whole answer may be kept, in seconds: the smallest TTL of its records.
    pub fn ttl(&self) -> Option<u32> {
        self.answers.iter().map(|record| record.ttl).min()
    }

    /// Whether `flag` was set.
    pub fn has(&self, flag: DnsFlag) -> bool {
        self.flags.contains(&flag)
    }
}

/// A record of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DnsRecord {
    /// Whose record it is: an absolute name.
    pub name: String,
    /// Its type, as in zone files; `TYPE99` where it has no name here.
    pub record_type: String,
    /// How long it may be kept, in seconds.
    pub ttl: u32,
    /// What it says, as in zone files. Texts are joined and without quotes; control characters
    /// are written as `\009`.
    pub data: String,
}

/// A flag of an answer's header.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DnsFlag {
    /// The server is an authority for the name.
    Aa,
    /// The answer was cut off.
    Tc,
    /// Recursion was asked for.
    Rd,
    /// The server offers recursion.
    Ra,
    /// The server has verified the DNSSEC signatures.
    Ad,
}

impl DnsFlag {
    /// Every flag, in the order of the header.
    pub const ALL: &'static [DnsFlag] = &[
        DnsFlag::Aa,
        DnsFlag::Tc,
        DnsFlag::Rd,
        DnsFlag::Ra,
        DnsFlag::Ad,
    ];

    /// The stable name, as written in definitions.
    pub const fn name(self) -> &'static str {
        match self {
            DnsFlag::Aa => "aa",
            DnsFlag::Tc => "tc",
            DnsFlag::Rd => "rd",
            DnsFlag::Ra => "ra",
            DnsFlag::Ad => "ad",
        }
    }
}

/// A response code (IANA, "DNS RCODEs"), as one number of twelve bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Rcode(u16);

impl Rcode {
    /// The question was answered, if only by "there is no such record".
    pub const NOERROR: Rcode = Rcode(0);
    /// The server could not read the question.
    pub const FORMERR: Rcode = Rcode(1);
    /// The server failed to find the answer.
    pub const SERVFAIL: Rcode = Rcode(2);
    /// The name does not exist.
    pub const NXDOMAIN: Rcode = Rcode(3);
    /// The server does not want to answer.
    pub const REFUSED: Rcode = Rcode(5);

    /// Codes that have names.
    const NAMES: [(u16, &'static str); 13] = [
        (0, "NOERROR"),
        (1, "FORMERR"),
        (2, "SERVFAIL"),
        (3, "NXDOMAIN"),
        (4, "NOTIMP"),
        (5, "REFUSED"),
        (6, "YXDOMAIN"),
        (7, "YXRRSET"),
        (8, "NXRRSET"),
        (9, "NOTAUTH"),
        (10, "NOTZONE"),
        (16, "BADVERS"),
        (23, "BADCOOKIE"),
    ];

    /// The code of that number.
    pub const fn new(code: u16) -> Self {
        Rcode(code)
    }

    /// The number of the code.
    pub const fn code(self) -> u16 {
        self.0
    }

    /// The code of that name, in any case.
    pub fn of_name(name: &str) -> Option<Self> {
        Rcode::NAMES
            .iter()
            .find(|(_, known)| known.eq_ignore_ascii_case(name))
            .map(|(code, _)| Rcode(*code))
    }

    /// The names of all codes that have one.
    pub fn names() -> impl Iterator<Item = &'static str> {
        Rcode::NAMES.iter().map(|(_, name)| *name)
    }
}

/// `NXDOMAIN`, `RCODE11`.
impl fmt::Display for Rcode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match Rcode::NAMES.iter().find(|(code, _)| *code == self.0) {
            Some((_, name)) => formatter.write_str(name),
            None => write!(formatter, "RCODE{}", self.0),
        }
    }
}
