use clap::CommandFactory;

use super::*;

fn parsed(line: &str) -> Result<(GlobalArgs, Command), clap::Error> {
    parse(line.split(' ').map(OsString::from).collect())
}

#[test]
fn the_definition_of_the_command_line_is_sound() {
    Cli::command().debug_assert();
}

#[test]
fn no_command_means_up() {
    let (global, command) = parsed("tidewatch --color never").unwrap();
    assert_eq!(global.color, Colour::Never);
    assert!(matches!(command, Command::Up(_)));
}

#[test]
fn the_colour_can_be_named_behind_the_command() {
    let (global, command) = parsed("tidewatch check example.com --color always").unwrap();
    assert_eq!(global.color, Colour::Always);
    assert!(matches!(command, Command::Check(_)));
}

#[test]
fn every_command_is_understood() {
    for line in [
        "tidewatch up --data-dir /data --listen 127.0.0.1:0",
        "tidewatch check example.com -n 3 -X HEAD -H a:b --timeout 2s --family v4 --no-follow",
        "tidewatch check example.com --status 200,3xx --contains a --contains b --each --json",
        "tidewatch query SELECT --endpoint-url http://127.0.0.1:1 --csv --limit-rows 5",
        "tidewatch query -f report.sql --json",
        "tidewatch monitors validate a.yaml b.yaml --aws --json",
        "tidewatch monitors list",
        "tidewatch monitors diff a.yaml --table t --region eu-west-1 --json",
        "tidewatch monitors push a.yaml --table t --delete --dry-run",
        "tidewatch monitors pull --table t -o entries.json --endpoint-url http://127.0.0.1:1",
        "tidewatch data check --data-dir /data --json",
        "tidewatch data backup /mnt/monday",
        "tidewatch alerts send-test --config tidewatch.toml --json",
        "tidewatch alerts list --json --status-url http://127.0.0.1:1",
        "tidewatch alerts silence tenant=acme rule=~slo-.* --for 2h --author me --comment why",
        "tidewatch alerts silence tenant=acme --until 2026-11-23T06:00:00Z",
        "tidewatch alerts ack 9d3f --comment why",
        "tidewatch alerts unsilence 7f3a0001 --json",
        "tidewatch doctor --aws --region eu-west-1",
        "tidewatch doctor --monitors 5 --site https://example.com/ --json",
        "tidewatch cost --monitors 100 --interval 30s --store timestream",
        "tidewatch completions zsh",
    ] {
        assert!(
            parsed(line).is_ok(),
            "{line}: {}",
            parsed(line).unwrap_err()
        );
    }
}

#[test]
fn what_contradicts_itself_is_refused() {
    for line in [
        "tidewatch watch",
        "tidewatch alerts silence --for 2h",
        "tidewatch alerts silence tenant=acme",
        "tidewatch alerts silence tenant=acme --for 2h --until 2026-11-23T06:00:00Z",
        "tidewatch check",
        "tidewatch check example.com --family v5",
        "tidewatch check example.com -n many",
        "tidewatch query SELECT --csv --json",
        "tidewatch query SELECT --file a.sql",
        "tidewatch query SELECT --endpoint-url here",
        "tidewatch completions basic",
    ] {
        let error = parsed(line).unwrap_err();
        assert!(error.use_stderr(), "{line}");
        assert_eq!(error.exit_code(), 2, "{line}");
    }
}

#[test]
fn help_names_the_exit_codes_and_examples() {
    let help = Cli::command().render_long_help().to_string();
    assert!(
        help.contains("Exit codes:") && help.contains("Examples:"),
        "{help}"
    );
    for name in [
        "up",
        "check",
        "query",
        "monitors",
        "data",
        "alerts",
        "doctor",
        "cost",
        "completions",
    ] {
        assert!(help.contains(&format!("\n  {name} ")), "{name} in {help}");
    }
}

#[test]
fn version_is_that_of_the_package() {
    let error = parsed("tidewatch --version").unwrap_err();
    assert!(!error.use_stderr());
    assert_eq!(
        error.to_string(),
        format!("tidewatch {}\n", env!("CARGO_PKG_VERSION"))
    );
}
