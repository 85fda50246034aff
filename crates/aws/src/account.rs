//! Is this account fit for Tidewatch? Each part asks one service harmless questions and says what
//! the answers mean. Nothing is changed.

mod dynamodb;
mod eventbridge;
mod sqs;
mod timestream;

use aws_config::SdkConfig;
use aws_credential_types::provider::ProvideCredentials;
use tidewatch_domain::schema;

use crate::environment::{Lookup, Store};
use crate::timestream::StoreAccess;

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// As it should be.
    Ok,
    /// Works, or may be meant so.
    Warn,
    /// Tidewatch cannot work like this.
    Fail,
}

/// What was found about one thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What was looked at, in two or three words.
    pub check: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// What was found.
    pub text: String,
    /// What to do; `None` where nothing has to be done.
    pub remedy: Option<String>,
}

impl Finding {
    fn ok(check: &'static str, text: impl Into<String>) -> Self {
        Finding {
            check,
            severity: Severity::Ok,
            text: text.into(),
            remedy: None,
        }
    }

    fn warn(check: &'static str, text: impl Into<String>, remedy: impl Into<String>) -> Self {
        Finding {
            check,
            severity: Severity::Warn,
            text: text.into(),
            remedy: Some(remedy.into()),
        }
    }

    fn fail(check: &'static str, text: impl Into<String>, remedy: impl Into<String>) -> Self {
        Finding {
            severity: Severity::Fail,
            ..Finding::warn(check, text, remedy)
        }
    }
}

/// What the account is to have. Whatever is `None` or empty is not looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// The table of monitor entries, with its index.
    pub monitors_table: Option<String>,
    /// The index of buckets.
    pub monitors_index: String,
    /// The table of judging state.
    pub state_table: Option<String>,
    /// The table of incidents.
    pub incidents_table: Option<String>,
    /// URLs of queues.
    pub queues: Vec<String>,
    /// Where rows go.
    pub store: Store,
    /// How the store is reached.
    pub access: StoreAccess,
    /// What the names of our schedule rules begin with, before a dash.
    pub rule_prefix: String,
    /// Rules that the region may hold.
    pub rule_limit: usize,
}

impl Wanted {
    /// What the variables of the functions say, so that the settings of an installation can be
    /// used as they are.
    pub fn of_environment(lookup: &Lookup) -> Self {
        let text = |name: &str| lookup(name).filter(|value| !value.trim().is_empty());
        let or = |name: &str, default: &str| text(name).unwrap_or_else(|| default.to_owned());
        let queues = [
            "TIDEWATCH_RESULTS_QUEUE_URL",
            "TIDEWATCH_SLOTS_QUEUE_URL",
            "TIDEWATCH_REJECTED_QUEUE_URL",
            "TIDEWATCH_ALERT_QUEUE_URL",
        ];
        Wanted {
            monitors_table: text("TIDEWATCH_MONITORS_TABLE"),
            monitors_index: or("TIDEWATCH_MONITORS_INDEX", "schedule_bucket"),
            state_table: text("TIDEWATCH_STATE_TABLE"),
            incidents_table: text("TIDEWATCH_INCIDENTS_TABLE"),
            queues: queues.into_iter().filter_map(text).collect(),
            store: Store {
                database: or("TIDEWATCH_DATABASE", schema::DATABASE),
                table: or("TIDEWATCH_TABLE", schema::TABLE),
            },
            access: StoreAccess {
                endpoint: text("TIDEWATCH_STORE_ENDPOINT"),
                keys_secret: text("TIDEWATCH_STORE_KEYS_SECRET"),
                authority_secret: text("TIDEWATCH_STORE_CA_SECRET"),
            },
            rule_prefix: or("TIDEWATCH_RULE_PREFIX", "tidewatch"),
            rule_limit: text("TIDEWATCH_RULE_LIMIT")
                .and_then(|limit| limit.parse().ok())
                .unwrap_or(300),
        }
    }
}

/// Examines the account behind `config`, calling `begun` with the name of each part.
///
/// Errors: none. What cannot be asked is a finding. Without a region or credentials nothing else
/// is asked.
pub async fn examine(
    config: &SdkConfig,
    wanted: &Wanted,
    begun: impl Fn(&'static str),
) -> Vec<Finding> {
    begun("region and credentials");
    let mut findings = vec![region(config), credentials(config).await];
    if findings
        .iter()
        .any(|found| found.severity == Severity::Fail)
    {
        return findings;
    }
    begun("schedule rules");
    findings.extend(eventbridge::examine(config, wanted).await);
    begun("tables");
    findings.extend(dynamodb::examine(config, wanted).await);
    begun("queues");
    findings.extend(sqs::examine(config, wanted).await);
    begun("store");
    findings.extend(timestream::examine(config, wanted).await);
    findings
}

fn region(config: &SdkConfig) -> Finding {
    const CHECK: &str = "region";
    match config.region() {
        Some(region) => Finding::ok(CHECK, region.to_string()),
        None => Finding::fail(
            CHECK,
            "no region is set",
            "set AWS_REGION, or a region in the profile that AWS_PROFILE names",
        ),
    }
}

async fn credentials(config: &SdkConfig) -> Finding {
    const CHECK: &str = "credentials";
    const REMEDY: &str = "log in (`aws sso login`, `aws configure`), or set AWS_PROFILE or \
                          AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY";
    let Some(provider) = config.credentials_provider() else {
        return Finding::fail(CHECK, "no credentials are configured", REMEDY);
    };
    match provider.provide_credentials().await {
        Ok(credentials) => {
            // The id of a key is no secret, but nobody needs all of it.
            let id = credentials.access_key_id();
            let shown: String = id.chars().take(8).collect();
            Finding::ok(CHECK, format!("access key {shown}..."))
        }
        Err(error) => {
            let cause = std::error::Error::source(&error);
            let cause = cause.map(|cause| format!(": {cause}")).unwrap_or_default();
            Finding::fail(CHECK, format!("{error}{cause}"), REMEDY)
        }
    }
}

/// What to do about a question that was refused for lack of permission.
fn permission(action: &str) -> String {
    format!("allow {action} to who asks, or ask as somebody who may")
}

/// Whether the code of an error means that the asker may not ask.
fn is_denied(code: Option<&str>) -> bool {
    matches!(
        code,
        Some("AccessDeniedException" | "AccessDenied" | "UnauthorizedOperation")
    )
}

#[cfg(test)]
mod tests;
