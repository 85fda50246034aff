//! An alert that only tries the way from here to people.

use std::collections::BTreeMap;

use tidewatch_domain::Timestamp;
use tidewatch_domain::incident::{Alert, Links, Status, annotation, label};

use crate::envelope::{Envelope, Source};
use crate::payload::{fingerprint, payload_of};

/// The envelope of a test alert, made at `now`. Whoever gets its message reads that it is a test.
pub fn test_envelope(now: Timestamp) -> Envelope {
    let labels = BTreeMap::from([
        (label::ALERTNAME.to_owned(), "TestAlert".to_owned()),
        (label::INSTANCE.to_owned(), "Tidewatch".to_owned()),
    ]);
    let alert = Alert {
        fingerprint: fingerprint(&labels),
        status: Status::Firing,
        annotations: BTreeMap::from([(
            annotation::SUMMARY.to_owned(),
            "Test of the way from an alert to you".to_owned(),
        )]),
        values: BTreeMap::new(),
        starts_at: now,
        ends_at: None,
        since: None,
        links: Links::default(),
        labels,
    };
    Envelope::of_payload(Source::Local, now, &payload_of("tidewatch", &[alert]))
}
