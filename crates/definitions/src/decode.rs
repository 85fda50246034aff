//! An entry as plain values to a [`Monitor`], with everything that is wrong with it.

mod assertions;
mod check;
mod dialogue;
mod dns;
mod endpoint;
mod headers;
mod http;
mod identity;
mod labels;
mod maintenance;
mod network;
mod people;
mod places;
mod schedule;
mod secrets;
mod target;
mod tcp;
mod thresholds;
mod tls_options;

pub(crate) use headers::carries_credentials;

use tidewatch_domain::Monitor;

use crate::load::{Entry, Mode};
use crate::node::Node;
use crate::report::Report;
use crate::tree::Tree;

/// Words that other tools use, or fields at the wrong level, and what is meant.
const SYNONYMS: [(&str, &str); 25] = [
    ("url", "target"),
    ("uri", "target"),
    ("endpoint", "target"),
    ("host", "target"),
    ("id", "monitor_id"),
    ("monitor", "monitor_id"),
    ("type", "kind"),
    ("title", "name"),
    ("rate", "interval"),
    ("period", "interval"),
    ("frequency", "interval"),
    ("schedule", "interval"),
    ("timeout", "timeouts"),
    ("method", "request.method"),
    ("headers", "request.headers"),
    ("body", "request.body"),
    ("redirects", "request.redirects"),
    ("conditions", "assertions"),
    ("regions", "locations"),
    ("tags", "labels"),
    ("runbook", "runbook_url"),
    ("owner", "team"),
    ("group", "labels"),
    ("disabled", "enabled"),
    ("retries", "confirmations"),
];

/// Decodes one entry: the monitor when nothing is wrong with it, and what was found.
pub(crate) fn monitor(entry: &Entry, mode: Mode) -> (Option<Monitor>, Report) {
    let mut report = Report::new(&entry.file, entry.number, &entry.tree);
    let monitor = fields(&entry.tree, mode, &mut report);
    let monitor = monitor.filter(|_| report.faults.is_empty());
    (monitor, report)
}

fn fields(tree: &Tree, mode: Mode, report: &mut Report) -> Option<Monitor> {
    let remedy = "write at least tenant, monitor_id and target";
    let mut fields = Node::root(tree).fields(remedy, report)?;
    let fields = &mut fields;

    let key = identity::key(fields, report);
    let schedule = schedule::schedule(fields, mode, report);
    let tenant = key.as_ref().map(|key| &key.tenant);
    let secrets = secrets::Policy { mode, tenant };
    let check = check::check(fields, secrets, report);
    check::refuse_idle_timeouts(fields, check.answer, report);
    let expect = check::expectation(fields, report);
    let assertions = assertions::assertions(fields, check.answer, report);
    let thresholds = thresholds::thresholds(fields, report);
    let slo = thresholds::slo(fields, report);
    let places = places::places(fields, report);
    let seen_from = places.locations.len();
    thresholds::warn_of_rare_probes(fields, schedule.interval, seen_from, report);
    let maintenance = maintenance::windows(fields, report);
    let people = people::people(fields, report);
    let labels = labels::labels(fields, report);
    let name = identity::name(fields, key.as_ref(), report);
    let parent = identity::parent(fields, key.as_ref(), report);
    let enabled = fields
        .get("enabled")
        .and_then(|node| node.boolean(report))
        .unwrap_or(true);
    let confirmations = places::in_a_row(fields, "confirmations", report);
    let recoveries = places::in_a_row(fields, "recoveries", report);
    let failures = places::failures(fields, report);
    let reference = identity::reference(fields, report);
    fields.finish(&SYNONYMS, report);

    Some(Monitor {
        key: key?,
        name: name?,
        enabled,
        check: check.check?,
        expect: expect.unwrap_or_default(),
        assertions,
        target: check.target?,
        interval: schedule.interval,
        attempts: schedule.attempts,
        connection: schedule.connection,
        timeouts: schedule.timeouts,
        thresholds,
        confirmations,
        recoveries,
        failures,
        locations: places.locations,
        quorum: places.quorum,
        slo,
        maintenance,
        severity: people.severity,
        team: people.team,
        runbook_url: people.runbook_url,
        labels,
        parent,
        reference,
    })
}
