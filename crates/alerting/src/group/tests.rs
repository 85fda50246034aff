use std::time::Duration;

use proptest::prelude::*;
use tidewatch_domain::Timestamp;

use crate::rule::NotificationSettings;
use crate::state::testing::alert;
use crate::state::{Alert, State};

use super::{Dispatcher, Notification, Route, Routing};

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_secs(1_795_330_800 + seconds)
}

fn dispatcher() -> Dispatcher {
    Dispatcher::new(Routing::to("tidewatch"))
}

fn firing(monitor: &str) -> Alert {
    alert(&[
        ("alertname", "Down"),
        ("grafana_folder", "Tidewatch"),
        ("monitor_id", monitor),
    ])
}

fn resolved(monitor: &str, seconds: i64) -> Alert {
    Alert {
        state: State::Normal,
        resolved_at: Some(at(seconds)),
        ends_at: at(seconds),
        ..firing(monitor)
    }
}

fn loud(_: &Alert) -> bool {
    false
}

/// What is sent at that time, which arrives.
fn flush(dispatcher: &mut Dispatcher, seconds: i64) -> Vec<String> {
    let due = dispatcher.due(at(seconds), &loud);
    due.iter().for_each(|it| dispatcher.sent(it, at(seconds)));
    due.iter().map(told).collect()
}

fn told(notification: &Notification) -> String {
    let alerts: Vec<String> = notification
        .alerts
        .iter()
        .map(|alert| {
            let sign = if alert.resolved_at.is_some() {
                '-'
            } else {
                '+'
            };
            format!("{sign}{}", alert.labels["monitor_id"])
        })
        .collect();
    alerts.join(" ")
}

#[test]
fn a_group_waits_then_tells_all_at_once() {
    let mut dispatcher = dispatcher();
    assert_eq!(dispatcher.next_due(), None);
    dispatcher.take([firing("b")], at(0));
    dispatcher.take([firing("a")], at(20));
    assert_eq!(dispatcher.next_due(), Some(at(30)));
    assert_eq!(flush(&mut dispatcher, 29), Vec::<String>::new());
    assert_eq!(flush(&mut dispatcher, 30), ["+a +b"]);
    assert_eq!(dispatcher.next_due(), Some(at(330)));
}

#[test]
fn news_wait_for_the_interval_and_nothing_new_for_the_repeat() {
    let mut dispatcher = dispatcher();
    dispatcher.take([firing("a")], at(0));
    assert_eq!(flush(&mut dispatcher, 30), ["+a"]);
    dispatcher.take([firing("a"), firing("b")], at(60));
    assert_eq!(flush(&mut dispatcher, 329), Vec::<String>::new());
    assert_eq!(flush(&mut dispatcher, 330), ["+a +b"]);
    for quiet in (630..330 + 4 * 3600).step_by(300) {
        assert_eq!(
            flush(&mut dispatcher, quiet),
            Vec::<String>::new(),
            "{quiet}"
        );
    }
    // The repeat is looked for when the group is, and its time has to be over.
    assert_eq!(flush(&mut dispatcher, 330 + 4 * 3600), Vec::<String>::new());
    assert_eq!(flush(&mut dispatcher, 630 + 4 * 3600), ["+a +b"]);
}

#[test]
fn an_end_is_told_once_to_who_heard_of_the_beginning() {
    let mut dispatcher = dispatcher();
    dispatcher.take([firing("a"), firing("b")], at(0));
    assert_eq!(flush(&mut dispatcher, 30), ["+a +b"]);
    dispatcher.take([resolved("a", 60)], at(60));
    assert_eq!(flush(&mut dispatcher, 330), ["-a +b"]);
    assert_eq!(flush(&mut dispatcher, 630), Vec::<String>::new());
    dispatcher.take([resolved("b", 700)], at(700));
    assert_eq!(flush(&mut dispatcher, 930), ["-b"]);
    assert_eq!(dispatcher.next_due(), None, "the group is gone");
}

#[test]
fn what_ended_before_anybody_heard_of_it_is_not_told() {
    let mut dispatcher = dispatcher();
    dispatcher.take([firing("a")], at(0));
    dispatcher.take([resolved("a", 10)], at(10));
    assert_eq!(flush(&mut dispatcher, 30), Vec::<String>::new());
    assert_eq!(dispatcher.next_due(), None);
}

#[test]
fn the_end_of_what_may_have_been_told_is_told() {
    let mut dispatcher = dispatcher();
    dispatcher.take([firing("a")], at(0));
    for notification in dispatcher.due(at(30), &loud) {
        dispatcher.offer(&notification);
    }
    let snapshot = dispatcher.snapshot();
    let mut dispatcher = Dispatcher::restore(&snapshot, Routing::to("tidewatch")).unwrap();
    let mut still_firing = dispatcher.clone();
    assert_eq!(
        flush(&mut still_firing, 330),
        ["+a"],
        "nobody knows that it arrived"
    );
    dispatcher.take([resolved("a", 60)], at(60));
    assert_eq!(flush(&mut dispatcher, 330), ["-a"]);
    assert_eq!(dispatcher.next_due(), None, "the group is gone");
}

#[test]
fn what_fires_again_after_its_end_was_told_is_news() {
    let mut dispatcher = dispatcher();
    dispatcher.take([firing("a")], at(0));
    assert_eq!(flush(&mut dispatcher, 30), ["+a"]);
    dispatcher.take([resolved("a", 60)], at(60));
    assert_eq!(flush(&mut dispatcher, 330), ["-a"]);
    let again = Alert {
        starts_at: at(400),
        ..firing("a")
    };
    dispatcher.take([again], at(400));
    assert_eq!(flush(&mut dispatcher, 430), ["+a"]);
}

#[test]
fn what_did_not_arrive_is_tried_at_the_next_interval() {
    let mut dispatcher = dispatcher();
    dispatcher.take([firing("a")], at(0));
    assert_eq!(dispatcher.due(at(30), &loud).len(), 1);
    assert_eq!(dispatcher.due(at(31), &loud).len(), 0);
    dispatcher.take([resolved("a", 100)], at(100));
    assert_eq!(
        flush(&mut dispatcher, 330),
        Vec::<String>::new(),
        "nobody heard of it"
    );

    dispatcher.take([firing("b")], at(400));
    assert_eq!(flush(&mut dispatcher, 430), ["+b"]);
    dispatcher.take([resolved("b", 500)], at(500));
    assert_eq!(dispatcher.due(at(730), &loud).len(), 1);
    // It did not arrive; the end is kept for the next time.
    assert_eq!(flush(&mut dispatcher, 1030), ["-b"]);
}

#[test]
fn an_alert_that_fires_again_while_its_end_is_sent_is_kept() {
    let mut dispatcher = dispatcher();
    dispatcher.take([firing("a")], at(0));
    assert_eq!(flush(&mut dispatcher, 30), ["+a"]);
    dispatcher.take([resolved("a", 60)], at(60));
    let due = dispatcher.due(at(330), &loud);
    dispatcher.take([firing("a")], at(331));
    dispatcher.sent(&due[0], at(332));
    assert_eq!(flush(&mut dispatcher, 630), ["+a"]);
}

#[test]
fn silenced_alerts_are_in_no_message() {
    let mut dispatcher = dispatcher();
    dispatcher.take([firing("a"), firing("b")], at(0));
    let silenced = |alert: &Alert| alert.labels["monitor_id"] == "a";
    let due = dispatcher.due(at(30), &silenced);
    assert_eq!(due.iter().map(told).collect::<Vec<_>>(), ["+b"]);
    dispatcher.sent(&due[0], at(30));
    // When the silence is over, the alert is news.
    assert_eq!(flush(&mut dispatcher, 330), ["+a +b"]);
    // All of them silenced: nothing at all, and the end goes by unheard.
    dispatcher.take([resolved("a", 400), resolved("b", 400)], at(400));
    assert_eq!(dispatcher.due(at(630), &|_| true), []);
    assert_eq!(dispatcher.next_due(), None);
}

#[test]
fn groups_are_made_by_labels_and_routes() {
    let settings = |group_by: &[&str], wait: Option<u64>| NotificationSettings {
        receiver: "pager \"1\"".to_owned(),
        group_by: group_by.iter().map(|it| (*it).to_owned()).collect(),
        group_wait: wait.map(Duration::from_secs),
        group_interval: None,
        repeat_interval: None,
        mute_time_intervals: Vec::new(),
        active_time_intervals: Vec::new(),
    };
    let by = |settings: NotificationSettings| {
        let mut alert = firing("a");
        alert.internal = Route::labels(&settings);
        alert.route = Some(Route::of(&settings));
        let mut dispatcher = dispatcher();
        dispatcher.take([alert], at(0));
        let due = dispatcher.next_due().unwrap();
        let notification = dispatcher.due(due, &loud).remove(0);
        (
            notification.group_key,
            notification.group_labels.into_keys().collect::<Vec<_>>(),
            due,
        )
    };
    let receiver = r#"{}/{__grafana_autogenerated__="true"}/{__grafana_receiver__="pager \"1\""}"#;
    let (key, labels, due) = by(settings(&[], None));
    assert_eq!(
        key,
        format!(r#"{receiver}:{{alertname="Down", grafana_folder="Tidewatch"}}"#)
    );
    assert_eq!(labels, ["alertname", "grafana_folder"]);
    assert_eq!(due, at(30));

    let (key, labels, due) = by(settings(&["monitor_id"], Some(10)));
    assert!(key.starts_with(&format!("{receiver}/{{__grafana_route_settings_hash__=\"")));
    assert_eq!(labels, ["alertname", "grafana_folder", "monitor_id"]);
    assert_eq!(due, at(10));

    let (_, labels, _) = by(settings(&["..."], None));
    assert_eq!(
        labels,
        [
            "__grafana_autogenerated__",
            "__grafana_receiver__",
            "__grafana_route_settings_hash__",
            "alertname",
            "grafana_folder",
            "monitor_id"
        ]
    );
}

/// The sums were made with Go's `hash/fnv` as `ContactPointRouting.Fingerprint` feeds it.
#[test]
fn the_hash_of_the_settings_is_grafanas() {
    let settings = NotificationSettings {
        receiver: "tidewatch".to_owned(),
        group_by: ["grafana_folder", "alertname", "tenant", "monitor_id"]
            .map(str::to_owned)
            .to_vec(),
        group_wait: Some(Duration::from_secs(10)),
        group_interval: Some(Duration::from_secs(60)),
        repeat_interval: Some(Duration::from_secs(4 * 3600)),
        mute_time_intervals: Vec::new(),
        active_time_intervals: Vec::new(),
    };
    assert_eq!(
        Route::labels(&settings)["__grafana_route_settings_hash__"],
        "b724eedff9d72d2f"
    );
    let settings = NotificationSettings {
        group_by: vec!["...".to_owned()],
        group_interval: None,
        ..settings
    };
    assert_eq!(
        Route::labels(&settings)["__grafana_route_settings_hash__"],
        "e03ab2103b837d96"
    );
}

#[test]
fn alerts_stand_in_alertmanagers_order() {
    let mut dispatcher = dispatcher();
    let given = [
        alert(&[("alertname", "Down"), ("monitor_id", "z")]),
        alert(&[("alertname", "Down"), ("a", "1"), ("monitor_id", "more")]),
        alert(&[
            ("alertname", "Down"),
            ("instance", "2"),
            ("monitor_id", "i2"),
        ]),
        alert(&[("alertname", "Down"), ("job", "x"), ("monitor_id", "j")]),
        alert(&[
            ("alertname", "Down"),
            ("instance", "1"),
            ("monitor_id", "i1"),
        ]),
        alert(&[("alertname", "Down"), ("monitor_id", "b")]),
        alert(&[("alertname", "Down"), ("b", "1"), ("monitor_id", "other")]),
    ];
    dispatcher.take(given, at(0));
    assert_eq!(
        flush(&mut dispatcher, 30),
        ["+j +i1 +i2 +b +z +other +more"]
    );
}

#[test]
fn a_restart_changes_nothing() {
    let mut dispatcher = dispatcher();
    dispatcher.take([firing("a"), firing("b")], at(0));
    flush(&mut dispatcher, 30);
    dispatcher.take([resolved("a", 60), firing("c")], at(60));
    let mut snapshot = dispatcher.snapshot();
    let mut again = Dispatcher::restore(&snapshot, Routing::to("tidewatch")).unwrap();
    assert_eq!(again, dispatcher);
    assert_eq!(flush(&mut again, 330), flush(&mut dispatcher, 330));

    snapshot["version"] = 9.into();
    let error = Dispatcher::restore(&snapshot, Routing::to("tidewatch")).unwrap_err();
    assert!(error.contains("version 9"), "{error}");
}

#[test]
fn after_a_change_of_the_default_route_alerts_go_the_new_way() {
    let mut dispatcher = dispatcher();
    dispatcher.take([firing("a"), firing("b")], at(0));
    flush(&mut dispatcher, 30);
    let routing = Routing {
        receiver: "other".to_owned(),
        ..Routing::to("tidewatch")
    };
    let mut again = Dispatcher::restore(&dispatcher.snapshot(), routing).unwrap();
    let due = again.due(at(330), &loud);
    assert_eq!(due[0].receiver, "other");
    assert_eq!(told(&due[0]), "+a +b");
}

proptest! {
    /// Whatever happens, people who are told of everything that is due know at the end what fires.
    #[test]
    fn people_end_up_knowing_what_fires(
        events in proptest::collection::vec((0_usize..4, any::<bool>(), 0_i64..200), 0..40),
        lost in proptest::collection::vec(any::<bool>(), 100),
    ) {
        let names = ["a", "b", "c", "d"];
        let mut dispatcher = dispatcher();
        let mut clock = 0;
        let mut real = std::collections::BTreeSet::new();
        let mut known = std::collections::BTreeSet::new();
        let mut lost = lost.into_iter();
        let mut send = |dispatcher: &mut Dispatcher, until: i64, never_lost: bool| {
            while let Some(due) = dispatcher.next_due().filter(|due| *due <= at(until)) {
                for notification in dispatcher.due(due, &loud) {
                    if !never_lost && lost.next() == Some(true) {
                        continue;
                    }
                    for alert in &notification.alerts {
                        let name = alert.labels["monitor_id"].clone();
                        if alert.resolved_at.is_some() {
                            known.remove(&name);
                        } else {
                            known.insert(name);
                        }
                    }
                    dispatcher.sent(&notification, due);
                }
            }
            known.clone()
        };
        for (monitor, fires, pause) in events {
            let name = names[monitor];
            if fires {
                real.insert(name.to_owned());
                dispatcher.take([firing(name)], at(clock));
            } else if real.remove(name) {
                dispatcher.take([resolved(name, clock)], at(clock));
            }
            clock += pause;
            send(&mut dispatcher, clock, false);
        }
        let known = send(&mut dispatcher, clock + 1000, true);
        prop_assert_eq!(known, real);
    }
}
