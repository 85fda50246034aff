//! Rows that make every column exist, so that the dashboards of a healthy system name no column
//! that does not.

use std::sync::atomic::{AtomicBool, Ordering};

use tidewatch_aws::environment::Tenants;
use tidewatch_aws::message::Row;
use tidewatch_domain::assess::AttemptRows;
use tidewatch_domain::ports::Destination;
use tidewatch_domain::{Tenant, Timestamp, rows};

/// What has to be declared, until it is.
///
/// The rows go out with the first batch that the store takes, not at the start: a start that waits
/// for a store in trouble helps nobody.
pub(crate) struct Columns {
    places: Vec<(Tenant, Destination)>,
    are_declared: AtomicBool,
}

impl Columns {
    /// The columns of every table that rows of `tenants` go to.
    pub(crate) fn new(tenants: &Tenants, attempt_rows: AttemptRows) -> Self {
        let destinations: &[Destination] = match attempt_rows {
            AttemptRows::Off => &[Destination::Main],
            AttemptRows::Failures | AttemptRows::All => &[Destination::Main, Destination::Attempts],
        };
        let shared = &tenants.others().store;
        let with_own = tenants
            .named()
            .filter(|(_, settings)| settings.store != *shared)
            .map(|(tenant, _)| tenant.clone());
        let places = with_own.chain([Tenant::system()]).flat_map(|tenant| {
            let place = move |destination: &Destination| (tenant.clone(), *destination);
            destinations.iter().map(place)
        });
        Columns {
            places: places.collect(),
            are_declared: AtomicBool::new(false),
        }
    }

    /// The rows that declare them; none once that is done. Those of a day are the same whoever
    /// writes them.
    pub(crate) fn rows(&self, now: Timestamp) -> Vec<Row> {
        const DAY: i64 = 24 * 60 * 60;
        if self.are_declared.load(Ordering::Relaxed) {
            return Vec::new();
        }
        let midnight = Timestamp::from_secs(now.as_secs().div_euclid(DAY) * DAY);
        let of_place = |(tenant, destination): &(Tenant, Destination)| {
            let (tenant, destination) = (tenant.clone(), *destination);
            rows::schema_rows(midnight)
                .into_iter()
                .map(move |record| Row {
                    destination,
                    tenant: tenant.clone(),
                    record,
                })
        };
        self.places.iter().flat_map(of_place).collect()
    }

    /// Notes that the store has them.
    pub(crate) fn note_declared(&self) {
        self.are_declared.store(true, Ordering::Relaxed);
    }
}
