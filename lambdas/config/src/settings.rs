//! What the function is told by its environment.

use tidewatch_aws::environment::{Environment, EnvironmentError, Lookup, Tenants};
use tidewatch_aws::timestream::StoreAccess;
use tidewatch_domain::plan::{Buckets, Layout, Options, Prefix, limits};

/// The settings.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    /// The region that the function runs in.
    pub(crate) region: String,
    /// The table of entries.
    pub(crate) table: String,
    /// Its index by schedule bucket.
    pub(crate) index: String,
    /// How rules are planned.
    pub(crate) plan: Options,
    /// How many buckets there are.
    pub(crate) buckets: Buckets,
    /// What is set for single tenants.
    pub(crate) tenants: Tenants,
    /// The queue of results, and its region; without it rows go straight to the store.
    pub(crate) queue: Option<Queue>,
    /// How the store is reached.
    pub(crate) store: StoreAccess,
}

/// A queue by its address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Queue {
    pub(crate) url: String,
    pub(crate) region: String,
}

impl Settings {
    /// Reads all settings, or says everything that is wrong with them.
    pub(crate) fn read(lookup: &Lookup) -> Result<Self, EnvironmentError> {
        let mut environment = Environment::new(lookup);
        let region = environment.region();
        let table = environment.required(
            "TIDEWATCH_MONITORS_TABLE",
            "set it to the DynamoDB table of the entries",
        );
        let index = environment.text_or("TIDEWATCH_MONITORS_INDEX", "schedule_bucket");
        let location = environment.location();
        let target_arn = environment.required(
            "TIDEWATCH_MONITOR_FUNCTION_ARN",
            "set it to the ARN of the monitor function's alias",
        );
        let prefix = environment.parsed("TIDEWATCH_RULE_PREFIX", |text| {
            Prefix::try_new(text).map_err(|_| {
                let problem = "is no prefix of names".to_owned();
                (
                    problem,
                    "use 1 to 37 of the characters A-Z a-z 0-9 . _ -".to_owned(),
                )
            })
        });
        let layouts = [
            ("per-monitor", Layout::PerMonitor),
            ("buckets", Layout::Buckets),
        ];
        let layout = environment.choice("TIDEWATCH_RULE_LAYOUT", &layouts, Layout::PerMonitor);
        let buckets = environment.parsed("TIDEWATCH_BUCKETS", |text| {
            let count = text.parse().ok();
            count
                .and_then(|count| Buckets::try_new(count).ok())
                .ok_or_else(|| {
                    let remedy = format!("use 1, 2, 4, 8 ... {}", Buckets::MOST);
                    ("is no power of two".to_owned(), remedy)
                })
        });
        let rule_limit = environment.number("TIDEWATCH_RULE_LIMIT", 1..=100_000, limits::RULES);
        let tenants = environment.tenants();
        let queue = environment.url("TIDEWATCH_RESULTS_QUEUE_URL");
        let queue_region = environment.text("TIDEWATCH_RESULTS_QUEUE_REGION");
        let store = StoreAccess::read(&mut environment);
        environment.finish(|| {
            let region = region?;
            Some(Settings {
                table: table?,
                index,
                plan: Options {
                    prefix: prefix?.unwrap_or_default(),
                    layout: layout?,
                    location: location?,
                    target_arn: target_arn?,
                    rule_limit: rule_limit?,
                },
                buckets: buckets?.unwrap_or_default(),
                tenants: tenants?,
                store: store?,
                queue: queue?.map(|url| Queue {
                    url,
                    region: queue_region.unwrap_or_else(|| region.clone()),
                }),
                region,
            })
        })
    }

    /// Whether this is the region where rows are gathered. Only the function there writes the rows
    /// of definitions: they are the same for all locations.
    pub(crate) fn is_home(&self) -> bool {
        self.queue
            .as_ref()
            .is_none_or(|queue| queue.region == self.region)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(variables: &'static [(&'static str, &'static str)]) -> Result<Settings, String> {
        let all = [
            ("AWS_REGION", "eu-west-1"),
            ("TIDEWATCH_MONITORS_TABLE", "monitors"),
            (
                "TIDEWATCH_MONITOR_FUNCTION_ARN",
                "arn:aws:lambda:eu-west-1:1:function:m:live",
            ),
        ];
        let lookup = move |name: &str| {
            let mut given = variables.iter().chain(&all);
            given
                .find(|(found, _)| *found == name)
                .map(|(_, value)| (*value).to_owned())
        };
        Settings::read(&lookup).map_err(|error| error.to_string())
    }

    #[test]
    fn few_settings_are_enough() {
        let settings = read(&[]).unwrap();
        assert_eq!(settings.plan.location.as_str(), "eu-west-1");
        assert_eq!(settings.plan.layout, Layout::PerMonitor);
        assert_eq!(settings.plan.prefix.with_dash(), "tidewatch-");
        assert_eq!(
            (settings.buckets.count(), settings.plan.rule_limit),
            (16, 300)
        );
        assert!(settings.is_home());
    }

    #[test]
    fn home_is_where_the_queue_is() {
        let url = (
            "TIDEWATCH_RESULTS_QUEUE_URL",
            "https://sqs.example/1/results",
        );
        assert!(
            read(&[(
                "TIDEWATCH_RESULTS_QUEUE_URL",
                "https://sqs.example/1/results"
            )])
            .unwrap()
            .is_home()
        );
        let elsewhere = read(&[
            (
                "TIDEWATCH_RESULTS_QUEUE_URL",
                "https://sqs.example/1/results",
            ),
            ("TIDEWATCH_RESULTS_QUEUE_REGION", "us-east-1"),
        ])
        .unwrap();
        assert!(!elsewhere.is_home());
        assert_eq!(elsewhere.queue.unwrap().url, url.1);
    }

    #[test]
    fn faults_name_the_variable_and_the_remedy() {
        let error = read(&[
            ("TIDEWATCH_BUCKETS", "12"),
            ("TIDEWATCH_RULE_PREFIX", "tide watch"),
            ("TIDEWATCH_RULE_LAYOUT", "single"),
        ])
        .unwrap_err();
        for wanted in [
            "TIDEWATCH_BUCKETS is no power of two (`12`); use 1, 2, 4, 8 ... 4096",
            "TIDEWATCH_RULE_PREFIX is no prefix of names (`tide watch`)",
            "TIDEWATCH_RULE_LAYOUT is not one of the known words (`single`)",
        ] {
            assert!(error.contains(wanted), "{error}");
        }
    }
}
