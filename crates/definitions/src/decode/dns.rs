//! What belongs to the kind `dns`: the question, and who is asked.

mod name;
mod server;
mod target;

use tidewatch_domain::monitor::{DnsCheck, DnsServer, DnsTransport, Network, RecordType};

use super::network;
use super::target::Target;
use crate::fields::Fields;
use crate::load::Mode;
use crate::node::Node;
use crate::report::Report;
use name::Name;
use target::Question;

/// The smallest answer over UDP that every server must be able to give, in bytes (RFC 1035).
const SMALLEST_EDNS: u64 = 512;
/// The largest that is worth offering, in bytes: beyond it, datagrams fall apart.
const LARGEST_EDNS: u64 = 4_096;

/// The question of `target` and the field `request`.
pub(super) fn dns(
    target: Option<&Target<'_>>,
    fields: &mut Fields<'_>,
    mode: Mode,
    report: &mut Report,
) -> Option<DnsCheck> {
    let question = target.and_then(|target| target::question(target, mode, report));
    let request = request(fields, question.as_ref(), mode, report);
    let (target, question) = (target?, question?);
    let record_type = request.record_type.or(question.record_type);
    let (name, record_type) = match question.name {
        Name::Name(name) => (name, record_type.unwrap_or(RecordType::A)),
        Name::Address { arpa, .. } => {
            let record_type = record_type.unwrap_or(RecordType::Ptr);
            if record_type != RecordType::Ptr {
                let problem = format!(
                    "asks for the records of type {} of an address",
                    record_type.name()
                );
                let remedy = "ask for a name, or for the type PTR, which gives the address's name";
                report.fault(target.place(), problem, remedy);
            }
            (arpa, record_type)
        }
    };
    Some(DnsCheck {
        name,
        record_type,
        server: request.server,
        transport: request.transport,
        recursion: request.recursion,
        edns_size: request.edns_size,
        dnssec: request.dnssec,
        network: request.network,
    })
}

/// How the question is asked.
#[derive(Debug)]
struct Request {
    server: Option<DnsServer>,
    record_type: Option<RecordType>,
    transport: Option<DnsTransport>,
    recursion: bool,
    edns_size: Option<u16>,
    dnssec: bool,
    network: Network,
}

fn request(
    fields: &mut Fields<'_>,
    question: Option<&Question>,
    mode: Mode,
    report: &mut Report,
) -> Request {
    let mut request = Request {
        server: None,
        record_type: None,
        transport: None,
        recursion: true,
        edns_size: Some(DnsCheck::EDNS_SIZE),
        dnssec: false,
        network: Network::default(),
    };
    let named = question.and_then(|question| question.server.as_ref());
    let node = fields.get("request");
    let Some(mut fields) = node.and_then(|node| {
        let remedy = "write a map, like `{server: 192.0.2.53, type: MX}`";
        node.fields(remedy, report)
    }) else {
        request.server = named.map(|server| server.at(DnsTransport::Udp));
        return request;
    };

    let transports: Vec<_> = DnsTransport::ALL
        .iter()
        .map(|transport| (transport.name(), *transport))
        .collect();
    request.transport = fields
        .get("transport")
        .and_then(|node| node.choice(&transports, report));
    let transport = request.transport.unwrap_or(DnsTransport::Udp);
    request.server = named.map(|server| server.at(transport));
    if let Some(node) = fields.get("server")
        && let Some(server) = server::server(&node, mode, report)
    {
        let server = server.at(transport);
        if request
            .server
            .as_ref()
            .is_some_and(|named| *named != server)
        {
            let problem = "is another server than the target names";
            report.fault(&node, problem, "name the server in one place");
        }
        request.server = Some(server);
    }
    if let Some(node) = fields.get("type") {
        request.record_type = record_type(&node, report);
        let named = question.and_then(|question| question.record_type);
        if let (Some(one), Some(other)) = (request.record_type, named)
            && one != other
        {
            let problem = format!("is another type than the target's {}", other.name());
            report.fault(&node, problem, "name the type in one place");
        }
    }
    let flag = |node: Option<Node<'_>>, report: &mut Report| node?.boolean(report);
    request.recursion = flag(fields.get("recursion"), report).unwrap_or(true);
    request.dnssec = flag(fields.get("dnssec"), report).unwrap_or(false);
    if let Some(node) = fields.get("edns_size") {
        request.edns_size = edns_size(&node, request.dnssec, report);
    }
    request.network = network::network(&mut fields, mode, report);
    if request.server.is_none() && request.network != Network::default() {
        let problem = "says how to find a server, but none is named";
        let remedy = "name it as `server`; the prober's own needs not to be found";
        report.fault(fields.own_place(), problem, remedy);
    }
    fields.finish(
        &[
            ("nameserver", "server"),
            ("name_server", "server"),
            ("qtype", "type"),
            ("record_type", "type"),
            ("protocol", "transport"),
            ("rd", "recursion"),
            ("do", "dnssec"),
            ("bufsize", "edns_size"),
        ],
        report,
    );
    request
}

fn record_type(node: &Node<'_>, report: &mut Report) -> Option<RecordType> {
    let known = RecordType::of_name(node.text(report)?);
    known.or_else(|| {
        let choices: Vec<_> = RecordType::ALL
            .iter()
            .map(|known| (known.name(), *known))
            .collect();
        node.choice(&choices, report)
    })
}

/// A size; zero stands for a question without EDNS.
fn edns_size(node: &Node<'_>, dnssec: bool, report: &mut Report) -> Option<u16> {
    let size = node.whole(0..=LARGEST_EDNS, report)?;
    if size == 0 {
        if dnssec {
            let problem = "leaves EDNS out, without which DNSSEC records cannot be asked for";
            report.fault(node, problem, "use 1232, or leave `dnssec` out");
        }
        return None;
    }
    if size < SMALLEST_EDNS {
        let remedy = format!("use {SMALLEST_EDNS} to {LARGEST_EDNS}, or 0 for none at all");
        report.fault(node, "is less than every server can give", remedy);
    }
    u16::try_from(size).ok()
}
