//! Which files a flush writes, from which rows and files.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use super::rows::{RowKey, SortedRows};
use crate::partition::{HOUR, Partition, Span};
use crate::table::{FrozenTable, Stored};

/// How long after its end a day is merged into one file: late rows have mostly come by then.
const DAY_REST: i64 = 2 * HOUR;
/// A day's file is written anew for the sake of other files of its day when those have at least
/// one row for so many of its own.
const DAY_ROWS_PER_LATE_ROW: u64 = 10;
/// A day that rows still come for is merged only when it has so many files besides its own: a
/// backfill would else write the day anew for every tenth of its rows.
const DAY_LATE_FILES: usize = 24;
/// A file of an hour is merged with new rows of that hour unless it has more than so many times
/// as many.
const HOUR_MERGE_RATIO: u64 = 3;

/// What a flush does with one table.
#[derive(Debug)]
pub(super) struct Plan {
    /// Files with nothing that is kept any longer.
    pub(super) expired: Vec<Arc<Partition>>,
    pub(super) jobs: Vec<Job>,
}

/// A file to write.
#[derive(Debug, Clone)]
pub(super) struct Job {
    pub(super) span: Span,
    /// Rows from memory, not sorted yet.
    pub(super) rows: Vec<RowKey>,
    /// Files whose rows it takes over.
    pub(super) inputs: Vec<Stored>,
}

impl Job {
    /// Leaves out the files that cannot be read. False when nothing is left to be done.
    pub(super) fn without_unreadable(&mut self) -> bool {
        self.inputs.retain(|stored| !stored.partition.is_aside());
        let scattered = matches!(self.span, Span::Day(_)) && self.inputs.len() > 1;
        let replaced = self.inputs.iter().any(|stored| !stored.dead.is_empty());
        !self.rows.is_empty() || scattered || replaced
    }
}

pub(super) fn has_expired<'a>(
    mut partitions: impl Iterator<Item = &'a Stored>,
    kept_from: i64,
) -> bool {
    partitions.any(|stored| stored.partition.meta.max_time < kept_from)
}

/// Whether a day is to be merged. `is_coming` tells whether rows in memory lie in a day.
pub(super) fn has_finished_day<'a>(
    partitions: impl Iterator<Item = &'a Stored>,
    now: i64,
    is_coming: impl Fn(Span) -> bool,
) -> bool {
    !finished_days(partitions, now, is_coming).is_empty()
}

/// The days that are to be merged into one file each.
fn finished_days<'a>(
    partitions: impl Iterator<Item = &'a Stored>,
    now: i64,
    is_coming: impl Fn(Span) -> bool,
) -> BTreeSet<Span> {
    #[derive(Default)]
    struct Files {
        days: usize,
        day_rows: u64,
        hours: usize,
        hour_rows: u64,
    }
    let mut by_day: HashMap<Span, Files> = HashMap::new();
    for stored in partitions.filter(|stored| !stored.partition.is_aside()) {
        let meta = &stored.partition.meta;
        let files = by_day.entry(meta.span.day()).or_default();
        if let Span::Day(_) = meta.span {
            files.days += 1;
            files.day_rows += meta.rows;
        } else {
            files.hours += 1;
            files.hour_rows += meta.rows;
        }
    }
    let is_finished = |(day, files): (Span, Files)| {
        let over = day.end().saturating_add(DAY_REST) <= now;
        let scattered = match files.days {
            0 => files.hours > 1,
            1 => files.hour_rows * DAY_ROWS_PER_LATE_ROW >= files.day_rows && files.hours > 0,
            _ => true,
        };
        let many = files.hours >= DAY_LATE_FILES;
        (over && (many || scattered && !is_coming(day))).then_some(day)
    };
    by_day.into_iter().filter_map(is_finished).collect()
}

impl Plan {
    pub(super) fn new(table: &FrozenTable, kept_from: i64, now: i64) -> Plan {
        let (expired, partitions): (Vec<_>, Vec<_>) = table
            .partitions
            .iter()
            .partition(|stored| stored.partition.meta.max_time < kept_from);
        let partitions: Vec<_> = partitions
            .into_iter()
            .filter(|stored| !stored.partition.is_aside())
            .collect();
        let mut hours = SortedRows::by_hour(&table.chunks, kept_from);
        let mut jobs: BTreeMap<Span, Job> = BTreeMap::new();

        // Whole days: those that are over, and those whose file has replaced rows.
        let mut days = finished_days(partitions.iter().copied(), now, |day| {
            let mut coming = hours.iter().filter(|(_, rows)| !rows.is_empty());
            coming.any(|(hour, _)| hour.day() == day)
        });
        for stored in &partitions {
            let span = stored.partition.meta.span;
            if matches!(span, Span::Day(_)) && !stored.dead.is_empty() {
                days.insert(span);
            }
        }
        for day in days {
            let in_day = |span: &Span| span.day() == day;
            let job = job_of(&mut jobs, day);
            let rows = hours.iter_mut().filter(|(hour, _)| in_day(hour));
            job.rows = rows.flat_map(|(_, rows)| std::mem::take(rows)).collect();
            let inputs = partitions
                .iter()
                .filter(|stored| in_day(&stored.partition.meta.span));
            job.inputs = inputs.map(|stored| (*stored).clone()).collect();
        }

        // Hours: new rows, with the smaller ones of the files there are, and every file that has
        // replaced rows.
        for (hour, rows) in hours {
            if !rows.is_empty() {
                job_of(&mut jobs, hour).rows = rows;
            }
        }
        for stored in partitions {
            let meta = &stored.partition.meta;
            if !matches!(meta.span, Span::Hour(_)) || jobs.contains_key(&meta.span.day()) {
                continue;
            }
            let new_rows = jobs.get(&meta.span).map_or(0, |job| job.rows.len() as u64);
            let small = new_rows > 0 && meta.rows <= new_rows.saturating_mul(HOUR_MERGE_RATIO);
            if small || !stored.dead.is_empty() {
                job_of(&mut jobs, meta.span).inputs.push(stored.clone());
            }
        }
        Plan {
            expired: expired
                .into_iter()
                .map(|stored| stored.partition.clone())
                .collect(),
            jobs: jobs.into_values().collect(),
        }
    }
}

fn job_of(jobs: &mut BTreeMap<Span, Job>, span: Span) -> &mut Job {
    jobs.entry(span).or_insert_with(|| Job {
        span,
        rows: Vec::new(),
        inputs: Vec::new(),
    })
}
