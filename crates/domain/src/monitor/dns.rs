//! What belongs to the kind `dns`.

use std::fmt;

use url::Host;

use super::Network;

/// One question to one name server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DnsCheck {
    /// The name asked for, in ASCII, absolute: it ends with a dot. Addresses are written as names
    /// below `in-addr.arpa.` and `ip6.arpa.`.
    pub name: String,
    /// The type of the records asked for; the class is always IN.
    pub record_type: RecordType,
    /// Who is asked; `None` is the first name server of the prober's machine.
    pub server: Option<DnsServer>,
    /// How the question travels. `None` is UDP, and once more over TCP when the answer was cut
    /// off, as a resolver does it.
    pub transport: Option<DnsTransport>,
    /// Whether the server is asked to find the answer elsewhere (the flag RD).
    pub recursion: bool,
    /// The largest answer over UDP that is offered to be taken, in bytes (RFC 6891); `None` sends
    /// no EDNS record at all.
    pub edns_size: Option<u16>,
    /// Whether DNSSEC records are asked for (the flag DO).
    pub dnssec: bool,
    /// How the server is reached; of no effect without [`DnsCheck::server`].
    pub network: Network,
}

impl DnsCheck {
    /// The EDNS size where a definition says nothing: what passes every usual network without
    /// fragments.
    pub const EDNS_SIZE: u16 = 1_232;
}

/// A name server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DnsServer {
    /// Its name or address.
    pub host: Host<String>,
    /// Its port.
    pub port: u16,
}

/// `ns1.example.com:53`, `[2001:db8::1]:853`.
impl fmt::Display for DnsServer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}", self.host, self.port)
    }
}

/// How questions travel to a name server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DnsTransport {
    /// One datagram each way.
    Udp,
    /// TCP (RFC 7766).
    Tcp,
    /// TLS over TCP (RFC 7858).
    Tls,
}

impl DnsTransport {
    /// Every transport.
    pub const ALL: &'static [DnsTransport] =
        &[DnsTransport::Udp, DnsTransport::Tcp, DnsTransport::Tls];

    /// The stable name, as written in definitions.
    pub const fn name(self) -> &'static str {
        match self {
            DnsTransport::Udp => "udp",
            DnsTransport::Tcp => "tcp",
            DnsTransport::Tls => "tls",
        }
    }

    /// The port on which servers listen unless told otherwise.
    pub const fn port(self) -> u16 {
        match self {
            DnsTransport::Udp | DnsTransport::Tcp => 53,
            DnsTransport::Tls => 853,
        }
    }
}

macro_rules! record_types {
    ($($(#[$meta:meta])* $variant:ident $name:literal $code:literal;)*) => {
        /// The types of records that can be asked for (IANA, "Resource Record (RR) TYPEs").
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum RecordType {
            $($(#[$meta])* $variant,)*
        }

        impl RecordType {
            /// Every type.
            pub const ALL: &'static [RecordType] = &[$(RecordType::$variant,)*];

            /// The name in zone files, upper case.
            pub const fn name(self) -> &'static str {
                match self { $(RecordType::$variant => $name,)* }
            }

            /// The number in messages.
            pub const fn code(self) -> u16 {
                match self { $(RecordType::$variant => $code,)* }
            }
        }
    };
}

record_types! {
    /// An IPv4 address.
    A "A" 1;
    /// An IPv6 address.
    Aaaa "AAAA" 28;
    /// The name that this one stands for.
    Cname "CNAME" 5;
    /// A server that takes mail.
    Mx "MX" 15;
    /// A server of the zone.
    Ns "NS" 2;
    /// Free text: SPF, DKIM, proofs of ownership.
    Txt "TXT" 16;
    /// The zone's serial number and timers.
    Soa "SOA" 6;
    /// Host and port of a service.
    Srv "SRV" 33;
    /// The name of an address.
    Ptr "PTR" 12;
    /// Who may issue certificates.
    Caa "CAA" 257;
    /// The digest of a child zone's key.
    Ds "DS" 43;
    /// A key of the zone.
    Dnskey "DNSKEY" 48;
    /// The certificate of a service.
    Tlsa "TLSA" 52;
    /// How to reach a web server.
    Https "HTTPS" 65;
    /// How to reach a service.
    Svcb "SVCB" 64;
    /// A rule that rewrites a name.
    Naptr "NAPTR" 35;
}

impl RecordType {
    /// The type of that name, in any case.
    pub fn of_name(name: &str) -> Option<Self> {
        RecordType::ALL
            .iter()
            .copied()
            .find(|known| known.name().eq_ignore_ascii_case(name))
    }
}
