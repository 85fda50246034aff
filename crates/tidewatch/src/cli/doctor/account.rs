//! `tidewatch doctor --aws`: is this account fit for Tidewatch?

use tidewatch_aws::account::{self, Severity, Wanted};
use tidewatch_aws::environment::of_process;

use crate::cloud::CloudArgs;
use crate::doctor::{Finding, Status};

/// Examines the account that the credentials lead to, by the variables of the functions.
pub(super) async fn examine(cloud: &CloudArgs, begun: impl Fn(&'static str)) -> Vec<Finding> {
    let config = match cloud.config().await {
        Ok(config) => config,
        Err(error) => {
            return vec![Finding::fail(
                "region",
                error.to_string(),
                "name the region of the installation",
            )];
        }
    };
    let wanted = Wanted::of_environment(&of_process);
    let found = account::examine(&config, &wanted, begun).await;
    found.into_iter().map(finding).collect()
}

fn finding(found: account::Finding) -> Finding {
    Finding {
        check: found.check,
        status: match found.severity {
            Severity::Ok => Status::Ok,
            Severity::Warn => Status::Warn,
            Severity::Fail => Status::Fail,
        },
        measured: found.text,
        remedy: found.remedy,
    }
}
