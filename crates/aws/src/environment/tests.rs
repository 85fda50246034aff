use super::*;
use tidewatch_domain::Tenant;

fn of(variables: &'static [(&'static str, &'static str)]) -> impl Fn(&str) -> Option<String> {
    move |name| {
        let found = variables.iter().find(|(variable, _)| *variable == name);
        found.map(|(_, value)| (*value).to_owned())
    }
}

#[test]
fn what_is_not_set_or_empty_has_its_default() {
    let lookup = of(&[("AWS_REGION", "eu-west-1"), ("TIDEWATCH_BUCKETS", " ")]);
    let mut environment = Environment::new(&lookup);
    let location = environment.location();
    let buckets = environment.number("TIDEWATCH_BUCKETS", 1..=4096, 16);
    let tenants = environment.tenants();
    let endpoint = environment.url("TIDEWATCH_STORE_ENDPOINT");
    let (location, buckets, tenants, endpoint) = environment
        .finish(|| Some((location?, buckets?, tenants?, endpoint?)))
        .unwrap();
    assert_eq!(location.as_str(), "eu-west-1");
    assert_eq!((buckets, endpoint), (16, None));
    let store = &tenants.of(&Tenant::try_new("acme").unwrap()).store;
    assert_eq!(store.database, "CPTMonitoring");
    assert_eq!(store.table, "WebsiteMonitoringData");
}

#[test]
fn all_faults_are_told_at_once_with_variable_value_and_remedy() {
    let lookup = of(&[
        ("AWS_REGION", "eu west"),
        ("TIDEWATCH_BUCKETS", "many"),
        ("TIDEWATCH_RULE_LAYOUT", "bucket"),
        ("TIDEWATCH_STORE_ENDPOINT", "bridge:8086"),
        ("TIDEWATCH_TENANTS", r#"{"acme": {"addresses": "some"}}"#),
    ]);
    let mut environment = Environment::new(&lookup);
    let table = environment.required("TIDEWATCH_MONITORS_TABLE", "name the table of entries");
    let location = environment.location();
    let buckets = environment.number("TIDEWATCH_BUCKETS", 1..=4096, 16);
    let choices = [("per-monitor", 1), ("buckets", 2)];
    let layout = environment.choice("TIDEWATCH_RULE_LAYOUT", &choices, 1);
    let endpoint = environment.url("TIDEWATCH_STORE_ENDPOINT");
    let tenants = environment.tenants();
    let error = environment
        .finish(|| Some((table?, location?, buckets?, layout?, endpoint?, tenants?)))
        .unwrap_err();
    let told: Vec<String> = error.faults.iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        [
            "TIDEWATCH_MONITORS_TABLE is not set; name the table of entries",
            "AWS_REGION is not a usable name (`eu west`); use 1 to 64 of the characters A-Z a-z 0-9 . _ -",
            "TIDEWATCH_BUCKETS is not a usable number (`many`); use a whole number from 1 to 4096",
            "TIDEWATCH_RULE_LAYOUT is not one of the known words (`bucket`); use `per-monitor` or `buckets`",
            "TIDEWATCH_STORE_ENDPOINT is not a URL (`bridge:8086`); write it like https://bridge.example:8086",
            "TIDEWATCH_TENANTS gives tenant `acme` the addresses `some` (`{\"acme\": {\"addresses\": \"some\"}}`); use \"public\", \"any\", or a list of ranges like [\"10.0.0.0/8\"]",
        ]
    );
}

#[test]
fn tenants_have_what_is_set_for_them_and_else_the_defaults() {
    let lookup = of(&[(
        "TIDEWATCH_TENANTS",
        r#"{"acme": {"table": "AcmeData", "addresses": ["10.0.0.0/8"]}, "labs": {"addresses": "any"}}"#,
    )]);
    let mut environment = Environment::new(&lookup);
    let tenants = environment.tenants();
    let tenants = environment.finish(|| tenants).unwrap();
    let of = |name: &str| tenants.of(&Tenant::try_new(name).unwrap()).clone();
    assert_eq!(of("acme").store.table, "AcmeData");
    assert_eq!(of("acme").store.database, "CPTMonitoring");
    assert_eq!(
        of("acme").addresses,
        TenantAddresses::Ranges(vec!["10.0.0.0/8".parse().unwrap()])
    );
    assert_eq!(of("labs").addresses, TenantAddresses::Any);
    assert_eq!(of("other").addresses, TenantAddresses::Public);
}
