//! The settings of the function, from environment variables.

use tidewatch_aws::environment::{Environment, EnvironmentError, Lookup, Tenants};
use tidewatch_aws::timestream::StoreAccess;
use tidewatch_domain::Location;
use tidewatch_domain::assess::AttemptRows;

/// The settings of the function.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Settings {
    /// The region it runs in.
    pub(crate) region: String,
    /// The same, as rows call it.
    pub(crate) location: Location,
    /// The table of judging state.
    pub(crate) state_table: String,
    /// Where the rows of tenants go.
    pub(crate) tenants: Tenants,
    /// How the store is reached.
    pub(crate) store: StoreAccess,
    /// Which attempts leave rows.
    pub(crate) attempt_rows: AttemptRows,
    /// Where refused records go.
    pub(crate) rejected_queue: Option<String>,
    /// Where alerts go; `None` where Grafana alerts.
    pub(crate) alert_queue: Option<String>,
}

/// Who tells people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum AlertSource {
    Grafana,
    Writer,
}

impl Settings {
    /// Reads the settings; the error has everything that is wrong with them.
    pub(crate) fn read(lookup: &Lookup) -> Result<Self, EnvironmentError> {
        let mut environment = Environment::new(lookup);
        let region = environment.region();
        let location = environment.location();
        let state_table = environment.required(
            "TIDEWATCH_STATE_TABLE",
            "set it to the name of the DynamoDB table of judging state",
        );
        let tenants = environment.tenants();
        let store = StoreAccess::read(&mut environment);
        let attempt_rows = environment.choice(
            "TIDEWATCH_ATTEMPT_ROWS",
            &[
                ("off", AttemptRows::Off),
                ("failures", AttemptRows::Failures),
                ("all", AttemptRows::All),
            ],
            AttemptRows::Off,
        );
        let rejected_queue = environment.url("TIDEWATCH_REJECTED_QUEUE_URL");
        let source = environment.choice(
            "TIDEWATCH_ALERT_SOURCE",
            &[
                ("grafana", AlertSource::Grafana),
                ("writer", AlertSource::Writer),
            ],
            AlertSource::Grafana,
        );
        let mut alert_queue = environment.url("TIDEWATCH_ALERT_QUEUE_URL");
        match source {
            Some(AlertSource::Writer) if alert_queue == Some(None) => environment.fault(
                "TIDEWATCH_ALERT_QUEUE_URL",
                None,
                "is not set, and TIDEWATCH_ALERT_SOURCE is `writer`",
                "set it to the URL of the alert queue",
            ),
            Some(AlertSource::Grafana) => alert_queue = alert_queue.map(|_| None),
            _ => {}
        }
        environment.finish(|| {
            Some(Settings {
                region: region?,
                location: location?,
                state_table: state_table?,
                tenants: tenants?,
                store: store?,
                attempt_rows: attempt_rows?,
                rejected_queue: rejected_queue?,
                alert_queue: alert_queue?,
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(variables: &'static [(&'static str, &'static str)]) -> Result<Settings, String> {
        let lookup = move |name: &str| {
            let found = variables.iter().find(|(variable, _)| *variable == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        Settings::read(&lookup).map_err(|error| error.to_string())
    }

    #[test]
    fn region_and_state_table_are_enough() {
        let settings = read(&[
            ("AWS_REGION", "eu-west-1"),
            ("TIDEWATCH_STATE_TABLE", "judging"),
            ("TIDEWATCH_ALERT_QUEUE_URL", "https://sqs.example/1/alerts"),
        ])
        .unwrap();
        assert_eq!(settings.location.as_str(), "eu-west-1");
        assert_eq!(settings.attempt_rows, AttemptRows::Off);
        assert_eq!(settings.alert_queue, None, "Grafana alerts by default");
    }

    #[test]
    fn everything_that_is_wrong_is_told_at_once() {
        let fault = read(&[
            ("AWS_REGION", "eu-west-1"),
            ("TIDEWATCH_ATTEMPT_ROWS", "some"),
            ("TIDEWATCH_ALERT_SOURCE", "writer"),
        ])
        .unwrap_err();
        for variable in [
            "TIDEWATCH_STATE_TABLE is not set",
            "TIDEWATCH_ATTEMPT_ROWS is not one of the known words (`some`); use `off` or `failures` or `all`",
            "TIDEWATCH_ALERT_QUEUE_URL is not set",
        ] {
            assert!(fault.contains(variable), "{fault}");
        }
    }
}
