use proptest::prelude::*;
use tidewatch_domain::Timestamp;

use crate::evaluate::Labels;
use crate::state::testing::alert;

use super::{Matcher, Operator, Silence, Silences};

fn labels() -> Labels {
    [("tenant", "acme"), ("monitor_id", "shop-1"), ("empty", "")]
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_secs(1_795_330_800 + seconds)
}

fn silence(id: &str, matcher: &str) -> Silence {
    Silence {
        id: id.to_owned(),
        matchers: vec![matcher.parse().unwrap()],
        starts_at: at(0),
        ends_at: at(600),
        author: "ann".to_owned(),
        comment: "work on the router".to_owned(),
        until_resolved: None,
    }
}

#[test]
fn matchers_match() {
    for (matcher, matches) in [
        (r#"tenant="acme""#, true),
        ("tenant=acme", true),
        (r#"tenant!="acme""#, false),
        (r#"tenant!="beta""#, true),
        (r#"monitor_id=~"shop-.*""#, true),
        // Anchored at both ends.
        (r#"monitor_id=~"shop""#, false),
        (r#"monitor_id=~"cart|shop-1""#, true),
        (r#"monitor_id!~"shop-.*""#, false),
        (r#"monitor_id!~"cart""#, true),
        // What is missing counts as empty.
        (r#"location="""#, true),
        (r#"location!="""#, false),
        (r#"location=~".+""#, false),
        (r#"location!~".+""#, true),
        (r#"empty="""#, true),
        (r#" tenant = "acme" "#, true),
        (r#"monitor_id=~"shop-\d""#, true),
    ] {
        let parsed: Matcher = matcher.parse().unwrap();
        assert_eq!(parsed.matches(&labels()), matches, "{matcher}");
    }
}

#[test]
fn what_is_no_matcher_is_told_with_the_remedy() {
    for (text, reason) in [
        ("tenant", "has no operator"),
        ("tenant!acme", "`!` stands alone"),
        ("=acme", "a label's name has letters"),
        ("ten ant=acme", "a label's name has letters"),
        ("1a=b", "begins with no digit"),
        (r#"tenant="acme"#, "the closing quote is missing"),
        (r#"tenant="acme" x"#, "something follows the closing quote"),
        (r#"tenant=ac"me"#, "a quote stands in the middle"),
        (r#"tenant=~"(""#, "`(` is no regular expression"),
    ] {
        let error = text.parse::<Matcher>().unwrap_err().to_string();
        assert!(error.contains(reason), "{text}: {error}");
    }
}

#[test]
fn silences_hold_while_they_last() {
    let silence = silence("s", r#"tenant="acme""#);
    let alert = alert(&[("tenant", "acme")]);
    for (seconds, silences) in [(-1, false), (0, true), (599, true), (600, false)] {
        assert_eq!(silence.silences(&alert, at(seconds)), silences, "{seconds}");
    }
    let nothing = Silence {
        matchers: Vec::new(),
        ..silence
    };
    assert!(!nothing.silences(&alert, at(1)));
}

#[test]
fn matchers_see_the_rule_of_an_alert() {
    let silence = silence("s", r#"__alert_rule_uid__="rule""#);
    let mut alert = alert(&[("tenant", "acme")]);
    assert!(!silence.silences(&alert, at(1)));
    alert
        .internal
        .insert("__alert_rule_uid__".to_owned(), "rule".to_owned());
    assert!(silence.silences(&alert, at(1)));
}

#[test]
fn an_acknowledgement_ends_with_its_alert_so_that_the_end_is_told() {
    let mut alert = alert(&[("tenant", "acme")]);
    let mut silences = Silences::default();
    silences.add(Silence {
        until_resolved: Some(alert.fingerprint.clone()),
        ..silence("ack", r#"tenant="acme""#)
    });
    silences.add(silence("other", r#"tenant="beta""#));
    silences.settle(std::slice::from_ref(&alert));
    assert_eq!(
        silences.of(&alert, at(60)).map(|it| it.id.as_str()),
        Some("ack")
    );

    alert.resolved_at = Some(at(120));
    silences.settle(std::slice::from_ref(&alert));
    assert_eq!(silences.of(&alert, at(120)), None);
    assert_eq!(silences.iter().nth(1).unwrap().ends_at, at(600));
}

#[test]
fn silences_are_replaced_ended_and_forgotten() {
    let mut silences = Silences::default();
    silences.add(silence("a", "tenant=x"));
    silences.add(silence("a", "tenant=y"));
    assert_eq!(silences.iter().count(), 1);
    assert!(silences.end("a", at(10)));
    assert!(!silences.end("a", at(20)), "it is over already");
    assert!(!silences.end("b", at(20)));
    silences.sweep(at(11));
    assert_eq!(silences.iter().count(), 0);
}

#[test]
fn a_snapshot_comes_back_and_other_versions_do_not() {
    let mut silences = Silences::default();
    silences.add(silence("a", r#"monitor_id=~"a\"b\\.c.*""#));
    let mut snapshot = silences.snapshot();
    assert_eq!(Silences::restore(&snapshot), Ok(silences));
    snapshot["version"] = 2.into();
    let error = Silences::restore(&snapshot).unwrap_err();
    assert!(error.contains("version 2"), "{error}");
}

proptest! {
    #[test]
    fn what_is_written_reads_back(name in "[a-z_][a-z0-9_]{0,6}", value in ".{0,12}") {
        let matcher = Matcher::new(&name, Operator::NotEqual, &value).unwrap();
        prop_assert_eq!(matcher.to_string().parse::<Matcher>(), Ok(matcher));
    }

    #[test]
    fn no_text_breaks_the_reader(text in ".{0,40}") {
        let _ = text.parse::<Matcher>();
    }
}
