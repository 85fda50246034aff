//! The settings of both functions.

use tidewatch_aws::environment::{Environment, EnvironmentError, Lookup};
use tidewatch_domain::Location;
use tidewatch_domain::incident::text::Surroundings;
use tidewatch_notify::auth::TIMESTAMP_HEADER;
use tidewatch_notify::topics::Topics;

/// What the half that answers needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Receive {
    pub(crate) region: String,
    pub(crate) queue: String,
    /// Secrets Manager id of the secrets of senders.
    pub(crate) secret: String,
    /// `None` where senders sign without a timestamp.
    pub(crate) timestamp_header: Option<String>,
    /// Topics whose deliveries are accepted.
    pub(crate) sources: Vec<String>,
}

/// What the half that publishes needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Send {
    pub(crate) region: String,
    pub(crate) location: Location,
    pub(crate) queue: String,
    /// Rows go there; without it they are only logged.
    pub(crate) results: Option<String>,
    pub(crate) results_region: String,
    pub(crate) incidents: String,
    pub(crate) topics: Topics,
    pub(crate) surroundings: Surroundings,
}

impl Receive {
    pub(crate) fn read(lookup: &Lookup) -> Result<Self, EnvironmentError> {
        let mut environment = Environment::new(lookup);
        role(&mut environment);
        let region = environment.region();
        let queue = queue(&mut environment);
        let secret = environment.required(
            "TIDEWATCH_WEBHOOK_SECRET",
            "set it to the id of the secret with the keys of senders in Secrets Manager",
        );
        // Set and empty means: without.
        let timestamp_header = match lookup("TIDEWATCH_WEBHOOK_TIMESTAMP_HEADER") {
            Some(name) => Some(name.trim().to_owned()).filter(|name| !name.is_empty()),
            None => Some(TIMESTAMP_HEADER.to_owned()),
        };
        let sources = environment.parsed("TIDEWATCH_SNS_SOURCES", |text| {
            serde_json::from_str::<Vec<String>>(text).map_err(|error| {
                (
                    format!("is not a JSON list of texts: {error}"),
                    r#"write ["arn:aws:sns:..."]"#.to_owned(),
                )
            })
        });
        environment.finish(|| {
            Some(Receive {
                region: region?,
                queue: queue?,
                secret: secret?,
                timestamp_header,
                sources: sources?.unwrap_or_default(),
            })
        })
    }
}

impl Send {
    pub(crate) fn read(lookup: &Lookup) -> Result<Self, EnvironmentError> {
        let mut environment = Environment::new(lookup);
        let region = environment.region();
        let location = environment.location();
        let queue = queue(&mut environment);
        let results = environment.url("TIDEWATCH_RESULTS_QUEUE_URL");
        let results_region = environment.text("TIDEWATCH_RESULTS_QUEUE_REGION");
        let incidents = environment.required(
            "TIDEWATCH_INCIDENTS_TABLE",
            "set it to the name of the DynamoDB table of incidents",
        );
        let topics = topics(&mut environment);
        let surroundings = Surroundings {
            runbooks: environment.url("TIDEWATCH_RUNBOOK_BASE_URL").flatten(),
            grafana: environment.url("TIDEWATCH_GRAFANA_URL").flatten(),
        };
        environment.finish(|| {
            let region = region?;
            Some(Send {
                location: location?,
                queue: queue?,
                results: results?,
                results_region: results_region.unwrap_or_else(|| region.clone()),
                incidents: incidents?,
                topics: topics?,
                surroundings,
                region,
            })
        })
    }
}

/// `send` never comes here: anything but `receive` is a mistake.
fn role(environment: &mut Environment<'_>) {
    environment.choice(
        "TIDEWATCH_WEBHOOK_ROLE",
        &[("receive", ()), ("send", ())],
        (),
    );
}

fn queue(environment: &mut Environment<'_>) -> Option<String> {
    environment.required(
        "TIDEWATCH_ALERT_QUEUE_URL",
        "set it to the URL of the queue of alerts",
    )
}

fn topics(environment: &mut Environment<'_>) -> Option<Topics> {
    const VARIABLE: &str = "TIDEWATCH_TOPICS";
    const REMEDY: &str = r#"write {"critical":"arn:...","warning":"arn:...","info":"arn:..."}"#;
    environment.required(VARIABLE, REMEDY)?;
    environment
        .parsed(VARIABLE, |text| {
            let topics: Topics = serde_json::from_str(text)
                .map_err(|error| (format!("cannot be read: {error}"), REMEDY.to_owned()))?;
            topics
                .subscriptions()
                .map(|_| topics.clone())
                .map_err(|error| (error.to_string(), REMEDY.to_owned()))
        })
        .flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lookup(
        variables: &'static [(&'static str, &'static str)],
    ) -> impl Fn(&str) -> Option<String> + std::marker::Send + Sync {
        move |name| {
            let found = variables.iter().find(|(variable, _)| *variable == name);
            found.map(|(_, value)| (*value).to_owned())
        }
    }

    #[test]
    fn everything_that_is_missing_is_named_at_once() {
        let error = Receive::read(&lookup(&[("AWS_REGION", "eu-west-1")])).unwrap_err();
        let names: Vec<&str> = error.faults.iter().map(|fault| fault.variable).collect();
        assert_eq!(
            names,
            ["TIDEWATCH_ALERT_QUEUE_URL", "TIDEWATCH_WEBHOOK_SECRET"]
        );
        let error = Send::read(&lookup(&[("AWS_REGION", "eu-west-1")])).unwrap_err();
        let names: Vec<&str> = error.faults.iter().map(|fault| fault.variable).collect();
        assert_eq!(
            names,
            [
                "TIDEWATCH_ALERT_QUEUE_URL",
                "TIDEWATCH_INCIDENTS_TABLE",
                "TIDEWATCH_TOPICS"
            ]
        );
    }

    #[test]
    fn an_empty_timestamp_header_means_none() {
        const BASE: [(&str, &str); 3] = [
            ("AWS_REGION", "eu-west-1"),
            (
                "TIDEWATCH_ALERT_QUEUE_URL",
                "https://sqs.eu-west-1.amazonaws.com/1/alerts",
            ),
            ("TIDEWATCH_WEBHOOK_SECRET", "tidewatch/webhook"),
        ];
        let plain = Receive::read(&lookup(&BASE)).unwrap();
        assert_eq!(
            plain.timestamp_header.as_deref(),
            Some("X-Grafana-Alerting-Timestamp")
        );
        const WITHOUT: [(&str, &str); 4] = [
            BASE[0],
            BASE[1],
            BASE[2],
            ("TIDEWATCH_WEBHOOK_TIMESTAMP_HEADER", ""),
        ];
        let without = Receive::read(&lookup(&WITHOUT)).unwrap();
        assert_eq!(without.timestamp_header, None);
    }

    #[test]
    fn topics_are_checked_at_the_start() {
        let error = Send::read(&lookup(&[
            ("AWS_REGION", "eu-west-1"),
            (
                "TIDEWATCH_ALERT_QUEUE_URL",
                "https://sqs.eu-west-1.amazonaws.com/1/alerts",
            ),
            ("TIDEWATCH_INCIDENTS_TABLE", "incidents"),
            ("TIDEWATCH_TOPICS", r#"{"critical":"pager"}"#),
        ]))
        .unwrap_err();
        assert!(
            error
                .to_string()
                .contains("`pager` is not the ARN of a topic"),
            "{error}"
        );
    }
}
