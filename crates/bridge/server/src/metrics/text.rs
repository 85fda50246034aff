//! Prometheus's text format, version 0.0.4. Values of labels are names of ours, so none needs an
//! escape.

use std::fmt::Write;

/// What kind of number a family has.
#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    Counter,
    Gauge,
    Histogram,
    Summary,
}

/// A page in the making.
#[derive(Debug, Default)]
pub(super) struct Page {
    text: String,
    family: &'static str,
}

impl Page {
    /// Begins a family of samples.
    pub(super) fn family(&mut self, name: &'static str, kind: Kind, help: &str) {
        let kind = match kind {
            Kind::Counter => "counter",
            Kind::Gauge => "gauge",
            Kind::Histogram => "histogram",
            Kind::Summary => "summary",
        };
        self.family = name;
        self.put(format_args!("# HELP {name} {help}\n# TYPE {name} {kind}\n"));
    }

    /// Adds a sample to the family.
    pub(super) fn sample(&mut self, labels: &[(&str, &str)], value: f64) {
        self.suffixed("", labels, value);
    }

    /// Adds a sample whose name is the family's with a suffix.
    pub(super) fn suffixed(&mut self, suffix: &str, labels: &[(&str, &str)], value: f64) {
        let family = self.family;
        self.put(format_args!("{family}{suffix}"));
        if !labels.is_empty() {
            let labels: Vec<_> = labels
                .iter()
                .map(|(name, value)| format!("{name}=\"{value}\""))
                .collect();
            self.put(format_args!("{{{}}}", labels.join(",")));
        }
        self.put(format_args!(" {value}\n"));
    }

    pub(super) fn into_text(self) -> String {
        self.text
    }

    fn put(&mut self, text: std::fmt::Arguments<'_>) {
        self.text
            .write_fmt(text)
            .expect("writing into a string cannot fail");
    }
}
