//! What is wrong with an answer where the monitor demands nothing else, and who has to act.

use tidewatch_domain::monitor::{Assertion, DnsAssertion, DnsCheck, DnsTransport};
use tidewatch_domain::probe::{DnsFacts, DnsFlag, Rcode};
use tidewatch_domain::{Cause, ErrorClass, ErrorOwner};

/// Why an answer is not the usual good one: NOERROR, with a record of the type asked for. A
/// monitor that demands a response code, or a number of records, does not want the usual.
pub(super) fn unwanted(
    check: &DnsCheck,
    assertions: &[Assertion],
    facts: &DnsFacts,
) -> Option<Cause> {
    let demands = |wanted: fn(&DnsAssertion) -> bool| {
        assertions
            .iter()
            .any(|assertion| matches!(assertion, Assertion::Dns(demand) if wanted(demand)))
    };
    if demands(|demand| matches!(demand, DnsAssertion::Rcode(_))) {
        return None;
    }
    let cause = match facts.rcode {
        Rcode::NOERROR => {
            if demands(|demand| matches!(demand, DnsAssertion::Count(_))) {
                return None;
            }
            without_record(check, facts)?
        }
        refusal => refused(check, refusal),
    };
    Some(match check.server {
        Some(_) => owned_by_server(cause, facts.transport),
        None => cause,
    })
}

/// A name server that the monitor names is what is watched: what it does wrong is the target's.
/// Silence over UDP stays the network's, and what is the prober's or the definition's stays
/// theirs.
pub(super) fn owned_by_server(cause: Cause, transport: DnsTransport) -> Cause {
    let by_server = match cause.class {
        ErrorClass::DnsServfail | ErrorClass::DnsRefused | ErrorClass::DnsBadAnswer => true,
        ErrorClass::DnsTimeout => transport != DnsTransport::Udp,
        _ => false,
    };
    if by_server && cause.owner == ErrorOwner::Network {
        Cause {
            owner: ErrorOwner::Target,
            ..cause
        }
    } else {
        cause
    }
}

fn without_record(check: &DnsCheck, facts: &DnsFacts) -> Option<Cause> {
    if facts.wanted().next().is_some() {
        return None;
    }
    let (name, record_type) = (&check.name, check.record_type.name());
    Some(if facts.has(DnsFlag::Tc) {
        Cause::new(
            ErrorClass::DnsBadAnswer,
            format!(
                "the answer for {name} {record_type} was cut off before its first record: leave \
                 `request.transport` out to have it repeated over TCP"
            ),
        )
    } else {
        Cause::new(
            ErrorClass::DnsNodata,
            format!("{name} exists in DNS, but has no record of type {record_type}"),
        )
    })
}

fn refused(check: &DnsCheck, code: Rcode) -> Cause {
    let name = &check.name;
    let server = match &check.server {
        Some(server) => server.to_string(),
        None => "the prober's own name server".to_owned(),
    };
    match code {
        Rcode::NXDOMAIN => Cause::new(
            ErrorClass::DnsNxdomain,
            format!("{name} does not exist, says {server} (NXDOMAIN)"),
        ),
        Rcode::SERVFAIL => Cause::new(
            ErrorClass::DnsServfail,
            format!(
                "{server} failed to find {name} (SERVFAIL): its upstream or the zone is down, or \
                 the zone's signatures are wrong"
            ),
        ),
        Rcode::REFUSED => Cause::new(
            ErrorClass::DnsRefused,
            format!("{server} refused to answer for {name} (REFUSED)"),
        ),
        Rcode::FORMERR if check.edns_size.is_some() => Cause::new(
            ErrorClass::DnsBadAnswer,
            format!(
                "{server} could not read the question for {name} (FORMERR): if it knows no EDNS, \
                 set `request.edns_size` to 0"
            ),
        ),
        other => Cause::new(
            ErrorClass::DnsBadAnswer,
            format!("{server} answered the question for {name} with {other}"),
        ),
    }
}
