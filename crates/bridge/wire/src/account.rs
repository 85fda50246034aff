//! Settings of the account for queries.

use crate::{Faults, Operation, Request, closed_set::closed_set, path::Path, shape::shapes};

closed_set! {
    /// What queries are billed by.
    QueryPricingModel {
        /// Bytes that they read.
        BytesScanned = "BYTES_SCANNED",
        /// Compute units that they use.
        ComputeUnits = "COMPUTE_UNITS",
    }
}

closed_set! {
    /// Where the compute units come from.
    ComputeMode {
        /// As many as are needed, up to the maximum.
        OnDemand = "ON_DEMAND",
        /// A fixed number.
        Provisioned = "PROVISIONED",
    }
}

shapes! {
    /// Asks for the settings.
    DescribeAccountSettingsRequest {}

    /// Changes settings; absent members stay as they are.
    UpdateAccountSettingsRequest {
        /// The most compute units, a multiple of 4.
        #[serde(rename = "MaxQueryTCU")]
        max_query_tcu: Option<i64>,
        /// What queries are billed by.
        query_pricing_model: Option<QueryPricingModel>,
        /// Where the compute units come from.
        query_compute: Option<QueryCompute>,
    }

    /// The settings.
    AccountSettings {
        /// The most compute units.
        #[serde(rename = "MaxQueryTCU")]
        max_query_tcu: Option<i64>,
        /// What queries are billed by.
        query_pricing_model: Option<QueryPricingModel>,
        /// Where the compute units come from.
        query_compute: Option<QueryCompute>,
    }

    /// Where the compute units come from.
    QueryCompute {
        /// Which of the two ways.
        compute_mode: Option<ComputeMode>,
        /// How many, for the fixed number.
        provisioned_capacity: Option<ProvisionedCapacity>,
    }

    /// A fixed number of compute units.
    ProvisionedCapacity {
        /// The number.
        #[serde(rename = "TargetQueryTCU")]
        target_query_tcu: Option<i64>,
    }
}

impl Request for DescribeAccountSettingsRequest {
    const OPERATION: Operation = Operation::DescribeAccountSettings;
    type Response = AccountSettings;

    fn check(&self, _: &mut Faults) {}
}

impl Request for UpdateAccountSettingsRequest {
    const OPERATION: Operation = Operation::UpdateAccountSettings;
    type Response = AccountSettings;

    fn check(&self, faults: &mut Faults) {
        faults.one_of(
            Path::Root.member("queryPricingModel"),
            &self.query_pricing_model,
        );
        if let Some(compute) = &self.query_compute {
            let at = Path::Root.member("queryCompute");
            faults.one_of(at.member("computeMode"), &compute.compute_mode);
            if let Some(capacity) = &compute.provisioned_capacity {
                let at = at.member("provisionedCapacity");
                faults.required(at.member("targetQueryTCU"), &capacity.target_query_tcu);
            }
        }
    }
}
