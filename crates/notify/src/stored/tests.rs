use proptest::prelude::*;
use serde_json::json;
use tidewatch_domain::incident::{Delivery, Policy};

use super::*;
use crate::message::tests::a_message;

fn file(rounds: &[(u64, bool)]) -> CaseFile {
    let mut case = Case::new(Subject::Monitor(MonitorKey {
        tenant: Tenant::try_new("acme").unwrap(),
        monitor_id: MonitorId::try_new("shop").unwrap(),
    }));
    let mut outbox = Vec::new();
    for (number, (epoch, fires)) in rounds.iter().enumerate() {
        let now = Timestamp::from_secs(1_795_330_800 + i64::try_from(number).unwrap() * 100);
        let alert = json!({
            "status": if *fires { "firing" } else { "resolved" },
            "labels": {
                "alertname": "Monitor down", "rule": "down", "tenant": "acme",
                "monitor_id": "shop", "epoch": epoch.to_string(),
            },
            "annotations": { "summary": "ü\n" },
            "startsAt": format!("2026-11-22T07:0{epoch}:00.000000001Z"),
            "endsAt": "2026-11-22T07:12:03.25Z",
            "fingerprint": epoch.to_string(),
            "values": { "A": 0.1 },
            "silenceURL": "https://grafana/silence",
        });
        let delivery = Delivery {
            alert: read_alert(&alert).unwrap(),
            received: now,
        };
        for notice in case.fold(&Policy::default(), vec![delivery], now) {
            outbox.push(Outgoing {
                notice,
                received: now,
                left: vec!["pager".to_owned()],
                digest: (number % 2 == 0).then(|| "d".to_owned()),
                claimed_until: now,
            });
        }
    }
    CaseFile { case, outbox }
}

proptest! {
    #[test]
    fn a_case_is_read_as_it_was_written(
        rounds in proptest::collection::vec((1_u64..6, any::<bool>()), 0..12),
    ) {
        let file = file(&rounds);
        let read = CaseFile::read("acme/shop", &file.to_json()).unwrap();
        prop_assert_eq!(read, file);
    }
}

#[test]
fn a_digest_is_read_as_it_was_written() {
    let file = DigestFile {
        notices: vec![a_message(2).dispatch().first().clone()],
        received: Timestamp::from_millis(5),
        left: vec!["mail".to_owned()],
    };
    assert_eq!(DigestFile::read("d", &file.to_json()).unwrap(), file);
}

#[test]
fn what_a_later_release_wrote_is_not_guessed_at() {
    let error = CaseFile::read("acme/shop", r#"{"v":2}"#).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the item `acme/shop` of the table of incidents cannot be read: it is of version 2, this release reads version 1; remove it if it is not needed"
    );
}
