use std::collections::BTreeMap;
use std::time::Duration;

use super::text::{Surroundings, attributes, body, in_words, subject};
use super::*;
use crate::name::MonitorKey;
use crate::time::Timestamp;
use crate::{MonitorId, Tenant};

/// 2026-11-22T07:00:00Z.
pub(super) const START: i64 = 1_795_330_800;

pub(super) fn at(seconds: i64) -> Timestamp {
    Timestamp::from_secs(START + seconds)
}

fn map(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

pub(super) fn alert(rule: &str, epoch: Option<u64>, starts: i64, status: Status) -> Alert {
    let mut labels = map(&[
        (label::ALERTNAME, rule),
        (label::RULE, rule),
        (label::TENANT, "acme"),
        (label::MONITOR_ID, "shop"),
        (label::SEVERITY, "critical"),
        (label::TEAM, "payments"),
    ]);
    if let Some(epoch) = epoch {
        labels.insert(label::EPOCH.to_owned(), epoch.to_string());
    }
    Alert {
        fingerprint: format!("{rule}-{}", epoch.unwrap_or(0)),
        status,
        labels,
        annotations: BTreeMap::new(),
        values: BTreeMap::new(),
        starts_at: at(starts),
        ends_at: (status == Status::Resolved).then(|| at(starts + 60)),
        since: None,
        links: Links::default(),
    }
}

pub(super) fn down(epoch: u64, starts: i64) -> Alert {
    alert("down", Some(epoch), starts, Status::Firing)
}

pub(super) fn up(epoch: u64, starts: i64) -> Alert {
    alert("down", Some(epoch), starts, Status::Resolved)
}

pub(super) fn shop() -> Case {
    Case::new(Subject::Monitor(MonitorKey {
        tenant: Tenant::try_new("acme").unwrap(),
        monitor_id: MonitorId::try_new("shop").unwrap(),
    }))
}

fn deliver(case: &mut Case, now: i64, alerts: Vec<Alert>) -> Vec<Notice> {
    let deliveries = alerts
        .into_iter()
        .map(|alert| Delivery {
            alert,
            received: at(now),
        })
        .collect();
    case.fold(&Policy::default(), deliveries, at(now))
}

/// What was told, as `kind incident` and the number of attached alerts.
fn told(notices: &[Notice]) -> Vec<String> {
    notices
        .iter()
        .map(|notice| {
            format!(
                "{} {} +{}",
                notice.kind.name(),
                notice.incident(),
                notice.attached.len()
            )
        })
        .collect()
}

#[test]
fn an_outage_is_one_message_and_its_end_another() {
    let mut case = shop();
    assert_eq!(
        told(&deliver(&mut case, 10, vec![down(7, 0)])),
        ["opened acme/shop#7 +0"]
    );
    assert!(deliver(&mut case, 70, vec![down(7, 0)]).is_empty());
    let end = deliver(&mut case, 130, vec![up(7, 0)]);
    assert_eq!(told(&end), ["resolved acme/shop#7 +0"]);
    assert!(deliver(&mut case, 190, vec![up(7, 0), down(7, 0)]).is_empty());
    assert!(!case.is_open());
}

#[test]
fn other_alerts_are_attached_while_it_is_down() {
    let mut case = shop();
    let slow = |status| alert("latency", None, 20, status);
    deliver(&mut case, 10, vec![down(1, 0)]);
    assert!(deliver(&mut case, 30, vec![slow(Status::Firing)]).is_empty());
    let end = deliver(&mut case, 90, vec![up(1, 0)]);
    assert_eq!(told(&end), ["resolved acme/shop#1 +1"]);
    // People know that it is still slow: its end is a message of its own.
    let end = deliver(&mut case, 150, vec![slow(Status::Resolved)]);
    assert_eq!(told(&end), ["resolved acme/shop +0"]);
}

#[test]
fn what_began_before_the_outage_and_ended_within_it_is_told_with_its_end() {
    let mut case = shop();
    let slow = |status| alert("latency", None, 0, status);
    let opened = deliver(&mut case, 10, vec![slow(Status::Firing)]);
    assert_eq!(told(&opened), ["opened acme/shop +0"]);
    let opened = deliver(&mut case, 40, vec![down(1, 30)]);
    assert_eq!(told(&opened), ["opened acme/shop#1 +1"]);
    assert!(deliver(&mut case, 70, vec![slow(Status::Resolved)]).is_empty());
    let end = deliver(&mut case, 130, vec![up(1, 30)]);
    assert_eq!(told(&end), ["resolved acme/shop#1 +1"]);
}

#[test]
fn alerts_of_one_moment_are_one_message() {
    let mut case = shop();
    let alerts = vec![
        alert("latency", None, 0, Status::Firing),
        alert("slo-fast-burn", None, 5, Status::Firing),
    ];
    let opened = deliver(&mut case, 10, alerts);
    assert_eq!(told(&opened), ["opened acme/shop +0"]);
    assert_eq!(opened[0].alerts.len(), 2);
}

#[test]
fn reminders_are_numbered_and_repeats_are_none() {
    let mut case = shop();
    let hour = 3_600;
    deliver(&mut case, 10, vec![down(1, 0)]);
    assert!(deliver(&mut case, hour, vec![down(1, 0)]).is_empty());
    for (number, hours) in [(1, 4), (2, 8)] {
        let reminder = deliver(&mut case, hours * hour + 10, vec![down(1, 0)]);
        assert_eq!(told(&reminder), ["reminder acme/shop#1 +0"]);
        assert_eq!(reminder[0].number, number);
        assert!(deliver(&mut case, hours * hour + 20, vec![down(1, 0)]).is_empty());
    }
}

#[test]
fn what_is_no_longer_measured_has_not_recovered() {
    for reason in ["NoData", "MissingSeries", "Paused", "Updated", "Error"] {
        let mut case = shop();
        deliver(&mut case, 10, vec![down(1, 0)]);
        let mut ended = up(1, 0);
        ended
            .annotations
            .insert(annotation::STATE_REASON.to_owned(), reason.to_owned());
        let end = deliver(&mut case, 70, vec![ended]);
        assert_eq!(told(&end), ["stopped_reporting acme/shop#1 +0"]);
        let dispatch = Dispatch::single(end[0].clone());
        let text = body(&dispatch, &Surroundings::default(), 10_000);
        assert!(text.contains(reason), "{text}");
        for told in [subject(&dispatch), text] {
            assert!(!told.to_lowercase().contains("recovered"), "{told}");
            assert!(!told.to_lowercase().contains("resolved"), "{told}");
        }
    }
}

#[test]
fn an_end_whose_beginning_was_lost_is_told() {
    let mut case = shop();
    let end = deliver(&mut case, 100, vec![up(3, 0)]);
    assert_eq!(told(&end), ["resolved acme/shop#3 +0"]);
    assert!(deliver(&mut case, 110, vec![down(3, 0)]).is_empty());
}

#[test]
fn a_new_outage_ends_the_one_before() {
    let mut case = shop();
    deliver(&mut case, 10, vec![down(1, 0)]);
    let opened = deliver(&mut case, 130, vec![down(2, 120)]);
    assert_eq!(told(&opened), ["opened acme/shop#2 +0"]);
    assert_eq!(opened[0].earlier.len(), 1);
    // Its late end says nothing new, and the newer outage goes on.
    assert!(deliver(&mut case, 140, vec![up(1, 0)]).is_empty());
    assert!(case.is_open());
}

#[test]
fn an_outage_that_two_senders_tell_of_is_told_once_and_ends_with_the_later_of_them() {
    let from_another = |alert: Alert| Alert {
        fingerprint: format!("other-{}", alert.fingerprint),
        ..alert
    };
    let mut case = shop();
    let opened = deliver(&mut case, 10, vec![down(4, 0)]);
    assert_eq!(told(&opened), ["opened acme/shop#4 +0"]);
    assert!(deliver(&mut case, 20, vec![from_another(down(4, 12))]).is_empty());
    assert_eq!(case.outages.len(), 1, "one outage is no flapping");
    assert!(deliver(&mut case, 70, vec![up(4, 0)]).is_empty());
    let end = deliver(&mut case, 80, vec![from_another(up(4, 12))]);
    assert_eq!(told(&end), ["resolved acme/shop#4 +0"]);
    assert!(!case.is_open());
    // The next one is another outage, whoever is first.
    let opened = deliver(&mut case, 200, vec![from_another(down(5, 190))]);
    assert_eq!(told(&opened), ["opened acme/shop#5 +0"]);
    assert!(deliver(&mut case, 210, vec![down(5, 190)]).is_empty());
}

#[test]
fn a_number_that_starts_again_after_a_loss_is_a_new_outage() {
    let mut case = shop();
    deliver(&mut case, 10, vec![down(9, 0)]);
    deliver(&mut case, 70, vec![up(9, 0)]);
    let opened = deliver(&mut case, 130, vec![down(1, 120)]);
    assert_eq!(told(&opened), ["opened acme/shop#1 +0"]);
}

#[test]
fn a_flapping_monitor_is_told_once_and_again_when_it_has_settled() {
    let mut case = shop();
    let mut kinds = Vec::new();
    for epoch in 1..=8 {
        let starts = i64::try_from(epoch).unwrap() * 240;
        kinds.extend(deliver(&mut case, starts, vec![down(epoch, starts)]));
        kinds.extend(deliver(&mut case, starts + 60, vec![up(epoch, starts)]));
    }
    // Three ordinary outages, then the word that it is flapping.
    assert_eq!(kinds.len(), 7);
    assert_eq!(kinds[6].flapping, Some(4));
    assert!(subject(&Dispatch::single(kinds[6].clone())).contains("FLAPPING acme/shop"));
    let last = 8 * 240 + 60;
    assert_eq!(
        case.wake_at(&Policy::default()),
        Some(at(last + 30 * 60)),
        "half an hour after the last change"
    );
    assert!(deliver(&mut case, last + 60, Vec::new()).is_empty());
    let settled = deliver(&mut case, last + 30 * 60, Vec::new());
    assert_eq!(told(&settled), ["resolved acme/shop#8 +0"]);
    assert_eq!(settled[0].earlier.len(), 4, "outages 4 to 7");
    assert_eq!(case.wake_at(&Policy::default()), None);
}

#[test]
fn a_flapping_monitor_that_stays_down_is_told_of() {
    let mut case = shop();
    let mut flapping = down(1, 0);
    flapping.annotations.insert(
        annotation::OVERLAYS.to_owned(),
        "degraded,flapping".to_owned(),
    );
    let opened = deliver(&mut case, 10, vec![flapping]);
    assert_eq!(opened[0].flapping, Some(1));
    assert!(deliver(&mut case, 70, vec![up(1, 0)]).is_empty());
    assert!(deliver(&mut case, 130, vec![down(2, 120)]).is_empty());
    let settled = deliver(&mut case, 130 + 30 * 60, Vec::new());
    assert_eq!(told(&settled), ["opened acme/shop#2 +0"]);
    assert_eq!(settled[0].flapping, None);
}

#[test]
fn a_test_is_told_as_such_and_its_end_is_not() {
    let mut test = alert("TestAlert", None, 0, Status::Firing);
    test.labels = map(&[
        (label::ALERTNAME, "TestAlert"),
        (label::INSTANCE, "Grafana"),
    ]);
    let mut case = Case::new(test.subject());
    let notices = deliver(&mut case, 1, vec![test.clone()]);
    assert_eq!(notices[0].kind, NoticeKind::Test);
    assert!(subject(&Dispatch::single(notices[0].clone())).starts_with("[TEST] "));
    test.status = Status::Resolved;
    assert!(deliver(&mut case, 61, vec![test]).is_empty());
}

#[test]
fn ended_alerts_are_forgotten_in_time_and_never_too_many_are_kept() {
    let mut case = shop();
    for epoch in 1..=100 {
        let starts = i64::try_from(epoch).unwrap() * 4_000;
        deliver(&mut case, starts, vec![down(epoch, starts)]);
        deliver(&mut case, starts + 60, vec![up(epoch, starts)]);
        assert!(case.alerts.len() <= 65, "{}", case.alerts.len());
        assert!(case.outages.len() <= 2);
    }
    deliver(&mut case, 100 * 4_000 + 90_000, Vec::new());
    assert!(case.alerts.is_empty());
}

fn told_notice() -> Notice {
    let mut alert = down(7, 0);
    for (name, text) in [
        (annotation::CAUSE, "connect_refused"),
        (annotation::CAUSE_OWNER, "target"),
        (
            annotation::CAUSE_TEXT,
            "connect to 192.0.2.1:443 was refused\r\nforged: line",
        ),
        (annotation::FAILING_LOCATIONS, "eu-west-1, us-east-1"),
        (annotation::TARGET, "https://shop.example/"),
        (
            annotation::DESCRIPTION,
            "shop is down, confirmed by retries.",
        ),
    ] {
        alert.annotations.insert(name.to_owned(), text.to_owned());
    }
    alert.since = Some(at(-3));
    let mut case = shop();
    let slow = super::tests::alert("latency", None, 5, Status::Firing);
    deliver(&mut case, 10, vec![alert, slow]).remove(0)
}

#[test]
fn an_outage_lasts_since_it_began_whatever_says_so_and_in_whatever_order() {
    let mut begin = down(7, 10);
    begin.since = Some(at(-3));
    let end = up(7, 10);
    for order in [[&begin, &end], [&end, &begin]] {
        let mut case = shop();
        let mut told = Vec::new();
        for (number, alert) in (1..).zip(order) {
            told.extend(deliver(&mut case, 100 * number, vec![alert.clone()]));
        }
        let end = told.last().unwrap();
        assert_eq!(end.until(), Some(at(70)));
        let known = case.alerts.values().next().unwrap();
        assert_eq!(known.alert.trouble_since(), at(-3));
        // Whoever was told of the beginning hears how long it was.
        if order[0] == &begin {
            assert_eq!(end.since(), at(-3));
        }
    }
}

#[test]
fn a_message_says_what_where_since_when_why_how_bad_and_what_to_do() {
    let surroundings = Surroundings {
        runbooks: Some("https://docs.example/runbooks/".to_owned()),
        grafana: Some("https://grafana.example".to_owned()),
    };
    let dispatch = Dispatch::single(told_notice());
    assert_eq!(
        subject(&dispatch),
        "[CRITICAL] DOWN acme/shop since 06:59 UTC"
    );
    let text = body(&dispatch, &surroundings, 10_000);
    assert_eq!(
        text,
        "\
DOWN acme/shop since 06:59 UTC

Since:    2026-11-22 06:59:57 UTC, 13 s ago
Why:      connect to 192.0.2.1:443 was refused forged: line (connect_refused, target has to act)
Target:   https://shop.example/
Where:    failing from eu-west-1, us-east-1
How bad:  critical, outage number 7, team payments

shop is down, confirmed by retries.

Runbook:   https://docs.example/runbooks/down.md
Dashboard: https://grafana.example/d/tidewatch-monitor?var-tenant=acme&var-monitor=shop

Other alerts of this monitor:
- FIRING   latency since 2026-11-22 07:00:05 UTC

Labels:   alertname=down epoch=7 monitor_id=shop rule=down severity=critical team=payments tenant=acme"
    );
}

#[test]
fn what_matters_least_is_cut_first() {
    let dispatch = Dispatch::single(told_notice());
    let whole = body(&dispatch, &Surroundings::default(), 10_000);
    let mut shortest = whole.len();
    for limit in (0..whole.len()).rev() {
        let text = body(&dispatch, &Surroundings::default(), limit);
        assert!(text.len() <= limit);
        shortest = shortest.min(text.len());
        if limit > 250 {
            assert!(text.contains("DOWN acme/shop"), "{text}");
            assert!(!text.contains("Labels:") || !text.contains("more lines"));
        }
    }
    let short = body(&dispatch, &Surroundings::default(), 400);
    assert!(short.contains("Why:") && short.ends_with("left out for length"));
}

#[test]
fn subjects_are_short_ascii_whatever_the_names_are() {
    let mut notice = told_notice();
    notice.kind = NoticeKind::Resolved;
    notice.subject = Subject::Alert("f".to_owned());
    notice.alerts[0].labels = map(&[
        (label::ALERTNAME, &"Zähler\r\nBcc: everybody – ☃".repeat(9)),
        (label::COMPONENT, "writer"),
    ]);
    let line = subject(&Dispatch::single(notice));
    assert!(line.len() <= 99 && line.bytes().all(|byte| (b' '..=b'~').contains(&byte)));
    assert!(
        line.starts_with("[WARNING] RESOLVED writer: Zahler  Bcc: everybody - ?"),
        "{line}"
    );
}

#[test]
fn many_at_once_are_a_digest_for_each_audience() {
    let notice = |monitor: &str, tenant: &str| {
        let mut alert = down(1, 0);
        alert
            .labels
            .insert(label::TENANT.to_owned(), tenant.to_owned());
        alert
            .labels
            .insert(label::MONITOR_ID.to_owned(), monitor.to_owned());
        alert.fingerprint = format!("{tenant}-{monitor}");
        let mut case = Case::new(alert.subject());
        deliver(&mut case, 10, vec![alert]).remove(0)
    };
    let mut notices: Vec<Notice> = (0..6).map(|n| notice(&format!("m{n}"), "acme")).collect();
    notices.push(notice("m0", "globex"));
    let sent = dispatches(&Policy::default(), notices.clone());
    let kinds: Vec<(&str, usize)> = sent
        .iter()
        .map(|dispatch| (dispatch.kind(), dispatch.notices().len()))
        .collect();
    assert_eq!(kinds, [("opened", 1), ("digest", 6)]);
    let digest = &sent[1];
    assert_eq!(subject(digest), "[CRITICAL] 6 alerts (acme): 6 down");
    let text = body(digest, &Surroundings::default(), 10_000);
    assert!(text.contains("- DOWN acme/m5 since 07:00 UTC") && !text.contains("globex"));
    notices.reverse();
    let again = dispatches(&Policy::default(), notices);
    assert_eq!(digest.dedupe_id(), again[1].dedupe_id());
}

#[test]
fn attributes_are_few_and_filled() {
    let found = attributes(&Dispatch::single(told_notice()));
    assert!(found.len() <= 10);
    assert!(found.iter().all(|(_, value)| !value.is_empty()));
    assert!(found.contains(&("incident", "acme/shop#7".to_owned())));
}

#[test]
fn durations_have_two_units() {
    let words = |seconds| in_words(Duration::from_secs(seconds));
    assert_eq!(words(0), "less than a second");
    assert_eq!(words(59), "59 s");
    assert_eq!(words(723), "12 min 3 s");
    assert_eq!(words(3_600), "1 h");
    assert_eq!(words(28_861), "8 h 1 min");
    assert_eq!(words(90_000), "1 d 1 h");
}
