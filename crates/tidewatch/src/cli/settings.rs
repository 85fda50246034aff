//! The settings of `tidewatch up`, for commands that work as it would.

use clap::{Args, FromArgMatches};

use super::exit::Complaint;
use crate::settings::{Settings, UpArgs};

/// The settings from the environment and the settings file; what `adjust` sets wins.
pub(super) fn of_up(adjust: impl FnOnce(UpArgs) -> UpArgs) -> Result<Settings, Complaint> {
    let unusable = |error: Box<dyn std::error::Error + Send + Sync>| {
        Complaint::failed("the settings cannot be used").because(error)
    };
    let command = UpArgs::augment_args(clap::Command::new("up").no_binary_name(true));
    let arguments = command
        .try_get_matches_from(std::iter::empty::<&str>())
        .and_then(|matches| UpArgs::from_arg_matches(&matches))
        .map_err(|error| unusable(error.into()))?;
    Settings::resolve(adjust(arguments)).map_err(|error| unusable(error.into()))
}
