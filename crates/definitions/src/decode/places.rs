//! Where a monitor is probed, and how much evidence an outage needs.

use tidewatch_domain::Location;
use tidewatch_domain::judge::FailureShare;

use super::identity::name_of;
use crate::fields::Fields;
use crate::report::Report;

/// More locations or results in a row than this are a typing error.
const MOST: u64 = 100;
const DEFAULT_IN_A_ROW: u32 = 2;

/// Locations and quorum.
#[derive(Debug)]
pub(super) struct Places {
    pub(super) locations: Vec<Location>,
    pub(super) quorum: Option<u32>,
}

/// The fields `locations` and `quorum`.
pub(super) fn places(fields: &mut Fields<'_>, report: &mut Report) -> Places {
    let locations = locations(fields, report);
    let quorum = fields.get("quorum").and_then(|node| {
        let quorum = node.whole(1..=MOST, report)?;
        if !locations.is_empty() && quorum > locations.len() as u64 {
            let problem = format!("is more than the {} locations", locations.len());
            report.fault(&node, problem, "use a smaller quorum, or add locations");
        }
        u32::try_from(quorum).ok()
    });
    Places { locations, quorum }
}

/// The field `confirmations` or `recoveries`.
pub(super) fn in_a_row(fields: &mut Fields<'_>, name: &'static str, report: &mut Report) -> u32 {
    fields
        .get(name)
        .and_then(|node| node.whole(1..=MOST, report))
        .and_then(|number| u32::try_from(number).ok())
        .unwrap_or(DEFAULT_IN_A_ROW)
}

/// The field `failures`.
pub(super) fn failures(fields: &mut Fields<'_>, report: &mut Report) -> Option<FailureShare> {
    let node = fields.get("failures")?;
    let mut fields = node.fields("write a map, like `{count: 3, of: 5}`", report)?;
    let longest = u64::from(FailureShare::LONGEST);
    let mut number = |name| {
        fields
            .required(name, "write both, like `{count: 3, of: 5}`", report)
            .and_then(|node| Some((node.whole(1..=longest, report)?, node)))
    };
    let (count, of) = (number("count"), number("of"));
    fields.finish(
        &[
            ("failures", "count"),
            ("n", "count"),
            ("total", "of"),
            ("m", "of"),
        ],
        report,
    );
    let ((count, at), (of, _)) = (count?, of?);
    if count > of {
        let problem = format!("is more than the {of} that are looked back at");
        report.fault(&at, problem, "use a smaller count or a larger `of`");
        return None;
    }
    Some(FailureShare {
        count: u32::try_from(count).ok()?,
        of: u32::try_from(of).ok()?,
    })
}

fn locations(fields: &mut Fields<'_>, report: &mut Report) -> Vec<Location> {
    let Some(node) = fields.get("locations") else {
        return Vec::new();
    };
    let remedy = "write a list of names, like `[eu-central-1, us-east-1]`";
    let mut locations = Vec::new();
    for node in node.list(remedy, report).unwrap_or_default() {
        let Some(location) = name_of(&node, Location::try_new, report) else {
            continue;
        };
        if locations.contains(&location) {
            report.fault(&node, "is there twice", "keep one of them");
        } else {
            locations.push(location);
        }
    }
    if locations.len() as u64 > MOST {
        let problem = format!("has {} elements", locations.len());
        report.fault(&node, problem, format!("use at most {MOST}"));
    }
    locations
}
