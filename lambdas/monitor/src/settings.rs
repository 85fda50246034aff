//! The settings of the function.

use std::collections::BTreeMap;

use tidewatch_aws::environment::{Environment, EnvironmentError, Lookup, TenantAddresses, Tenants};
use tidewatch_aws::timestream::StoreAccess;
use tidewatch_domain::Location;
use tidewatch_probe::{AddressPolicy, Reach};

/// What the environment says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Settings {
    pub(crate) region: String,
    pub(crate) location: Location,
    /// Table of entries and its index by schedule bucket; `None` where every input has its entry.
    pub(crate) monitors: Option<(String, String)>,
    pub(crate) results: Results,
    /// The queue of further slots of a tick.
    pub(crate) slots_queue: Option<String>,
    /// Probes at once.
    pub(crate) concurrency: usize,
    pub(crate) tenants: Tenants,
}

/// Where results go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Results {
    /// To a queue, to be judged.
    Queue { url: String, region: String },
    /// To the store, as they are.
    Store(StoreAccess),
}

impl Settings {
    /// Reads the variables; the error has all that is wrong with them.
    pub(crate) fn read(lookup: &Lookup) -> Result<Self, EnvironmentError> {
        let mut environment = Environment::new(lookup);
        let region = environment.region();
        let location = environment.location();
        let index = environment.text_or("TIDEWATCH_MONITORS_INDEX", "schedule_bucket");
        let monitors = environment
            .text("TIDEWATCH_MONITORS_TABLE")
            .map(|table| (table, index));
        let results_region = environment.text("TIDEWATCH_RESULTS_QUEUE_REGION");
        let results_queue = environment.url("TIDEWATCH_RESULTS_QUEUE_URL");
        let slots_queue = environment.url("TIDEWATCH_SLOTS_QUEUE_URL");
        let concurrency = environment.number("TIDEWATCH_CONCURRENCY", 1..=1_000, 64);
        let tenants = environment.tenants();
        let store = StoreAccess::read(&mut environment);
        environment.finish(|| {
            let region = region?;
            let results = match results_queue? {
                Some(url) => Results::Queue {
                    url,
                    region: results_region.unwrap_or_else(|| region.clone()),
                },
                None => Results::Store(store?),
            };
            Some(Settings {
                region,
                location: location?,
                monitors,
                results,
                slots_queue: slots_queue?,
                concurrency: usize::try_from(concurrency?).ok()?,
                tenants: tenants?,
            })
        })
    }

    /// Which addresses may be talked to: public ones, unless a tenant's settings say otherwise.
    pub(crate) fn addresses(&self) -> AddressPolicy {
        let reach = |addresses: &TenantAddresses| match addresses {
            TenantAddresses::Public => Reach::Public,
            TenantAddresses::Any => Reach::Any,
            TenantAddresses::Ranges(ranges) => Reach::PublicAnd(ranges.clone()),
        };
        let named: BTreeMap<_, _> = self
            .tenants
            .named()
            .map(|(tenant, settings)| (tenant.clone(), reach(&settings.addresses)))
            .collect();
        AddressPolicy::new(reach(&self.tenants.others().addresses), named)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tidewatch_domain::Tenant;

    fn read(variables: &'static [(&'static str, &'static str)]) -> Result<Settings, String> {
        let lookup = move |name: &str| {
            let found = variables.iter().find(|(variable, _)| *variable == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        Settings::read(&lookup).map_err(|error| error.to_string())
    }

    #[test]
    fn a_region_is_enough() {
        let settings = read(&[("AWS_REGION", "eu-west-1")]).unwrap();
        assert_eq!(settings.location.as_str(), "eu-west-1");
        assert_eq!(settings.concurrency, 64);
        assert_eq!((settings.monitors, settings.slots_queue), (None, None));
        assert!(matches!(settings.results, Results::Store(_)));
    }

    #[test]
    fn results_go_to_the_queue_of_another_region() {
        let url = "https://sqs.eu-central-1.amazonaws.com/1/results";
        let settings = read(&[
            ("AWS_REGION", "eu-west-1"),
            (
                "TIDEWATCH_RESULTS_QUEUE_URL",
                "https://sqs.eu-central-1.amazonaws.com/1/results",
            ),
            ("TIDEWATCH_RESULTS_QUEUE_REGION", "eu-central-1"),
        ]);
        let wanted = Results::Queue {
            url: url.to_owned(),
            region: "eu-central-1".to_owned(),
        };
        assert_eq!(settings.unwrap().results, wanted);
    }

    #[test]
    fn all_that_is_wrong_is_told() {
        let error = read(&[
            ("TIDEWATCH_CONCURRENCY", "0"),
            ("TIDEWATCH_SLOTS_QUEUE_URL", "slots"),
        ])
        .unwrap_err();
        for variable in [
            "AWS_REGION",
            "TIDEWATCH_CONCURRENCY",
            "TIDEWATCH_SLOTS_QUEUE_URL",
        ] {
            assert!(error.contains(variable), "{error}");
        }
    }

    #[test]
    fn tenants_reach_what_is_set_for_them_and_others_public_addresses() {
        let settings = read(&[
            ("AWS_REGION", "eu-west-1"),
            (
                "TIDEWATCH_TENANTS",
                r#"{"acme":{"addresses":["10.0.0.0/8"]},"lab":{"addresses":"any"}}"#,
            ),
        ]);
        let policy = settings.unwrap().addresses();
        let refused = |tenant, address: &str| {
            let tenant = Tenant::try_new(tenant).unwrap();
            policy.refusal(&tenant, address.parse().unwrap()).is_some()
        };
        assert!(!refused("acme", "10.0.0.1"));
        assert!(refused("acme", "169.254.169.254"));
        assert!(!refused("lab", "127.0.0.1"));
        assert!(refused("other", "10.0.0.1"));
    }
}
