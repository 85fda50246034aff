//! Account settings.

use serde_json::{Value, json};

use super::server::Server;

fn settings(units: i64, model: &str) -> Value {
    json!({"MaxQueryTCU": units, "QueryPricingModel": model, "QueryCompute": {"ComputeMode": "ON_DEMAND"}})
}

#[tokio::test]
async fn settings_have_defaults_change_and_survive_a_restart() {
    let server = Server::start().await;
    let describe = "DescribeAccountSettings";
    assert_eq!(
        server.ok(describe, json!({})).await,
        settings(200, "COMPUTE_UNITS")
    );
    let changed = server
        .ok("UpdateAccountSettings", json!({"MaxQueryTCU": 40}))
        .await;
    assert_eq!(changed, settings(40, "COMPUTE_UNITS"));
    server
        .ok(
            "UpdateAccountSettings",
            json!({"QueryPricingModel": "BYTES_SCANNED"}),
        )
        .await;
    let server = server.restart().await;
    assert_eq!(
        server.ok(describe, json!({})).await,
        settings(40, "BYTES_SCANNED")
    );
}

#[tokio::test]
async fn settings_that_cannot_be_are_refused() {
    let server = Server::start().await;
    for units in [0, 6, 1004] {
        server
            .fails(
                "UpdateAccountSettings",
                json!({"MaxQueryTCU": units}),
                "ValidationException",
                &format!("MaxQueryTCU is {units}; it must be a multiple of 4 between 4 and 1000."),
            )
            .await;
    }
    server
        .fails(
            "UpdateAccountSettings",
            json!({"QueryCompute": {"ComputeMode": "PROVISIONED", "ProvisionedCapacity": {"TargetQueryTCU": 8}}}),
            "ValidationException",
            "This server has no provisioned capacity; use the ON_DEMAND mode.",
        )
        .await;
}
