//! From arguments to a monitor, through the same validator as every definition.

use tidewatch_definitions::{Mode, Tree, Value};
use tidewatch_domain::Monitor;
use tidewatch_domain::monitor::Kind;

use super::CheckArgs;
use super::arguments::{Family, RequestArgs};
use super::draft::{Draft, SET_REMEDY};
use crate::cli::exit::Complaint;

/// What the interval is when nothing repeats the probe: long, so that it limits no timeout.
const ONCE: &str = "1h";
/// What it is when something does.
const REPEATED: &str = "5s";

/// The monitor on `target` that the arguments describe.
pub(super) fn monitor(target: &str, arguments: &CheckArgs) -> Result<Monitor, Complaint> {
    let draft = draft(target, arguments)?;
    let mut definitions = tidewatch_definitions::check(&[draft.entry()], Mode::Local);
    match definitions.monitors.pop() {
        Some(monitor) => Ok(monitor),
        None => Err(draft.complaint(&definitions.faults)),
    }
}

fn draft(target: &str, arguments: &CheckArgs) -> Result<Draft, Complaint> {
    let mut draft = Draft::default();
    draft.set("target", text(&with_scheme(target)), "the target")?;
    request(&arguments.request, &mut draft)?;
    if let Some(interval) = arguments.watch.interval {
        let interval = format!("{}ms", interval.as_millis());
        draft.set("interval", text(&interval), "--interval")?;
    }
    for assignment in &arguments.request.set {
        set(assignment, &mut draft)?;
    }
    draft.fill("tenant", text("command-line"));
    draft.fill("monitor_id", text("check"));
    let interval = if arguments.watch.watch {
        REPEATED
    } else {
        ONCE
    };
    draft.fill("interval", text(interval));
    Ok(draft)
}

/// The arguments with names of their own.
fn request(arguments: &RequestArgs, draft: &mut Draft) -> Result<(), Complaint> {
    if let Some(attempts) = arguments.attempts {
        draft.set(
            "attempts",
            Value::Number(attempts.to_string()),
            "--attempts",
        )?;
    }
    if let Some(timeout) = &arguments.timeout {
        let attempt = match timeout.parse::<f64>() {
            Ok(_) => Value::Number(timeout.clone()),
            Err(_) => text(timeout),
        };
        draft.set("timeouts.attempt", attempt, "--timeout")?;
    }
    if let Some(family) = arguments.family {
        draft.set("request.family", text(word(family)), "--family")?;
    }
    if let Some(method) = &arguments.method {
        draft.set("request.method", text(method), "--method")?;
    }
    if !arguments.headers.is_empty() {
        draft.set("request.headers", headers(&arguments.headers)?, "--header")?;
    }
    if let Some(body) = &arguments.body {
        draft.set("request.body", text(body), "--body")?;
    }
    if arguments.no_follow {
        draft.set("request.redirects", text("stop"), "--no-follow")?;
    }
    if !arguments.status.is_empty() {
        let codes = arguments.status.iter().map(|code| text(code.trim()).into());
        let wanted = Value::List(codes.collect());
        let assertion = vec![field("on", text("status")), field("is", wanted)];
        draft.add("assertions", Value::Map(assertion), "--status");
    }
    for wanted in &arguments.contains {
        let assertion = vec![field("on", text("body")), field("contains", text(wanted))];
        draft.add("assertions", Value::Map(assertion), "--contains");
    }
    Ok(())
}

/// `--set FIELD=VALUE`. Assertions are added to those of other arguments.
fn set(assignment: &str, draft: &mut Draft) -> Result<(), Complaint> {
    let Some((path, value)) = assignment.split_once('=') else {
        // The text is not repeated: it may hold a credential.
        return Err(Complaint::usage("a --set has no equals sign").remedy(SET_REMEDY));
    };
    let path = path.trim();
    let argument = format!("--set {path}");
    let value = tidewatch_definitions::read_value(value)
        .map_err(|problem| {
            Complaint::usage(format!("{argument} {problem}"))
                .remedy("put a text with special characters into quotes, as YAML wants it")
        })?
        .value;
    match value {
        Value::List(assertions) if path == "assertions" => {
            for assertion in assertions {
                draft.add(path, assertion.value, &argument);
            }
            Ok(())
        }
        value => draft.set(path, value, &argument),
    }
}

/// What people type into a browser is a host. Of the schemes that go without slashes a port is
/// told apart: `dns:53` is a host.
fn with_scheme(target: &str) -> String {
    let has_scheme = target.contains("://")
        || target.split_once(':').is_some_and(|(scheme, rest)| {
            Kind::ALL.iter().any(|kind| kind.name() == scheme) && rest.parse::<u16>().is_err()
        });
    if has_scheme {
        target.to_owned()
    } else {
        format!("https://{target}")
    }
}

fn word(family: Family) -> &'static str {
    match family {
        Family::Any => "any",
        Family::V4 => "v4",
        Family::V6 => "v6",
    }
}

/// A name that is given twice becomes one field with two values, as in a definition.
fn headers(headers: &[String]) -> Result<Value, Complaint> {
    let mut fields: Vec<(String, Vec<Tree>)> = Vec::new();
    for header in headers {
        let Some((name, value)) = header.split_once(':') else {
            // The text is not repeated: it may be a credential.
            return Err(Complaint::usage("a --header has no colon")
                .remedy("write it as --header 'accept: text/html'"));
        };
        let (name, value) = (name.trim().to_owned(), text(value.trim()).into());
        match fields
            .iter_mut()
            .find(|(known, _)| known.eq_ignore_ascii_case(&name))
        {
            Some((_, values)) => values.push(value),
            None => fields.push((name, vec![value])),
        }
    }
    let fields = fields
        .into_iter()
        .map(|(name, mut values)| match values.len() {
            1 => (name, values.remove(0)),
            _ => (name, Value::List(values).into()),
        });
    Ok(Value::Map(fields.collect()))
}

fn field(name: &str, value: Value) -> (String, Tree) {
    (name.to_owned(), value.into())
}

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

#[cfg(test)]
mod tests;
