//! Account settings of the Query API. They are kept and described; nothing here is billed.

use tidewatch_wire::{
    AccountSettings, ApiError, ComputeMode, DescribeAccountSettingsRequest, QueryCompute,
    QueryPricingModel, Request, UpdateAccountSettingsRequest,
};

use crate::state::State;
use crate::{Bridge, failure};

const MAX_QUERY_TCU: &str = "max_query_tcu";
const PRICING_MODEL: &str = "query_pricing_model";
/// The number of compute units before it is set, as for a new account.
const DEFAULT_TCU: i64 = 200;

impl Bridge {
    /// The settings.
    pub async fn describe_account_settings(
        &self,
        request: DescribeAccountSettingsRequest,
    ) -> Result<AccountSettings, ApiError> {
        request.validate()?;
        self.in_state(describe).await
    }

    /// Changes settings; absent members stay as they are.
    pub async fn update_account_settings(
        &self,
        request: UpdateAccountSettingsRequest,
    ) -> Result<AccountSettings, ApiError> {
        request.validate()?;
        let mut changes = Vec::new();
        if let Some(units) = request.max_query_tcu {
            if !(4..=1000).contains(&units) || units % 4 != 0 {
                return Err(ApiError::validation(format!(
                    "MaxQueryTCU is {units}; it must be a multiple of 4 between 4 and 1000."
                )));
            }
            changes.push((MAX_QUERY_TCU, units.to_string()));
        }
        if let Some(model) = request.query_pricing_model {
            changes.push((PRICING_MODEL, model.as_str().to_owned()));
        }
        if let Some(compute) = request.query_compute
            && (compute.compute_mode == Some(ComputeMode::Provisioned)
                || compute.provisioned_capacity.is_some())
        {
            return Err(ApiError::validation(
                "This server has no provisioned capacity; use the ON_DEMAND mode.",
            ));
        }
        self.in_state(move |state| {
            state
                .set_account_settings(&changes)
                .map_err(failure::state)?;
            describe(state)
        })
        .await
    }
}

fn describe(state: &State) -> Result<AccountSettings, ApiError> {
    let units = state
        .account_setting(MAX_QUERY_TCU)
        .map_err(failure::state)?;
    let model = state
        .account_setting(PRICING_MODEL)
        .map_err(failure::state)?;
    Ok(AccountSettings {
        max_query_tcu: Some(
            units
                .and_then(|units| units.parse().ok())
                .unwrap_or(DEFAULT_TCU),
        ),
        query_pricing_model: Some(model.map_or(QueryPricingModel::ComputeUnits, |model| {
            QueryPricingModel::from(model.as_str())
        })),
        query_compute: Some(QueryCompute {
            compute_mode: Some(ComputeMode::OnDemand),
            provisioned_capacity: None,
        }),
    })
}
