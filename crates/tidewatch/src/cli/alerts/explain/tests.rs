use super::*;

#[test]
fn rules_are_found_by_uid_and_title() {
    let groups = groups(&[]).unwrap();
    let (group, rule) = find(&groups, "Monitor down").unwrap();
    assert_eq!(
        (group.name.as_str(), rule.uid.as_str()),
        ("tidewatch-states", "tidewatch-down")
    );
    assert!(find(&groups, "tidewatch-latency").is_ok());
    let complaint = find(&groups, "tidewatch-up").unwrap_err();
    assert_eq!(complaint.to_string(), "no rule is called `tidewatch-up`");
}

#[test]
fn the_present_is_the_beginning_of_a_beat() {
    assert_eq!(now_in_beats().as_secs() % 10, 0);
}
