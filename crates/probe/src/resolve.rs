//! From a host to the one address that an attempt talks to.
//!
//! Names are looked up anew for every attempt, by the machine's own rules (`/etc/resolv.conf`,
//! `/etc/hosts`, `localhost`) or by one given name server, the engine's or the monitor's own;
//! nothing is cached here, so that the resolve phase is what a first visitor would wait for. Of several addresses the first is
//! taken, IPv4 before IPv6 unless a family is asked for: trying others behind the scenes would
//! hide that one of them is dead.

mod own;
mod source;

use std::net::{IpAddr, SocketAddr};

use hickory_resolver::net::{DnsError, NetError};
use hickory_resolver::proto::op::ResponseCode;
use hickory_resolver::proto::rr::RecordType;
use tidewatch_domain::monitor::{AddressFamily, Network};
use tidewatch_domain::{Cause, ErrorClass};
use url::Host;

use crate::failure::local;
use crate::options::{EngineError, NameServer};
use own::OwnResolvers;
use source::Source;

/// Looks names up.
#[derive(Debug)]
pub(crate) struct Names {
    source: Source,
    own: OwnResolvers,
}

impl Names {
    /// A resolver that asks `server`.
    pub(crate) fn new(server: NameServer) -> Result<Self, EngineError> {
        Ok(Names {
            source: Source::new(server)?,
            own: OwnResolvers::default(),
        })
    }

    /// The name server that is asked first: of several, the one that is configured first.
    pub(crate) fn first_server(&self) -> SocketAddr {
        self.source.first_server()
    }

    /// The address of `host` that is to be used, in the family and by the name server that
    /// `network` says.
    pub(crate) async fn resolve(
        &self,
        host: &Host<&str>,
        network: &Network,
    ) -> Result<IpAddr, Cause> {
        let family = network.family;
        match *host {
            Host::Ipv4(address) => literal(address.into(), family),
            Host::Ipv6(address) => literal(address.into(), family),
            Host::Domain(name) => self.look_up(name, network).await,
        }
    }

    async fn look_up(&self, name: &str, network: &Network) -> Result<IpAddr, Cause> {
        let family = network.family;
        let types: &[RecordType] = match family {
            AddressFamily::Any => &[RecordType::A, RecordType::AAAA],
            AddressFamily::V4 => &[RecordType::A],
            AddressFamily::V6 => &[RecordType::AAAA],
        };
        let resolver = match network.resolver {
            None => self.source.resolver(),
            Some(server) => self.own.at(server)?,
        };
        let mut first_error = None;
        for record_type in types {
            let result = resolver.lookup(name, *record_type).await;
            let error = match result {
                Ok(lookup) => {
                    match lookup
                        .answers()
                        .iter()
                        .find_map(|record| record.data.ip_addr())
                    {
                        Some(address) => return Ok(address),
                        None => nodata(name, family),
                    }
                }
                Err(error) => cause(name, family, &error),
            };
            // Only "there is none" leaves anything to hope for from the other family: the hosts
            // file may have an address of that one.
            let hopeless = !matches!(error.class, ErrorClass::DnsNodata | ErrorClass::DnsNxdomain);
            let first = first_error.get_or_insert(error);
            if hopeless {
                return Err(first.clone());
            }
        }
        Err(first_error.unwrap_or_else(|| nodata(name, family)))
    }
}

fn literal(address: IpAddr, family: AddressFamily) -> Result<IpAddr, Cause> {
    match (family, address) {
        (AddressFamily::V4, IpAddr::V6(_)) | (AddressFamily::V6, IpAddr::V4(_)) => Err(Cause::new(
            ErrorClass::DnsNodata,
            format!("{address} is not {}", wanted(family)),
        )),
        _ => Ok(address),
    }
}

fn wanted(family: AddressFamily) -> &'static str {
    match family {
        AddressFamily::Any => "an address",
        AddressFamily::V4 => "an IPv4 address",
        AddressFamily::V6 => "an IPv6 address",
    }
}

fn nodata(name: &str, family: AddressFamily) -> Cause {
    Cause::new(
        ErrorClass::DnsNodata,
        format!("{name} exists in DNS, but does not have {}", wanted(family)),
    )
}

fn cause(name: &str, family: AddressFamily, error: &NetError) -> Cause {
    match error {
        NetError::Dns(DnsError::NoRecordsFound(none)) => refusal(name, family, none.response_code),
        NetError::Dns(DnsError::ResponseCode(code)) => refusal(name, family, *code),
        NetError::Timeout => Cause::new(
            ErrorClass::DnsTimeout,
            format!("no name server answered the question for {name} in time"),
        ),
        NetError::Io(io) => local(io).unwrap_or_else(|| {
            Cause::new(
                ErrorClass::DnsTimeout,
                format!("no name server could be asked for {name}: {io}"),
            )
        }),
        NetError::NoConnections | NetError::Busy => Cause::new(
            ErrorClass::DnsTimeout,
            format!("no name server could be asked for {name}"),
        ),
        other => Cause::new(
            ErrorClass::DnsBadAnswer,
            format!("the name server's answer for {name} cannot be used: {other}"),
        ),
    }
}

fn refusal(name: &str, family: AddressFamily, code: ResponseCode) -> Cause {
    match code {
        ResponseCode::NXDomain => Cause::new(
            ErrorClass::DnsNxdomain,
            format!("{name} does not exist in DNS (NXDOMAIN)"),
        ),
        ResponseCode::NoError => nodata(name, family),
        ResponseCode::ServFail => Cause::new(
            ErrorClass::DnsServfail,
            format!(
                "the name server failed to find {name} (SERVFAIL): its upstream is down or the \
                 zone's signatures are wrong"
            ),
        ),
        ResponseCode::Refused => Cause::new(
            ErrorClass::DnsRefused,
            format!("the name server refused to answer for {name} (REFUSED)"),
        ),
        other => Cause::new(
            ErrorClass::DnsBadAnswer,
            format!("the name server answered the question for {name} with `{other}`"),
        ),
    }
}
