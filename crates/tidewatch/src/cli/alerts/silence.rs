//! `tidewatch alerts silence|ack|unsilence`: what people do not want to hear of, and for how long.

use std::time::Duration;

use clap::Args;
use reqwest::Method;
use serde_json::{Value, json};
use tidewatch_domain::Timestamp;
use tidewatch_domain::ports::Clock;

use super::page::{PageArgs, author, pretty};
use crate::cli::exit::{Complaint, Exit};
use crate::local::SystemClock;
use crate::terminal::{Terminal, clean};

const SILENCE_EXAMPLES: &str = "\
Examples:
  tidewatch alerts silence 'tenant=\"acme\"' 'monitor_id=~\"shop-.*\"' --for 2h --comment 'new release'
  tidewatch alerts silence alertname=Latency --until 2026-11-23T06:00:00Z

Exit codes: 0 silenced; 1 not; 2 the command cannot be understood";

const ACK_EXAMPLES: &str = "\
Examples:
  tidewatch alerts ack 9d3f --comment 'looking into it'

Exit codes: 0 acknowledged; 1 not; 2 the command cannot be understood";

/// What to silence.
#[derive(Args, Clone, Debug)]
#[command(after_help = SILENCE_EXAMPLES)]
pub(super) struct SilenceArgs {
    /// Conditions on labels, all of which have to hold: NAME=VALUE, !=, =~ (regular expression), !~
    #[arg(value_name = "MATCHER", required = true)]
    matchers: Vec<String>,
    /// For how long, such as 30m, 2h, 3d
    #[arg(long = "for", value_name = "DURATION", value_parser = duration)]
    #[arg(required_unless_present = "until", conflicts_with = "until")]
    length: Option<Duration>,
    /// Until when, in RFC 3339: 2026-11-23T06:00:00Z
    #[arg(long, value_name = "INSTANT")]
    until: Option<String>,
    #[command(flatten)]
    reason: ReasonArgs,
    #[command(flatten)]
    page: PageArgs,
}

/// What to acknowledge.
#[derive(Args, Clone, Debug)]
#[command(after_help = ACK_EXAMPLES)]
pub(super) struct AckArgs {
    /// The id of the alert, or the beginning of it; `tidewatch alerts list` has it
    #[arg(value_name = "ID")]
    alert: String,
    #[command(flatten)]
    reason: ReasonArgs,
    #[command(flatten)]
    page: PageArgs,
}

/// What to end.
#[derive(Args, Clone, Debug)]
pub(super) struct UnsilenceArgs {
    /// The id of the silence or acknowledgement; `tidewatch alerts list` has it
    #[arg(value_name = "ID")]
    silence: String,
    #[command(flatten)]
    page: PageArgs,
}

/// Who wants it, and why.
#[derive(Args, Clone, Debug)]
struct ReasonArgs {
    /// Who wants it [default: the variable USER]
    #[arg(long, value_name = "NAME")]
    author: Option<String>,
    /// Why
    #[arg(long, value_name = "TEXT", default_value = "")]
    comment: String,
}

/// Silences alerts for a while.
pub(super) async fn silence(
    arguments: SilenceArgs,
    terminal: &Terminal,
) -> Result<Exit, Complaint> {
    let ends_at = match (arguments.length, arguments.until) {
        (Some(length), _) => SystemClock.now().plus(length).to_string(),
        (None, until) => until.unwrap_or_default(),
    };
    let body = json!({
        "matchers": arguments.matchers,
        "ends_at": ends_at,
        "author": author(arguments.reason.author.as_ref())?,
        "comment": arguments.reason.comment,
    });
    let page = arguments.page.page()?;
    let made = page
        .ask(Method::POST, &["api", "silences"], Some(&body))
        .await?;
    let text = format!(
        "silenced until {} as {}\n",
        word(&made, "ends_at"),
        id(&made)
    );
    tell(&made, &text, arguments.page.json, terminal)
}

/// Silences one alert until it is resolved.
pub(super) async fn acknowledge(
    arguments: AckArgs,
    terminal: &Terminal,
) -> Result<Exit, Complaint> {
    let body = json!({
        "author": author(arguments.reason.author.as_ref())?,
        "comment": arguments.reason.comment,
    });
    let page = arguments.page.page()?;
    let segments = ["api", "alerts", &arguments.alert, "acknowledge"];
    let made = page.ask(Method::POST, &segments, Some(&body)).await?;
    let text = format!("acknowledged until it is resolved as {}\n", id(&made));
    tell(&made, &text, arguments.page.json, terminal)
}

/// Ends a silence or an acknowledgement.
pub(super) async fn unsilence(
    arguments: UnsilenceArgs,
    terminal: &Terminal,
) -> Result<Exit, Complaint> {
    let page = arguments.page.page()?;
    let segments = ["api", "silences", &arguments.silence];
    let ended = page.ask(Method::DELETE, &segments, None).await?;
    let text = format!("silence {} is over\n", id(&ended));
    tell(&ended, &text, arguments.page.json, terminal)
}

fn tell(answer: &Value, text: &str, json: bool, terminal: &Terminal) -> Result<Exit, Complaint> {
    match json {
        true => terminal.print(&pretty(answer))?,
        false => terminal.print(text)?,
    }
    Ok(Exit::Good)
}

fn id(silence: &Value) -> String {
    word(silence, "id")
}

fn word(silence: &Value, name: &str) -> String {
    clean(silence[name].as_str().unwrap_or_default()).into_owned()
}

fn duration(text: &str) -> Result<Duration, String> {
    let length = tidewatch_definitions::read_duration(text)?;
    if length.is_zero() || Timestamp::EPOCH.plus(length).since(Timestamp::EPOCH) != length {
        return Err(format!(
            "`{text}` is no time to be silent; write 30m, 2h or 3d"
        ));
    }
    Ok(length)
}
