//! What all readers share: the faults so far, the variables, and fields whose text Grafana
//! interpolates.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::path::Path;
use std::time::Duration;

use super::duration;
use crate::document::{Faults, Map, Node};
use crate::interpolate::interpolate;
use crate::rule::Place;

pub(super) struct Context<'v> {
    pub(super) faults: Faults,
    file: &'v Path,
    variables: &'v dyn Fn(&str) -> Option<String>,
}

impl<'v> Context<'v> {
    pub(super) fn new(file: &'v Path, variables: &'v dyn Fn(&str) -> Option<String>) -> Self {
        Context {
            faults: Faults::new(file),
            file,
            variables,
        }
    }

    pub(super) fn fault(&mut self, node: &Node<'_>, reason: impl Into<String>) {
        self.faults.at(node, reason);
    }

    pub(super) fn place(&self, node: &Node<'_>) -> Place {
        Place {
            file: self.file.to_owned(),
            line: node.line.unwrap_or(1),
        }
    }

    /// A text, its variables replaced.
    pub(super) fn text(&mut self, node: &Node<'_>) -> Option<String> {
        self.text_and_unset(node).map(|(text, _)| text)
    }

    /// The same, and the names of variables that are not set.
    pub(super) fn text_and_unset(&mut self, node: &Node<'_>) -> Option<(String, Vec<String>)> {
        let raw = node.text(&mut self.faults)?;
        match interpolate(&raw, self.variables) {
            Ok(found) => Some((found.text, found.unset)),
            Err(reason) => {
                self.faults.at(node, reason);
                None
            }
        }
    }

    /// The text of a field that has to be there and say something.
    pub(super) fn required_text(
        &mut self,
        name: &'static str,
        map: &mut Map<'_>,
    ) -> Option<String> {
        let node = map.required(name, &mut self.faults)?;
        let (text, unset) = self.text_and_unset(&node)?;
        if !text.trim().is_empty() {
            return Some(text);
        }
        let reason = match unset.first() {
            Some(variable) => format!(
                "is empty, because the variable `{variable}` is not set; set it, or write `$$` for a dollar"
            ),
            None => "is empty; write a text".to_owned(),
        };
        self.fault(&node, reason);
        None
    }

    /// The text of a field, or nothing where it is absent or empty.
    pub(super) fn optional_text(
        &mut self,
        name: &'static str,
        map: &mut Map<'_>,
    ) -> Option<String> {
        let node = map.get(name)?;
        self.text(&node).filter(|text| !text.is_empty())
    }

    /// A whole number, which may come from a variable.
    pub(super) fn whole(&mut self, node: &Node<'_>, range: RangeInclusive<i64>) -> Option<i64> {
        let text = self.text(node)?;
        let number = text.trim().parse().ok();
        let found = number.filter(|number| range.contains(number));
        if found.is_none() {
            let (least, most) = (range.start(), range.end());
            let reason = format!("`{text}` is no whole number from {least} to {most}");
            self.fault(node, reason);
        }
        found
    }

    /// A truth value, which may come from a variable.
    pub(super) fn truth(&mut self, node: &Node<'_>) -> Option<bool> {
        let text = self.text(node)?;
        match text.as_str() {
            "true" => Some(true),
            "false" => Some(false),
            other => {
                self.fault(node, format!("`{other}` is not true or false"));
                None
            }
        }
    }

    /// A duration of Prometheus, such as `90s` or `1h30m`.
    pub(super) fn duration(&mut self, node: &Node<'_>) -> Option<Duration> {
        let text = self.text(node)?;
        match duration::prometheus(&text) {
            Ok(duration) => Some(duration),
            Err(reason) => {
                self.fault(node, reason);
                None
            }
        }
    }

    /// The duration of a field, where it is there and says something.
    pub(super) fn optional_duration(
        &mut self,
        name: &'static str,
        map: &mut Map<'_>,
    ) -> Option<Duration> {
        let node = map.get(name)?;
        if matches!(&node.tree.value, tidewatch_definitions::Value::Text(text) if text.is_empty()) {
            return None;
        }
        self.duration(&node)
    }

    /// The organisation; 1 where nothing is said.
    pub(super) fn organisation(&mut self, map: &mut Map<'_>) -> u64 {
        let node = map.get("orgId");
        let number = node.and_then(|node| self.whole(&node, 1..=i64::MAX));
        number
            .and_then(|number| u64::try_from(number).ok())
            .unwrap_or(1)
    }

    /// Texts by names of the author, each read by `read`; none where the field is absent.
    pub(super) fn texts(
        &mut self,
        name: &'static str,
        map: &mut Map<'_>,
        mut read: impl FnMut(&mut Self, &Node<'_>) -> Option<String>,
    ) -> BTreeMap<String, String> {
        let pairs = map.get(name).and_then(|node| node.pairs(&mut self.faults));
        let mut texts = BTreeMap::new();
        for (name, node) in pairs.unwrap_or_default() {
            if name.trim().is_empty() {
                self.fault(&node, "has no name; write one");
            }
            if let Some(text) = read(self, &node) {
                texts.insert(name.to_owned(), text);
            }
        }
        texts
    }
}
