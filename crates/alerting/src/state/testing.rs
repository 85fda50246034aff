//! Alerts for tests of what works on them.

use tidewatch_domain::Timestamp;

use crate::evaluate::Labels;
use crate::fingerprint::fingerprint;

use super::{Alert, State};

/// One that fires since the beginning of these tests' time.
pub(crate) fn alert(labels: &[(&str, &str)]) -> Alert {
    let labels: Labels = labels
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    let start = Timestamp::from_secs(1_795_330_800);
    Alert {
        rule_uid: "rule".to_owned(),
        org_id: 1,
        fingerprint: fingerprint(&labels),
        query_labels: labels.clone(),
        labels,
        internal: Labels::new(),
        annotations: Labels::new(),
        state: State::Alerting,
        reason: None,
        since: start,
        starts_at: start,
        ends_at: start,
        resolved_at: None,
        last_evaluation: start,
        values: [("A".to_owned(), 1.0)].into(),
        value_string: String::new(),
        dashboard_uid: None,
        panel_id: None,
        route: None,
    }
}
