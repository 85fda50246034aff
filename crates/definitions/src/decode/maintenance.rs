//! Maintenance windows.

use jiff::civil::{Date, Time, Weekday};
use jiff::tz::TimeZone;
use tidewatch_domain::monitor::{MaintenanceWindow, Occurs, limits};

use crate::fields::Fields;
use crate::node::Node;
use crate::quantity::written;
use crate::report::Report;
use crate::suggest::nearest;
use crate::tree::Value;

const DAYS: [(&str, Weekday); 14] = [
    ("mon", Weekday::Monday),
    ("tue", Weekday::Tuesday),
    ("wed", Weekday::Wednesday),
    ("thu", Weekday::Thursday),
    ("fri", Weekday::Friday),
    ("sat", Weekday::Saturday),
    ("sun", Weekday::Sunday),
    ("monday", Weekday::Monday),
    ("tuesday", Weekday::Tuesday),
    ("wednesday", Weekday::Wednesday),
    ("thursday", Weekday::Thursday),
    ("friday", Weekday::Friday),
    ("saturday", Weekday::Saturday),
    ("sunday", Weekday::Sunday),
];

/// Every probe is compared with every window, so their number is bounded.
const MOST_WINDOWS: usize = 32;

/// The field `maintenance`.
pub(super) fn windows(fields: &mut Fields<'_>, report: &mut Report) -> Vec<MaintenanceWindow> {
    let Some(node) = fields.get("maintenance") else {
        return Vec::new();
    };
    let remedy = "write a list of windows, like `[{timezone: Europe/Berlin, start: \"02:00\", duration: 2h}]`";
    let nodes = node.list(remedy, report).unwrap_or_default();
    if nodes.len() > MOST_WINDOWS {
        let problem = format!("has {} elements", nodes.len());
        report.fault(&node, problem, format!("use at most {MOST_WINDOWS}"));
        return Vec::new();
    }
    nodes
        .iter()
        .filter_map(|node| window(node, report))
        .collect()
}

fn window(node: &Node<'_>, report: &mut Report) -> Option<MaintenanceWindow> {
    let remedy = "write a map with timezone, start and duration";
    let mut fields = node.fields(remedy, report)?;
    let zone = fields
        .required(
            "timezone",
            "name a time zone, like `Europe/Berlin` or `UTC`",
            report,
        )
        .and_then(|node| zone(&node, report));
    let occurs = occurs(&mut fields, report);
    let start = fields
        .required(
            "start",
            "write the time at which it begins, like `\"02:00\"`",
            report,
        )
        .and_then(|node| start(&node, report));
    let duration = fields
        .required("duration", "write how long it lasts, like `2h`", report)
        .and_then(|node| duration(&node, report));
    fields.finish(
        &[
            ("tz", "timezone"),
            ("zone", "timezone"),
            ("weekdays", "days"),
        ],
        report,
    );
    Some(MaintenanceWindow {
        zone: zone?,
        occurs: occurs?,
        start: start?,
        duration: duration?,
    })
}

fn zone(node: &Node<'_>, report: &mut Report) -> Option<TimeZone> {
    let text = node.text(report)?;
    if let Ok(zone) = TimeZone::get(text)
        && zone.iana_name().is_some()
    {
        return Some(zone);
    }
    let known: Vec<String> = jiff::tz::db()
        .available()
        .map(|name| name.to_string())
        .collect();
    let remedy = match nearest(text, known.iter().map(String::as_str)) {
        Some(name) => format!("did you mean `{name}`?"),
        None => "use a name of the IANA time zone database, like `Europe/Berlin`".to_owned(),
    };
    report.fault(node, "is not a known time zone", remedy);
    None
}

fn occurs(fields: &mut Fields<'_>, report: &mut Report) -> Option<Occurs> {
    match (fields.get("days"), fields.get("dates")) {
        (None, None) => Some(Occurs::Daily),
        (Some(_), Some(dates)) => {
            report.fault(&dates, "cannot stand beside `days`", "write two windows");
            None
        }
        (Some(days), None) => {
            let days = each(&days, |node, report| node.choice(&DAYS, report), report)?;
            Some(Occurs::Weekly(days))
        }
        (None, Some(dates)) => Some(Occurs::On(each(&dates, date, report)?)),
    }
}

/// The elements of a list that has at least one.
fn each<T>(
    node: &Node<'_>,
    read: impl Fn(&Node<'_>, &mut Report) -> Option<T>,
    report: &mut Report,
) -> Option<Vec<T>> {
    let nodes = node.list("write a list, like `[mon, tue]` or `[2026-12-01]`", report)?;
    if nodes.is_empty() {
        report.fault(
            node,
            "is empty, so the window never begins",
            "add an element, or remove it",
        );
        return None;
    }
    let wanted = nodes.len();
    let values: Vec<T> = nodes.iter().filter_map(|node| read(node, report)).collect();
    (values.len() == wanted).then_some(values)
}

fn date(node: &Node<'_>, report: &mut Report) -> Option<Date> {
    let text = node.text(report)?;
    let strict = text.len() == "2026-12-01".len();
    let date = Date::strptime("%Y-%m-%d", text).ok().filter(|_| strict);
    if date.is_none() {
        report.fault(node, "is not a date", "write it like `2026-12-01`");
    }
    date
}

fn start(node: &Node<'_>, report: &mut Report) -> Option<Time> {
    let remedy = "write hours and minutes from `\"00:00\"` to `\"23:59\"`, in quotes";
    let Value::Text(text) = &node.tree.value else {
        node.mismatch("a time of day", remedy, report);
        return None;
    };
    let strict = text.len() == "02:00".len();
    let time = Time::strptime("%H:%M", text).ok().filter(|_| strict);
    if time.is_none() {
        report.fault(node, "is not a time of day", remedy);
    }
    time
}

fn duration(node: &Node<'_>, report: &mut Report) -> Option<std::time::Duration> {
    let duration = node.duration(report)?;
    if duration.is_zero() {
        report.fault(
            node,
            "is zero",
            "write how long the window lasts, like `2h`",
        );
        return None;
    }
    if duration > limits::MAINTENANCE {
        let longest = written(limits::MAINTENANCE);
        let remedy = format!("use {longest} or shorter, or set `enabled` to false");
        report.fault(node, format!("is longer than {longest}"), remedy);
        return None;
    }
    Some(duration)
}
