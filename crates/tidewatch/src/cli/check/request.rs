//! From arguments to a monitor, through the same validator as every definition.

use tidewatch_definitions::{Entry, Fault, Mode, Tree, Value};
use tidewatch_domain::Monitor;

use super::{CheckArgs, Family};
use crate::cli::exit::Complaint;

/// A long interval, so that it limits no timeout: nothing repeats this probe.
const INTERVAL: &str = "1h";

/// The monitor that the arguments describe.
pub(super) fn monitor(arguments: &CheckArgs) -> Result<Monitor, Complaint> {
    let entry = Entry {
        file: "command line".to_owned(),
        number: 1,
        tree: entry(arguments)?,
    };
    let mut definitions = tidewatch_definitions::check(&[entry], Mode::Local);
    match definitions.monitors.pop() {
        Some(monitor) => Ok(monitor),
        None => Err(complaint(&definitions.faults)),
    }
}

fn entry(arguments: &CheckArgs) -> Result<Tree, Complaint> {
    let mut request = vec![
        field("method", text(&arguments.method)),
        field("headers", headers(&arguments.headers)?),
        field("family", text(family(arguments.family))),
    ];
    request.extend(
        arguments
            .body
            .as_ref()
            .map(|body| field("body", text(body))),
    );
    if arguments.no_follow {
        request.push(field("redirects", text("stop")));
    }
    let mut fields = vec![
        field("tenant", text("command-line")),
        field("monitor_id", text("check")),
        field("target", text(&with_scheme(&arguments.url))),
        field("interval", text(INTERVAL)),
        field("attempts", Value::Number(arguments.attempts.to_string())),
        field("request", Value::Map(request)),
        field("assertions", assertions(arguments)),
    ];
    if let Some(timeout) = &arguments.timeout {
        let attempt = match timeout.parse::<f64>() {
            Ok(_) => Value::Number(timeout.clone()),
            Err(_) => text(timeout),
        };
        fields.push(field(
            "timeouts",
            Value::Map(vec![field("attempt", attempt)]),
        ));
    }
    Ok(Value::Map(fields).into())
}

/// What people type into a browser is a host.
fn with_scheme(url: &str) -> String {
    if url.contains("://") {
        url.to_owned()
    } else {
        format!("https://{url}")
    }
}

fn family(family: Family) -> &'static str {
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

fn assertions(arguments: &CheckArgs) -> Value {
    let mut assertions = Vec::new();
    if !arguments.status.is_empty() {
        let codes = arguments
            .status
            .iter()
            .map(|code| text(code.trim()).into())
            .collect();
        assertions.push(vec![
            field("on", text("status")),
            field("is", Value::List(codes)),
        ]);
    }
    for wanted in &arguments.contains {
        assertions.push(vec![
            field("on", text("body")),
            field("contains", text(wanted)),
        ]);
    }
    Value::List(
        assertions
            .into_iter()
            .map(|fields| Value::Map(fields).into())
            .collect(),
    )
}

fn field(name: &str, value: Value) -> (String, Tree) {
    (name.to_owned(), value.into())
}

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

/// All faults at once, each by the argument that it comes from.
fn complaint(faults: &[Fault]) -> Complaint {
    let told: Vec<String> = faults
        .iter()
        .map(|fault| {
            let value = match fault.value.as_deref() {
                Some(hidden @ "(hidden)") => format!(" {hidden}"),
                Some(value) => format!(" `{value}`"),
                None => String::new(),
            };
            let argument = fault.field.as_deref().map_or("the command line", argument);
            format!("{argument}{value} {}; {}", fault.problem, fault.remedy)
        })
        .collect();
    Complaint::usage(told.join("\n       "))
}

/// The argument behind a field of the entry.
fn argument(field: &str) -> &'static str {
    let starts = |prefix: &str| field.starts_with(prefix);
    match field {
        "target" => "the URL",
        "attempts" => "--attempts",
        "request.method" => "--method",
        "request.body" => "--body",
        _ if starts("request.headers") => "--header",
        _ if starts("timeouts") => "--timeout",
        _ if starts("assertions") && field.contains(".is") => "--status",
        _ if starts("assertions") => "--contains",
        _ => "the command line",
    }
}

#[cfg(test)]
mod tests;
