//! What is probed: a target of the command line, or an entry of the definitions.

use tidewatch_domain::{Monitor, MonitorKey};

use super::{CheckArgs, request};
use crate::cli::exit::Complaint;
use crate::cli::{monitors, settings};
use crate::settings::{Settings, UpArgs};

/// The monitor that the arguments ask for.
pub(super) async fn monitor(
    arguments: &CheckArgs,
    settings: &Settings,
) -> Result<Monitor, Complaint> {
    match (&arguments.target, &arguments.defined.monitor) {
        (_, Some(key)) => {
            let mut monitor = defined(key, settings).await?;
            if let Some(interval) = arguments.watch.interval {
                monitor.interval = interval;
            }
            Ok(monitor)
        }
        (Some(target), None) => request::monitor(target, arguments),
        (None, None) => Err(Complaint::usage("there is nothing to probe")
            .remedy("name a target, or an entry with --monitor TENANT/ID")),
    }
}

/// The entry with this key, as `tidewatch up` would take it.
async fn defined(key: &MonitorKey, settings: &Settings) -> Result<Monitor, Complaint> {
    let definitions = monitors::definitions(settings).await?;
    if let Some(monitor) = definitions
        .monitors
        .into_iter()
        .find(|monitor| monitor.key == *key)
    {
        return Ok(monitor);
    }
    let name = key.to_string();
    let faults = definitions
        .faults
        .iter()
        .filter(|fault| fault.entry.as_ref().is_none_or(|entry| *entry == name));
    let faults: Vec<String> = faults.map(ToString::to_string).collect();
    let file = &settings.definitions;
    Err(if faults.is_empty() {
        Complaint::usage(format!("--monitor {name} is not in {file}"))
            .remedy("see what is there: tidewatch monitors list")
    } else {
        Complaint::failed(faults.join("\n       "))
            .remedy("correct the definition, or name another file with --definitions")
    })
}

/// The settings of `up`, so that a probe here is one of `up`; what the arguments say wins.
pub(super) fn settings(arguments: &CheckArgs) -> Result<Settings, Complaint> {
    settings::of_up(|of_up| UpArgs {
        definitions: arguments.defined.definitions.clone().or(of_up.definitions),
        probing: arguments.probing.clone(),
        ..of_up
    })
}
