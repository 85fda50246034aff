//! A row on its way to the store, free of any store's own shape.

use std::borrow::Cow;

use crate::time::Timestamp;

/// What stands for the rest of a text that was cut.
const REST: &str = "…";

/// One multi-measure record.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// Name and value of each dimension; together with measure name and time the identity.
    pub dimensions: Vec<(&'static str, String)>,
    /// The kind of row.
    pub measure_name: &'static str,
    /// The row's time.
    pub time: Timestamp,
    /// 1 is the measurement; a later judgement that changes the row rewrites it with a higher one.
    pub version: i64,
    /// Name and value of each measure; what is not known is absent.
    pub measures: Vec<(Cow<'static, str>, Value)>,
}

impl Record {
    /// A record without measures yet, version 1.
    pub(crate) fn new(
        measure_name: &'static str,
        time: Timestamp,
        dimensions: Vec<(&'static str, String)>,
    ) -> Self {
        Record {
            dimensions,
            measure_name,
            time,
            version: 1,
            measures: Vec::new(),
        }
    }

    /// Adds a measure.
    pub(crate) fn set(&mut self, name: &'static str, value: impl Into<Value>) {
        self.measures.push((Cow::Borrowed(name), value.into()));
    }

    /// Adds a measure when there is a value: absent, never zero.
    pub(crate) fn set_some(&mut self, name: &'static str, value: Option<impl Into<Value>>) {
        if let Some(value) = value {
            self.set(name, value);
        }
    }

    /// The most bytes that a store takes, as [`Record::size`] counts them.
    pub const LARGEST: usize = 2_048;

    /// The size of this record as Timestream counts it (developer guide, "Metering and cost
    /// optimization"): the time with 8 bytes, and names and values of dimensions and measures.
    pub fn size(&self) -> usize {
        let dimensions = self.dimensions.iter();
        let measures = self.measures.iter();
        8 + self.measure_name.len()
            + dimensions
                .map(|(name, value)| name.len() + value.len())
                .sum::<usize>()
            + measures
                .map(|(name, value)| name.len() + value.size())
                .sum::<usize>()
    }

    /// This record, its longest texts cut as far as it takes to be no larger than
    /// [`Record::LARGEST`]. A row with a shortened text says more than a row that is refused.
    #[must_use]
    pub fn fitted(mut self) -> Self {
        let excess = self.size().saturating_sub(Record::LARGEST);
        if excess == 0 {
            return self;
        }
        let texts = self.measures.iter().filter_map(|(_, value)| match value {
            Value::Varchar(text) => Some(text.len()),
            _ => None,
        });
        let longest = length_that_frees(texts.collect(), excess);
        for (_, value) in &mut self.measures {
            if let Value::Varchar(text) = value {
                cut(text, longest);
            }
        }
        self
    }

    /// The value of a measure.
    pub fn measure(&self, name: &str) -> Option<&Value> {
        self.measures
            .iter()
            .find(|(found, _)| found == name)
            .map(|(_, value)| value)
    }
}

/// The value of a measure.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A 64-bit float, finite.
    Double(f64),
    /// A 64-bit integer.
    Bigint(i64),
    /// A text.
    Varchar(String),
    /// A truth value.
    Boolean(bool),
    /// A point in time.
    Timestamp(Timestamp),
}

impl Value {
    fn size(&self) -> usize {
        match self {
            Value::Double(_) | Value::Bigint(_) | Value::Timestamp(_) => 8,
            Value::Boolean(_) => 1,
            Value::Varchar(text) => text.len(),
        }
    }
}

/// The length to which texts have to be cut so that `excess` bytes are freed, if that is possible.
fn length_that_frees(mut lengths: Vec<usize>, excess: usize) -> usize {
    lengths.sort_unstable_by(|one, other| other.cmp(one));
    let mut sum = 0;
    for (count, length) in (1..).zip(&lengths) {
        sum += length;
        let next = lengths.get(count).copied().unwrap_or(0);
        // All of the `count` longest at the length of the next one: is that enough?
        if sum - count * next >= excess {
            return (sum - excess) / count;
        }
    }
    0
}

/// Cuts a text to at most `longest` bytes, between characters.
fn cut(text: &mut String, longest: usize) {
    if text.len() <= longest {
        return;
    }
    let room = longest.saturating_sub(REST.len());
    text.truncate(text.floor_char_boundary(room));
    if longest >= REST.len() {
        text.push_str(REST);
    }
}

impl From<f64> for Value {
    fn from(value: f64) -> Self {
        Value::Double(value)
    }
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Value::Bigint(value)
    }
}

impl From<String> for Value {
    fn from(value: String) -> Self {
        Value::Varchar(value)
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Value::Varchar(value.to_owned())
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Value::Boolean(value)
    }
}

impl From<Timestamp> for Value {
    fn from(value: Timestamp) -> Self {
        Value::Timestamp(value)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::schema::measure;

    fn record(texts: &[&str]) -> Record {
        let mut record = Record::new(
            "probe",
            Timestamp::EPOCH,
            vec![("tenant", "acme".to_owned())],
        );
        record.set(measure::UP, 1_i64);
        for text in texts {
            record.set(measure::ERROR_TEXT, *text);
        }
        record
    }

    #[test]
    fn the_size_is_time_names_and_values() {
        // Time 8, `probe` 5, `tenant` 6 and `acme` 4, `up` 2 and its value 8.
        assert_eq!(record(&[]).size(), 8 + 5 + 10 + 10);
        assert_eq!(record(&["ab"]).size(), 33 + "error_text".len() + 2);
    }

    #[test]
    fn the_longest_text_is_cut_and_short_ones_stay() {
        let long = "ä".repeat(3_000);
        let fitted = record(&["short", &long]).fitted();
        assert_eq!(fitted.measures[1].1, Value::from("short"));
        assert!((Record::LARGEST - 4..=Record::LARGEST).contains(&fitted.size()));
        let Value::Varchar(text) = &fitted.measures[2].1 else {
            panic!("{fitted:?}")
        };
        assert!(text.ends_with("ä…"));
        let small = record(&["short"]);
        assert_eq!(small.clone().fitted(), small);
    }

    proptest! {
        #[test]
        fn every_record_fits(texts in prop::collection::vec("[a-zäß€😀]{0,900}", 0..8)) {
            let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
            prop_assert!(record(&texts).fitted().size() <= Record::LARGEST);
        }
    }
}
