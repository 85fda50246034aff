//! The target as a `dns:` URL (RFC 4501), or as the name alone where the kind is written out.

use tidewatch_domain::monitor::{RecordType, limits};

use super::super::target::Target;
use super::name::{self, Name};
use super::server::{self, Server};
use crate::load::Mode;
use crate::report::Report;

const EXAMPLE: &str = "write `dns:example.com?type=MX` or `dns://192.0.2.53/example.com`";

/// What a target asks, and whom.
#[derive(Debug)]
pub(super) struct Question {
    pub(super) name: Name,
    pub(super) record_type: Option<RecordType>,
    pub(super) server: Option<Server>,
}

/// Reads `dns:[//server[:port]/]name[?type=MX][;class=IN]`, or a name.
pub(super) fn question(target: &Target<'_>, mode: Mode, report: &mut Report) -> Option<Question> {
    let (text, place) = (target.text, target.place());
    if text.len() > limits::URL {
        let problem = format!("is {} bytes long", text.len());
        report.fault(place, problem, format!("use at most {} bytes", limits::URL));
        return None;
    }
    let rest = match text.split_once(':') {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("dns") => rest,
        // An IPv6 address has colons too; its name is asked for.
        _ => {
            let name = name::name(text, &place, report)?;
            return Some(Question {
                name,
                record_type: None,
                server: None,
            });
        }
    };
    let (path, query) = match rest.split_once('?') {
        Some((path, query)) => (path, Some(query)),
        None => (rest, None),
    };
    let (server, name) = match path.strip_prefix("//") {
        None => (None, path),
        Some(path) => {
            let Some((server, name)) = path.split_once('/') else {
                report.fault(place, "names a server, but nothing to ask it for", EXAMPLE);
                return None;
            };
            let server = server::parse(server, &place, mode, report)?;
            (Some(server), name)
        }
    };
    let name = name::name(name, &place, report);
    let record_type = match query {
        None => None,
        Some(query) => self::query(query, target, report)?,
    };
    Some(Question {
        name: name?,
        record_type,
        server,
    })
}

/// The type that the query of a URL names; `None` when something is wrong with it.
fn query(query: &str, target: &Target<'_>, report: &mut Report) -> Option<Option<RecordType>> {
    let mut record_type = None;
    for part in query.split(';') {
        let (field, value) = part.split_once('=').unwrap_or((part, ""));
        if field.eq_ignore_ascii_case("type") {
            record_type = RecordType::of_name(value);
            if record_type.is_none() {
                let known: Vec<&str> = RecordType::ALL.iter().map(|known| known.name()).collect();
                let remedy = format!("use one of {}", known.join(", "));
                report.fault(
                    target.place(),
                    "asks for an unknown type of records",
                    remedy,
                );
                return None;
            }
        } else if !(field.eq_ignore_ascii_case("class") && value.eq_ignore_ascii_case("in")) {
            let problem = "has more behind the question mark than a type and the class IN";
            report.fault(target.place(), problem, EXAMPLE);
            return None;
        }
    }
    Some(record_type)
}
