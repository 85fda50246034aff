use tidewatch_domain::Tenant;

use super::probing::parse_tenant_addresses;
use super::*;

fn with_file(text: &str, args: UpArgs) -> Result<Settings, SettingsError> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tidewatch.toml");
    std::fs::write(&path, text).unwrap();
    Settings::resolve(UpArgs {
        config: Some(path),
        ..args
    })
}

#[test]
fn flags_win_over_the_file_and_the_file_over_defaults() {
    let args = UpArgs {
        database: Some("Flag".to_owned()),
        ..UpArgs::default()
    };
    let settings = with_file(
        "database = \"File\"\ntable = \"File\"\nlocation = \"berlin\"",
        args,
    )
    .unwrap();
    assert_eq!(settings.database, "Flag");
    assert_eq!(settings.table, "File");
    assert_eq!(settings.location.as_str(), "berlin");
    assert_eq!(settings.listen.to_string(), "127.0.0.1:8080");
}

#[test]
fn an_unknown_key_is_named_with_its_file() {
    let message = with_file("databse = \"X\"", UpArgs::default())
        .unwrap_err()
        .to_string();
    assert!(
        message.contains("tidewatch.toml") && message.contains("databse"),
        "{message}"
    );
}

#[test]
fn a_bad_value_in_the_file_is_named_with_its_key() {
    let message = with_file("attempt-rows = \"some\"", UpArgs::default())
        .unwrap_err()
        .to_string();
    assert!(
        message.ends_with("`attempt-rows`: `some` is none of all, failures, off"),
        "{message}"
    );
}

#[test]
fn a_named_file_must_exist() {
    let args = UpArgs {
        config: Some("does-not-exist.toml".into()),
        ..UpArgs::default()
    };
    assert!(Settings::resolve(args).is_err());
}

#[test]
fn addresses_beyond_this_machine_are_refused_with_the_remedy() {
    let args = UpArgs {
        listen: Some("0.0.0.0:8080".parse().unwrap()),
        ..UpArgs::default()
    };
    let message = with_file("", args).unwrap_err().to_string();
    assert!(message.contains("--listen 0.0.0.0:8080") && message.contains("127.0.0.1:8080"));
}

#[test]
fn the_bridge_goes_beyond_this_machine_with_keys_only() {
    let open = || UpArgs {
        bridge_listen: Some("0.0.0.0:8086".parse().unwrap()),
        ..UpArgs::default()
    };
    let message = with_file("", open()).unwrap_err().to_string();
    assert!(
        message.contains("--bridge-listen 0.0.0.0:8086") && message.contains("--keys"),
        "{message}"
    );
    let settings = with_file("keys = \"keys.toml\"", open()).unwrap();
    assert_eq!(settings.access.keys, Some("keys.toml".into()));
}

#[test]
fn certificate_and_key_go_together() {
    let message = with_file("tls-key = \"k.pem\"", UpArgs::default()).unwrap_err();
    assert_eq!(
        message.to_string(),
        "--tls-key is set without --tls-cert; name both for TLS"
    );
    let mut args = UpArgs::default();
    args.access.tls_cert = Some("c.pem".into());
    let settings = with_file("tls-key = \"k.pem\"", args).unwrap();
    assert_eq!(settings.access.tls, Some(("c.pem".into(), "k.pem".into())));
}

#[test]
fn tenants_have_a_reach_of_their_own_and_flags_win() {
    let args = UpArgs {
        probing: ProbingArgs {
            tenant_addresses: vec![parse_tenant_addresses("guest=public").unwrap()],
            ..ProbingArgs::default()
        },
        ..UpArgs::default()
    };
    let text = "[tenants.guest]\naddresses = \"any\"\n[tenants.shop]\naddresses = \"public\"";
    let policy = with_file(text, args).unwrap().probing.addresses;
    let inner = "10.0.0.1".parse().unwrap();
    let refused = |name: &str| policy.refusal(&Tenant::try_new(name).unwrap(), inner);
    assert_eq!(refused("guest"), Some("private"));
    assert_eq!(refused("shop"), Some("private"));
    assert_eq!(refused("house"), None);
    let policy = with_file(
        "addresses = \"public\"\n[tenants.house]\naddresses = \"any\"",
        UpArgs::default(),
    );
    let policy = policy.unwrap().probing.addresses;
    let refused = |name: &str| policy.refusal(&Tenant::try_new(name).unwrap(), inner);
    assert_eq!(
        (refused("guest"), refused("house")),
        (Some("private"), None)
    );
}

#[test]
fn an_address_policy_that_cannot_be_meant_is_named_with_its_key() {
    for (text, key) in [
        (
            "[tenants.guest]\naddresses = \"none\"",
            "`tenants.guest.addresses`",
        ),
        (
            "[tenants._system]\naddresses = \"any\"",
            "`tenants._system`",
        ),
        ("addresses = \"some\"", "`addresses`"),
    ] {
        let message = with_file(text, UpArgs::default()).unwrap_err().to_string();
        assert!(message.contains(key), "{message}");
    }
    assert!(
        parse_tenant_addresses("guest")
            .unwrap_err()
            .contains("TENANT=any")
    );
}

#[test]
fn caps_are_bounded_wherever_they_are_set() {
    let settings = with_file("max-per-host = 7", UpArgs::default()).unwrap();
    assert_eq!((settings.max_in_flight, settings.max_per_host), (4_096, 7));
    let message = with_file("max-in-flight = 0", UpArgs::default()).unwrap_err();
    assert!(message.to_string().contains("`max-in-flight`"), "{message}");
}

#[test]
fn a_certificate_to_trust_is_read_or_named() {
    let args = UpArgs {
        probing: ProbingArgs {
            trust: vec!["does-not-exist.pem".into()],
            ..ProbingArgs::default()
        },
        ..UpArgs::default()
    };
    let message = with_file("", args).unwrap_err().to_string();
    assert!(
        message.contains("does-not-exist.pem") && message.contains("--trust"),
        "{message}"
    );
}

#[test]
fn rules_are_evaluated_here_unless_there_is_a_grafana() {
    let source = |text: &str| with_file(text, UpArgs::default()).unwrap().alerts.source;
    assert_eq!(source(""), AlertSource::Local);
    assert_eq!(source("[alerts]\ngather-seconds = 0"), AlertSource::Local);
    for sign in [
        "grafana = \"http://127.0.0.1:3000\"",
        "hmac = [\"env:TIDEWATCH_SECRET_WEBHOOK\"]",
    ] {
        assert_eq!(source(&format!("[alerts]\n{sign}")), AlertSource::Grafana);
        let local = format!("alert-source = \"local\"\n[alerts]\n{sign}");
        assert_eq!(source(&local), AlertSource::Local);
    }
    let args = UpArgs {
        alerts: AlertArgs {
            alert_source: Some(AlertSource::Writer),
            ..AlertArgs::default()
        },
        ..UpArgs::default()
    };
    let settings = with_file("alert-source = \"grafana\"", args).unwrap();
    assert_eq!(settings.alerts.source, AlertSource::Writer);
}

#[test]
fn the_section_of_alerts_has_keys_of_its_own_and_those_of_telling() {
    let text = "[alerts]\nrules = [\"mine.yaml\"]\nheartbeat-url = \"file:ping\"\ndigest-above = 9";
    let alerts = with_file(text, UpArgs::default()).unwrap().alerts;
    assert_eq!(alerts.rules, [PathBuf::from("mine.yaml")]);
    assert_eq!(
        (alerts.heartbeat_url.is_some(), alerts.telling.digest_above),
        (true, 9)
    );
    for (text, words) in [
        ("[alerts]\nruels = []", "ruels"),
        (
            "[alerts]\nheartbeat-url = \"https://ping.example/1\"",
            "named by its place",
        ),
        ("alert-source = \"me\"", "none of grafana, local, writer"),
        (
            "alert-source = \"grafana\"\n[alerts]\nrules = [\"mine.yaml\"]",
            "`alerts.rules`",
        ),
    ] {
        let message = with_file(text, UpArgs::default()).unwrap_err().to_string();
        assert!(message.contains(words), "{message}");
    }
}
