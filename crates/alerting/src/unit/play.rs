//! From scenarios to rows: the story of every monitor is probed slot by slot and judged as the
//! product judges, and leaves the rows that the product writes, each at the time at which a query
//! could see it.

mod probe;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tidewatch_domain::assess::{Assessment, AttemptRows, Ledger};
use tidewatch_domain::ports::Destination;
use tidewatch_domain::rows::{self, Ops};
use tidewatch_domain::{Cause, ErrorClass, Location, Monitor, MonitorId, ProbeResult, Timestamp};

use super::row::{Row, TableName};
use super::scenario::{Behaviour, Scenario};

const MINUTE: Duration = Duration::from_secs(60);

/// A monitor and what becomes of it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Cast {
    /// The definition.
    pub(super) monitor: Arc<Monitor>,
    /// What each location meets. What the first one says of the definition (paused, deleted)
    /// holds for the monitor.
    pub(super) from: Vec<(Location, Scenario)>,
}

/// The rows of all `casts` from `start` for the time of `length`, in the order in which they can
/// be read.
pub(super) fn rows(
    casts: &[Cast],
    table: &TableName,
    start: Timestamp,
    length: Duration,
) -> Vec<Row> {
    let mut events = Vec::new();
    for cast in casts {
        cast.events(start, length, &mut events);
    }
    if !casts.is_empty() {
        let minutes = u32::try_from(length.as_secs() / 60).unwrap_or(u32::MAX);
        events.extend(
            (1..=minutes).map(|number| (start.plus(MINUTE * number), Event::Minute(number))),
        );
    }
    // Sorting is stable and kinds of events have an order, so that a story is always the same.
    events.sort_by_key(|(at, event)| (*at, event.rank()));
    let mut play = Play {
        ledger: Ledger::new(AttemptRows::Off),
        counted: locations(casts),
        table,
        start,
        rows: Vec::new(),
    };
    for (at, event) in events {
        play.step(at, event);
    }
    let end = start.plus(length);
    play.rows.retain(|row| row.known_at <= end);
    play.rows
}

fn locations(casts: &[Cast]) -> BTreeMap<Location, Ops> {
    let all = casts.iter().flat_map(|cast| &cast.from);
    all.map(|(location, _)| (location.clone(), Ops::default()))
        .collect()
}

/// Something that happens.
enum Event {
    /// A definition is made, changed or removed.
    Define(Arc<Monitor>, Standing),
    /// A probe has ended.
    Probed(Arc<Monitor>, Box<ProbeResult>),
    /// A slot has passed.
    Missed(Arc<Monitor>, Location),
    /// A minute of this number is over.
    Minute(u32),
}

/// What becomes of a definition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    Active,
    Paused,
    Deleted,
}

impl Event {
    fn rank(&self) -> u8 {
        match self {
            Event::Define(..) => 0,
            Event::Probed(..) => 1,
            Event::Missed(..) => 2,
            Event::Minute(_) => 3,
        }
    }
}

impl Cast {
    fn events(&self, start: Timestamp, length: Duration, events: &mut Vec<(Timestamp, Event)>) {
        let mut standing = Standing::Deleted;
        let turns = self
            .from
            .first()
            .into_iter()
            .flat_map(|(_, scenario)| scenario.turns());
        for (after, behaviour) in turns {
            let next = match behaviour {
                Behaviour::Paused => Standing::Paused,
                Behaviour::Deleted => Standing::Deleted,
                _ => Standing::Active,
            };
            if next != standing {
                standing = next;
                let monitor = Arc::new(Monitor {
                    enabled: self.monitor.enabled && next == Standing::Active,
                    ..Monitor::clone(&self.monitor)
                });
                events.push((start.plus(after), Event::Define(monitor, next)));
            }
        }
        if !self.monitor.enabled {
            return;
        }
        for (location, scenario) in &self.from {
            let mut after = Duration::ZERO;
            while after <= length {
                let slot = start.plus(after);
                let (behaviour, since) = scenario.at(after);
                let began = start.plus(since);
                let monitor = Arc::clone(&self.monitor);
                if behaviour == Behaviour::Missed {
                    events.push((slot, Event::Missed(monitor, location.clone())));
                } else if let Some(result) =
                    probe::result(&monitor, location, slot, behaviour, began)
                {
                    let ended = probe::ended(&result);
                    events.push((ended, Event::Probed(monitor, Box::new(result))));
                }
                after = after.saturating_add(self.monitor.interval);
            }
        }
    }
}

/// What the product remembers and has written.
struct Play<'a> {
    ledger: Ledger,
    /// What was counted in the minute that is not over, by location.
    counted: BTreeMap<Location, Ops>,
    table: &'a TableName,
    start: Timestamp,
    rows: Vec<Row>,
}

impl Play<'_> {
    fn step(&mut self, at: Timestamp, event: Event) {
        match event {
            Event::Define(monitor, standing) => self.define(&monitor, standing, at),
            Event::Probed(monitor, result) => {
                if let Some(ops) = self.counted.get_mut(&result.location) {
                    ops.probes += 1;
                    ops.start_lag_max = ops.start_lag_max.max(result.start_lag());
                }
                let assessments = self.ledger.take(&monitor, &result);
                self.publish(assessments, at);
            }
            Event::Missed(monitor, location) => {
                if let Some(ops) = self.counted.get_mut(&location) {
                    ops.missed += 1;
                }
                let cause = Cause::new(ErrorClass::Overloaded, "nobody was there to probe");
                let row = rows::missed_row(&monitor, &location, at, 1, &cause);
                self.rows.push(Row::of(row, self.table, at));
            }
            Event::Minute(number) => self.minute(number, at),
        }
    }

    fn define(&mut self, monitor: &Arc<Monitor>, standing: Standing, at: Timestamp) {
        let (assessments, row) = if standing == Standing::Deleted {
            let assessments = self.ledger.forget(&monitor.key, at);
            (
                assessments,
                rows::tombstone(&monitor.key, monitor.kind(), at),
            )
        } else {
            let assessments = self.ledger.track(monitor, None, at);
            (assessments, rows::monitor_row(monitor, at))
        };
        self.publish(assessments, at);
        self.rows.push(Row::of(row, self.table, at));
    }

    fn publish(&mut self, assessments: Vec<Assessment>, at: Timestamp) {
        let rows = assessments
            .into_iter()
            .flat_map(|assessment| assessment.rows);
        for (destination, row) in rows {
            if destination == Destination::Main {
                self.rows.push(Row::of(row, self.table, at));
            }
        }
    }

    fn minute(&mut self, number: u32, at: Timestamp) {
        let component = MonitorId::component("local");
        let monitors: Vec<Arc<Monitor>> = self.ledger.monitors().map(Arc::clone).collect();
        let enabled = monitors.iter().filter(|monitor| monitor.enabled).count();
        let begun = self.start.plus(MINUTE * (number - 1));
        let is_due = |every: Duration| (MINUTE * number).as_secs().is_multiple_of(every.as_secs());
        for (location, counted) in &mut self.counted {
            let ops = Ops {
                monitors: u64::try_from(enabled).unwrap_or(u64::MAX),
                network_lost: self.ledger.network_lost_since(location).is_some(),
                ..std::mem::take(counted)
            };
            let row = rows::ops_row(&component, location, &ops, begun);
            self.rows.push(Row::of(row, self.table, at));
        }
        let mut sorted = monitors;
        sorted.sort_by(|one, other| one.key.cmp(&other.key));
        for monitor in &sorted {
            if is_due(rows::STATE_EVERY) {
                let states = self.ledger.state_rows(&monitor.key, at);
                let states = states.into_iter().map(|row| Row::of(row, self.table, at));
                self.rows.extend(states);
            }
            if is_due(rows::MONITOR_EVERY) {
                let row = rows::monitor_row(monitor, at);
                self.rows.push(Row::of(row, self.table, at));
            }
        }
    }
}

#[cfg(test)]
mod tests;
