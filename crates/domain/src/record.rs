//! A row on its way to the store, free of any store's own shape.

use std::borrow::Cow;

use crate::time::Timestamp;

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
