//! What the environment says about telemetry.

use std::net::SocketAddr;

use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;

/// The shape of log lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    Json,
    Text,
}

/// The settings of one function.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    /// Name of the function.
    pub(crate) function: String,
    /// Its published version, or `$LATEST`.
    pub(crate) version: String,
    /// Name of the location, as in the rows.
    pub(crate) location: String,
    pub(crate) format: Format,
    pub(crate) levels: Targets,
    /// Where the X-Ray daemon listens; `None` sends nothing.
    pub(crate) daemon: Option<SocketAddr>,
    /// Variables that were passed over, each with the reason: telemetry never keeps a function
    /// from starting.
    pub(crate) faults: Vec<String>,
}

impl Settings {
    /// Reads the settings by `lookup`, which tells the value of a variable.
    pub(crate) fn read(lookup: &dyn Fn(&str) -> Option<String>) -> Self {
        let text = |name: &str| lookup(name).filter(|value| !value.trim().is_empty());
        let mut faults = Vec::new();
        Settings {
            function: text("AWS_LAMBDA_FUNCTION_NAME").unwrap_or_else(|| "tidewatch".to_owned()),
            version: text("AWS_LAMBDA_FUNCTION_VERSION").unwrap_or_else(|| "$LATEST".to_owned()),
            location: text("TIDEWATCH_LOCATION")
                .or_else(|| text("AWS_REGION"))
                .unwrap_or_else(|| "local".to_owned()),
            format: format(text("AWS_LAMBDA_LOG_FORMAT"), &mut faults),
            levels: levels(
                text("TIDEWATCH_LOG"),
                text("AWS_LAMBDA_LOG_LEVEL"),
                &mut faults,
            ),
            daemon: daemon(text("AWS_XRAY_DAEMON_ADDRESS"), &mut faults),
            faults,
        }
    }
}

fn format(value: Option<String>, faults: &mut Vec<String>) -> Format {
    match value.as_deref() {
        None => Format::Json,
        Some(word) if word.eq_ignore_ascii_case("json") => Format::Json,
        Some(word) if word.eq_ignore_ascii_case("text") => Format::Text,
        Some(word) => {
            faults.push(format!(
                "AWS_LAMBDA_LOG_FORMAT is `{word}`; use `JSON` or `Text`; JSON is used"
            ));
            Format::Json
        }
    }
}

fn levels(ours: Option<String>, aws: Option<String>, faults: &mut Vec<String>) -> Targets {
    if let Some(text) = ours {
        match text.parse::<Targets>() {
            Ok(targets) => return with_errors_once(targets),
            Err(error) => faults.push(format!(
                "TIDEWATCH_LOG is `{text}` ({error}); use a list like `info,tidewatch_probe=debug`; \
                 AWS_LAMBDA_LOG_LEVEL is used"
            )),
        }
    }
    let level = match aws.as_deref().map(str::to_ascii_uppercase).as_deref() {
        None | Some("INFO") => LevelFilter::INFO,
        Some("TRACE") => LevelFilter::TRACE,
        Some("DEBUG") => LevelFilter::DEBUG,
        Some("WARN") => LevelFilter::WARN,
        Some("ERROR" | "FATAL") => LevelFilter::ERROR,
        Some(other) => {
            faults.push(format!(
                "AWS_LAMBDA_LOG_LEVEL is `{other}`; use TRACE, DEBUG, INFO, WARN, ERROR or FATAL; \
                 INFO is used"
            ));
            LevelFilter::INFO
        }
    };
    // The SDK's own debug lines hold whole requests: only TIDEWATCH_LOG can ask for them.
    with_errors_once(
        Targets::new()
            .with_default(level.min(LevelFilter::WARN))
            .with_target("tidewatch", level),
    )
}

/// Without the runtime's lines about errors and panics of the handler: ours have the request.
fn with_errors_once(targets: Targets) -> Targets {
    targets.with_target("lambda_runtime::layers::panic", LevelFilter::OFF)
}

/// Reads `address:port`, or the form with one address for each protocol
/// (`tcp:127.0.0.1:2000 udp:127.0.0.1:2000`) that X-Ray's SDKs know as well.
fn daemon(value: Option<String>, faults: &mut Vec<String>) -> Option<SocketAddr> {
    let value = value?;
    let mut parts = value.split_whitespace();
    let udp = parts.clone().find_map(|part| part.strip_prefix("udp:"));
    let address = udp
        .or_else(|| parts.next())
        .and_then(|part| part.parse().ok());
    if address.is_none() {
        faults.push(format!(
            "AWS_XRAY_DAEMON_ADDRESS is `{value}`; use an address and a port like `127.0.0.1:2000`; \
             no traces are sent"
        ));
    }
    address
}

#[cfg(test)]
mod tests {
    use super::*;
    use tracing::Level;

    fn read(variables: &[(&str, &str)]) -> Settings {
        Settings::read(&|name| {
            let found = variables.iter().find(|(variable, _)| *variable == name);
            found.map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn what_lambda_sets_is_used() {
        let settings = read(&[
            ("AWS_LAMBDA_FUNCTION_NAME", "tidewatch-monitor"),
            ("AWS_LAMBDA_FUNCTION_VERSION", "7"),
            ("AWS_REGION", "eu-west-1"),
            ("AWS_LAMBDA_LOG_FORMAT", "JSON"),
            ("AWS_LAMBDA_LOG_LEVEL", "DEBUG"),
            ("AWS_XRAY_DAEMON_ADDRESS", "169.254.79.129:2000"),
        ]);
        assert_eq!(settings.function, "tidewatch-monitor");
        assert_eq!(settings.version, "7");
        assert_eq!(settings.location, "eu-west-1");
        assert_eq!(settings.format, Format::Json);
        assert_eq!(settings.daemon, "169.254.79.129:2000".parse().ok());
        assert!(
            settings
                .levels
                .would_enable("tidewatch_probe", &Level::DEBUG)
        );
        assert!(!settings.levels.would_enable("aws_sdk_sqs", &Level::INFO));
        assert!(settings.levels.would_enable("aws_sdk_sqs", &Level::WARN));
        assert!(settings.faults.is_empty(), "{:?}", settings.faults);
    }

    #[test]
    fn our_own_variable_overrides_the_level() {
        let settings = read(&[
            ("AWS_LAMBDA_LOG_LEVEL", "ERROR"),
            ("TIDEWATCH_LOG", "warn,tidewatch_aws=trace"),
        ]);
        let levels = settings.levels;
        assert!(levels.would_enable("tidewatch_aws::queue", &Level::TRACE));
        assert!(levels.would_enable("tidewatch_probe", &Level::WARN));
        assert!(!levels.would_enable("tidewatch_probe", &Level::INFO));
        assert!(!levels.would_enable("lambda_runtime::layers::panic", &Level::ERROR));
    }

    #[test]
    fn a_location_of_our_own_goes_before_the_region() {
        let settings = read(&[
            ("AWS_REGION", "eu-west-1"),
            ("TIDEWATCH_LOCATION", "dublin"),
        ]);
        assert_eq!(settings.location, "dublin");
    }

    #[test]
    fn what_cannot_be_read_is_told_and_passed_over() {
        let settings = read(&[
            ("AWS_LAMBDA_LOG_FORMAT", "XML"),
            ("AWS_LAMBDA_LOG_LEVEL", "LOUD"),
            ("TIDEWATCH_LOG", "a=b=c"),
            ("AWS_XRAY_DAEMON_ADDRESS", "daemon"),
        ]);
        assert_eq!(settings.faults.len(), 4, "{:?}", settings.faults);
        for (fault, value) in settings
            .faults
            .iter()
            .zip(["XML", "a=b=c", "LOUD", "daemon"])
        {
            assert!(fault.contains(value), "{fault}");
        }
        assert_eq!(settings.format, Format::Json);
        assert_eq!(settings.daemon, None);
        assert!(
            settings
                .levels
                .would_enable("tidewatch_probe", &Level::INFO)
        );
    }

    #[test]
    fn the_daemon_may_have_an_address_for_each_protocol() {
        let settings = read(&[(
            "AWS_XRAY_DAEMON_ADDRESS",
            "tcp:127.0.0.1:2000 udp:127.0.0.2:2001",
        )]);
        assert_eq!(settings.daemon, "127.0.0.2:2001".parse().ok());
    }

    #[test]
    fn without_a_daemon_nothing_is_sent() {
        let settings = read(&[]);
        assert_eq!(settings.daemon, None);
        assert!(settings.faults.is_empty());
    }
}
