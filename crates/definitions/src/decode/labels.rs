//! Free labels.

use std::collections::BTreeMap;

use tidewatch_domain::monitor::limits;

use crate::fields::Fields;
use crate::report::Report;

/// The field `labels`.
pub(super) fn labels(fields: &mut Fields<'_>, report: &mut Report) -> BTreeMap<String, String> {
    let mut labels = BTreeMap::new();
    let Some(node) = fields.get("labels") else {
        return labels;
    };
    let remedy = "write a map of names to texts, like `{env: prod}`";
    let Some(fields) = node.fields(remedy, report) else {
        return labels;
    };
    for (name, value) in fields.all() {
        if !is_label_name(name) {
            let remedy = format!(
                "use a lower-case letter, then lower-case letters, digits and `_`, at most {} in all",
                limits::LABEL_NAME
            );
            report.fault(value.name_place(), "is not a label name", remedy);
        } else if let Some(text) = value.line(limits::TEXT, report) {
            labels.insert(name.to_owned(), text.to_owned());
        }
    }
    if labels.len() > limits::LABELS {
        let problem = format!("has {} labels", labels.len());
        report.fault(&node, problem, format!("use at most {}", limits::LABELS));
    }
    labels
}

fn is_label_name(name: &str) -> bool {
    name.len() <= limits::LABEL_NAME
        && name.starts_with(|first: char| first.is_ascii_lowercase())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}
