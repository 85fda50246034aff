//! Bodies and queries of requests.

use serde_json::{Map, Number, Value as Json};
use tidewatch_domain::monitor::{BodyFormat, RequestBody, SecretText, limits};
use url::form_urlencoded;

use crate::decode::secrets::Policy;
use crate::fields::Fields;
use crate::node::Node;
use crate::report::Report;
use crate::tree::Value;

const FORMATS: [(&str, BodyFormat); 3] = [
    ("body", BodyFormat::Text),
    ("json", BodyFormat::Json),
    ("form", BodyFormat::Form),
];

/// The fields `body`, `json` and `form`, of which one can be there: where it stands, and what it
/// says unless that is wrong.
pub(super) fn body<'t>(
    fields: &mut Fields<'t>,
    secrets: Policy<'_>,
    report: &mut Report,
) -> Option<(Node<'t>, Option<RequestBody>)> {
    let given: Vec<(Node<'t>, BodyFormat)> = FORMATS
        .into_iter()
        .filter_map(|(name, format)| Some((fields.get(name)?.hidden(), format)))
        .collect();
    let mut given = given.into_iter();
    let (node, format) = given.next()?;
    for (other, _) in given {
        let problem = "is a second body of the request";
        report.fault(
            other.name_place(),
            problem,
            "write one of body, json and form",
        );
    }
    let text = match format {
        BodyFormat::Text => secrets.text(&node, report),
        BodyFormat::Json => json_template(&node, secrets, report),
        BodyFormat::Form => form_template(&node, secrets, report),
    };
    let text = text.filter(|text| {
        let length = text.to_string().len();
        if length > limits::REQUEST_BODY {
            let remedy = format!("use at most {} bytes", limits::REQUEST_BODY);
            report.fault(&node, format!("is {length} bytes long"), remedy);
        }
        length <= limits::REQUEST_BODY
    });
    Some((node, text.map(|text| RequestBody { text, format })))
}

/// Names and values of a query or a form, in order; a list stands for a name that occurs several
/// times.
pub(super) fn pairs(
    node: &Node<'_>,
    secrets: Policy<'_>,
    report: &mut Report,
) -> Vec<(String, SecretText)> {
    let remedy = "write a map of names to values, like `{q: tea}`";
    let Some(fields) = node.fields(remedy, report) else {
        return Vec::new();
    };
    let mut pairs = Vec::new();
    for (name, value) in fields.all() {
        if !is_plain_name(name, &value, report) {
            continue;
        }
        for value in value.one_or_more(report).unwrap_or_default() {
            let text = match &value.tree.value {
                Value::Number(text) => SecretText::try_new(text).ok(),
                Value::Bool(truth) => SecretText::try_new(&truth.to_string()).ok(),
                _ => secrets.text(&value, report),
            };
            pairs.extend(text.map(|text| (name.to_owned(), text)));
        }
    }
    pairs
}

fn form_template(node: &Node<'_>, secrets: Policy<'_>, report: &mut Report) -> Option<SecretText> {
    let encoded = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    let pairs: Vec<String> = pairs(node, secrets, report)
        .iter()
        .map(|(name, value)| format!("{}={}", encoded(name), value.map_plain(encoded)))
        .collect();
    SecretText::try_new(&pairs.join("&")).ok()
}

fn json_template(node: &Node<'_>, secrets: Policy<'_>, report: &mut Report) -> Option<SecretText> {
    let json = json(node, Some(secrets), report)?;
    SecretText::try_new(&json.to_string()).ok()
}

/// A value as JSON. Its texts may name secrets where there is a policy on them.
pub(in crate::decode) fn json(
    node: &Node<'_>,
    secrets: Option<Policy<'_>>,
    report: &mut Report,
) -> Option<Json> {
    Some(match &node.tree.value {
        Value::Null => Json::Null,
        Value::Bool(truth) => Json::Bool(*truth),
        Value::Number(text) => Json::Number(number(text).or_else(|| {
            report.fault(
                node,
                "is no number of JSON",
                "write it as a text, in quotes",
            );
            None
        })?),
        Value::Text(text) => {
            if let Some(secrets) = secrets {
                secrets.text(node, report)?;
            }
            Json::String(text.clone())
        }
        Value::List(_) => {
            let elements = node.list("", report)?;
            let wanted = elements.len();
            let values: Vec<Json> = elements
                .iter()
                .filter_map(|element| json(element, secrets, report))
                .collect();
            (values.len() == wanted).then_some(Json::Array(values))?
        }
        Value::Map(_) => {
            let fields = node.fields("", report)?;
            let mut values = Map::new();
            for (name, value) in fields.all() {
                if secrets.is_some() && !is_plain_name(name, &value, report) {
                    return None;
                }
                values.insert(name.to_owned(), json(&value, secrets, report)?);
            }
            Json::Object(values)
        }
        Value::Unreadable { .. } => {
            node.mismatch("a value of JSON", "", report);
            return None;
        }
    })
}

/// YAML knows more spellings of numbers than JSON does, and JSON's own reader rounds long
/// fractions.
fn number(text: &str) -> Option<Number> {
    if let Ok(whole) = text.parse::<u64>() {
        return Some(whole.into());
    }
    if let Ok(whole) = text.parse::<i64>() {
        return Some(whole.into());
    }
    Number::from_f64(text.parse().ok()?)
}

/// Secrets are put into values only.
fn is_plain_name(name: &str, value: &Node<'_>, report: &mut Report) -> bool {
    let plain = !name.contains("${");
    if !plain {
        let problem = "names a secret in a name";
        report.fault(value.name_place(), problem, "put the secret into the value");
    }
    plain
}
