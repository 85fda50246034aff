//! What is said over a TCP connection.

use tidewatch_domain::monitor::{Message, Pattern, Step, limits};

use super::secrets::Policy;
use crate::fields::Fields;
use crate::node::Node;
use crate::report::Report;

/// The longest expression that is awaited, in bytes.
const LONGEST_PATTERN: usize = 4 * 1024;

/// The field `dialogue`.
pub(super) fn dialogue(
    fields: &mut Fields<'_>,
    secrets: Policy<'_>,
    report: &mut Report,
) -> Vec<Step> {
    let Some(node) = fields.get("dialogue") else {
        return Vec::new();
    };
    let remedy = "write a list of steps, like `[{expect: \"^220 \"}]`";
    let Some(nodes) = node.list(remedy, report) else {
        return Vec::new();
    };
    if nodes.len() > limits::DIALOGUE {
        let problem = format!("has {} steps", nodes.len());
        report.fault(&node, problem, format!("use at most {}", limits::DIALOGUE));
        return Vec::new();
    }
    let mut steps = Vec::new();
    // How many groups the last `expect` captures; none before the first.
    let mut groups = 0;
    for node in nodes {
        let Some(step) = step(&node, groups, secrets, report) else {
            continue;
        };
        if let Step::Expect(pattern) = &step {
            groups = pattern.groups();
        }
        steps.push(step);
    }
    steps
}

fn step(node: &Node<'_>, groups: usize, secrets: Policy<'_>, report: &mut Report) -> Option<Step> {
    let remedy = "write a map with one of send, send_hex and expect";
    let mut fields = node.fields(remedy, report)?;
    let given =
        ["send", "send_hex", "expect"].map(|name| fields.get(name).map(|node| (name, node)));
    fields.finish(
        &[("say", "send"), ("write", "send"), ("read", "expect")],
        report,
    );
    let mut given = given.into_iter().flatten();
    let (Some((name, node)), None) = (given.next(), given.next()) else {
        report.fault(fields.own_place(), "is not exactly one step", remedy);
        return None;
    };
    match name {
        "send" => send(&node.hidden(), groups, secrets, report).map(Step::Send),
        "send_hex" => hex(&node, report).map(Step::SendBytes),
        _ => expect(&node, report).map(Step::Expect),
    }
}

fn send(
    node: &Node<'_>,
    groups: usize,
    secrets: Policy<'_>,
    report: &mut Report,
) -> Option<Message> {
    let text = sized(node, limits::REQUEST_BODY, report)?;
    let Ok(message) = Message::try_new(text) else {
        let problem = "holds a `${` that begins neither a secret nor a captured group";
        let remedy = format!("write {} or `${{1}}`", secrets.example());
        report.fault(node, problem, remedy);
        return None;
    };
    for reference in message.references() {
        secrets.check(reference, node, report);
    }
    if let Some(group) = message.captures().find(|group| *group >= groups) {
        let problem = match groups {
            0 => format!("names group {group}, and nothing was captured before"),
            groups => format!(
                "names group {group}, and the last `expect` captures only up to {}",
                groups - 1
            ),
        };
        report.fault(node, problem, "put the wanted part in brackets before");
    }
    Some(message)
}

fn hex(node: &Node<'_>, report: &mut Report) -> Option<Vec<u8>> {
    let text = sized(node, limits::REQUEST_BODY, report)?;
    let digits: Vec<u32> = text
        .chars()
        .filter(|character| !character.is_ascii_whitespace())
        .map_while(|character| character.to_digit(16))
        .collect();
    let written = text
        .chars()
        .filter(|character| !character.is_ascii_whitespace())
        .count();
    if digits.len() != written || written % 2 == 1 {
        let remedy = "write two hexadecimal digits for each byte, like `0d0a`";
        report.fault(node, "is not in hexadecimal", remedy);
        return None;
    }
    let byte = |pair: &[u32]| pair.iter().fold(0, |byte, digit| byte * 16 + digit);
    digits
        .chunks(2)
        .map(|pair| u8::try_from(byte(pair)).ok())
        .collect()
}

fn expect(node: &Node<'_>, report: &mut Report) -> Option<Pattern> {
    let text = sized(node, LONGEST_PATTERN, report)?;
    match Pattern::try_new(text) {
        Ok(pattern) => Some(pattern),
        Err(error) => {
            let error = error.to_string();
            let reason = error.lines().last().unwrap_or_default();
            let reason = reason.trim_start_matches("error: ").trim();
            let problem = format!("is not a regular expression: {reason}");
            let remedy = "correct it; look-around and references are not known";
            report.fault(node, problem, remedy);
            None
        }
    }
}

/// A text that is neither empty nor too long.
fn sized<'t>(node: &Node<'t>, longest: usize, report: &mut Report) -> Option<&'t str> {
    let text = node.text(report)?;
    if text.is_empty() {
        report.fault(node, "is empty", "write what is sent or awaited");
        return None;
    }
    if text.len() > longest {
        let problem = format!("is {} bytes long", text.len());
        report.fault(node, problem, format!("use at most {longest} bytes"));
        return None;
    }
    Some(text)
}
