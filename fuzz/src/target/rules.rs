//! What people write for alerting: rule files, templates, tests of rules.
//!
//! The first byte of an input says which of them the rest is.

use std::collections::BTreeMap;
use std::path::Path;

use libfuzzer_sys::Corpus;
use tidewatch_alerting::evaluate::{Labels, Value};
use tidewatch_alerting::template::{Data, Template};
use tidewatch_alerting::{rule, unit};

use super::Target;
use crate::repository;

const RULES: u8 = b'r';
const TEMPLATE: u8 = b't';
const TESTS: u8 = b'u';

/// Templates with everything that the language has.
const TEMPLATES: [&str; 6] = [
    "{{ $labels.monitor_id }} is {{ $values.A.Value | humanize }} {{- /* why */ -}} {{ .Value }}",
    "{{ if and (gt $values.A.Value 1.5) (ne $labels.tenant \"x\") }}a{{ else if not true }}b{{ else }}c{{ end }}",
    "{{ range $i, $v := $values }}{{ $i }}={{ printf \"%-8.3f|%+d|%q|%x|%v\" $v.Value 7 \"a\" \"b\" $v }}{{ break }}{{ end }}",
    "{{ with $x := index $labels \"tenant\" }}{{ $x | toUpper | title | urlquery | len }}{{ end }}",
    "{{ define \"t\" }}{{ . }}{{ end }}{{ template \"t\" $labels }}{{ block \"b\" . }}{{ .Value }}{{ end }}",
    "{{ humanizeDuration 93784.5 }} {{ humanizePercentage 0.12 }} {{ humanize1024 1048576 }} {{ reReplaceAll \"a(.)\" \"$1\" \"abac\" }}",
];

pub(crate) struct Rules;

impl Target for Rules {
    fn run(&self, input: &[u8]) -> Corpus {
        let Some((kind, text)) = input.split_first() else {
            return Corpus::Reject;
        };
        let Ok(text) = std::str::from_utf8(text) else {
            return Corpus::Reject;
        };
        match *kind {
            RULES => {
                let variable = |name: &str| name.starts_with('T').then(|| "value".to_owned());
                if let Err(faults) = rule::read(Path::new("rules.yaml"), text, &variable) {
                    assert!(!faults.is_empty(), "a refusal says what is wrong");
                }
            }
            TEMPLATE => template(text),
            TESTS => {
                let open = |_: &Path| Ok("time,a\n0,1\n".to_owned());
                if let Err(faults) = unit::read(Path::new("tests.yaml"), text, &open) {
                    assert!(!faults.is_empty(), "a refusal says what is wrong");
                }
            }
            _ => return Corpus::Reject,
        }
        Corpus::Keep
    }

    fn seeds(&self) -> Vec<Vec<u8>> {
        let of = |kind: u8, text: &str| [&[kind], text.as_bytes()].concat();
        let mut seeds: Vec<Vec<u8>> = TEMPLATES.iter().map(|text| of(TEMPLATE, text)).collect();
        for file in repository::files("grafana/provisioning/alerting", &[".yaml"]) {
            seeds.extend(pieces(&repository::text(&file)).map(|text| of(RULES, &text)));
        }
        for file in repository::files("tests/alerts", &[".yaml"]) {
            seeds.push(of(TESTS, &repository::text(&file)));
        }
        seeds
    }

    fn words(&self) -> Vec<Vec<u8>> {
        let rules = repository::text("grafana/provisioning/alerting/rules.yaml");
        let tests = repository::text("tests/alerts/states.yaml");
        let mut words: Vec<Vec<u8>> = [rules.as_str(), &tests, &TEMPLATES.join(" ")]
            .into_iter()
            .flat_map(|text| text.split(|c: char| !c.is_alphanumeric() && c != '_'))
            .filter(|word| word.len() > 2)
            .map(|word| word.as_bytes().to_vec())
            .collect();
        words.sort();
        words.dedup();
        words
    }
}

/// Reads a template and executes it, as for an alert.
fn template(text: &str) {
    let Ok(template) = Template::parse(text) else {
        return;
    };
    let labels = Labels::from([
        ("monitor_id".into(), "shop".into()),
        ("tenant".into(), "acme".into()),
    ]);
    let values = [("A", Some(1.5)), ("B", Some(f64::NAN)), ("C", None)].map(|(name, value)| {
        let labels = labels.clone();
        (name.to_owned(), Value { labels, value })
    });
    let _ = template.execute(&Data {
        labels: &labels,
        values: &BTreeMap::from(values),
        value_string: "[ var='A' labels={monitor_id=shop} value=1.5 ]",
        external_url: "http://localhost:3000/",
    });
}

/// A whole rule file, and files of one rule each, which are read faster.
fn pieces(text: &str) -> impl Iterator<Item = String> {
    const RULE: &str = "\n      - uid:";
    let mut rules = text.split(RULE);
    let head = rules.next().unwrap_or_default().to_owned();
    let single = rules.map(move |rule| {
        let rule = rule.split("\n  - ").next().unwrap_or_default();
        format!("{head}{RULE}{rule}\n")
    });
    std::iter::once(text.to_owned()).chain(single)
}
