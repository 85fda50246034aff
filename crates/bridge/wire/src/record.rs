//! Records as they are sent.

use crate::{Faults, closed_set::closed_set, path::Path, shape::shapes};

closed_set! {
    /// The type of a dimension's value; there is one.
    DimensionValueType {
        /// Text.
        Varchar = "VARCHAR",
    }
}

closed_set! {
    /// The type of a measure.
    MeasureValueType {
        /// Binary64.
        Double = "DOUBLE",
        /// Signed 64 bits.
        Bigint = "BIGINT",
        /// Text.
        Varchar = "VARCHAR",
        /// `true` or `false`.
        Boolean = "BOOLEAN",
        /// A point in time; inside multi-measure records only.
        Timestamp = "TIMESTAMP",
        /// Several measures at once.
        Multi = "MULTI",
    }
}

closed_set! {
    /// The unit of a record's `Time` and of its measures of type `TIMESTAMP`.
    TimeUnit {
        /// The default.
        Milliseconds = "MILLISECONDS",
        /// Seconds.
        Seconds = "SECONDS",
        /// Microseconds.
        Microseconds = "MICROSECONDS",
        /// Nanoseconds.
        Nanoseconds = "NANOSECONDS",
    }
}

impl TimeUnit {
    /// How many nanoseconds the unit has; `None` for an unrecognized one.
    pub fn nanos(&self) -> Option<i64> {
        match self {
            TimeUnit::Milliseconds => Some(1_000_000),
            TimeUnit::Seconds => Some(1_000_000_000),
            TimeUnit::Microseconds => Some(1_000),
            TimeUnit::Nanoseconds => Some(1),
            TimeUnit::Unrecognized(_) => None,
        }
    }
}

shapes! {
    /// A name and value that tell one series from another.
    Dimension {
        /// The name, the column of the table.
        name: Option<String>,
        /// The value.
        value: Option<String>,
        /// `VARCHAR`, which is also the default.
        dimension_value_type: Option<DimensionValueType>,
    }

    /// One measure of a multi-measure record.
    MeasureValue {
        /// The name, the column of the table.
        name: Option<String>,
        /// The value as a text.
        value: Option<String>,
        /// The type of the value.
        r#type: Option<MeasureValueType>,
    }

    /// A record, or the members that the records of a request share.
    Record {
        /// What tells its series from others; at most 128.
        dimensions: Option<Vec<Dimension>>,
        /// The name of the measure or of the group of measures.
        measure_name: Option<String>,
        /// The value of a single-measure record as a text.
        measure_value: Option<String>,
        /// The type of the value; `DOUBLE` when absent.
        measure_value_type: Option<MeasureValueType>,
        /// When, as an integer in the record's unit since the Unix epoch.
        time: Option<String>,
        /// The unit; milliseconds when absent.
        time_unit: Option<TimeUnit>,
        /// The version, 1 or more; 1 when absent.
        version: Option<i64>,
        /// The measures of a multi-measure record.
        measure_values: Option<Vec<MeasureValue>>,
    }
}

impl Record {
    /// Adds the broken constraints of the model. What a record must have is known only after the
    /// merge with the common attributes, and not looked at here.
    pub(crate) fn check(&self, faults: &mut Faults, at: Path<'_>) {
        if let Some(dimensions) = &self.dimensions {
            let at = at.member("dimensions");
            faults.items(at, dimensions, 0, 128);
            for (index, dimension) in dimensions.iter().enumerate() {
                dimension.check(faults, at.item(index));
            }
        }
        if let Some(name) = &self.measure_name {
            faults.length(at.member("measureName"), name, 1, usize::MAX);
        }
        if let Some(value) = &self.measure_value {
            faults.length(at.member("measureValue"), value, 1, 2048);
        }
        faults.one_of(at.member("measureValueType"), &self.measure_value_type);
        if let Some(time) = &self.time {
            faults.length(at.member("time"), time, 1, 256);
        }
        faults.one_of(at.member("timeUnit"), &self.time_unit);
        if let Some(values) = &self.measure_values {
            let at = at.member("measureValues");
            for (index, value) in values.iter().enumerate() {
                value.check(faults, at.item(index));
            }
        }
    }
}

impl Dimension {
    fn check(&self, faults: &mut Faults, at: Path<'_>) {
        if let Some(name) = faults.required(at.member("name"), &self.name) {
            faults.length(at.member("name"), name, 1, usize::MAX);
        }
        faults.required(at.member("value"), &self.value);
        faults.one_of(at.member("dimensionValueType"), &self.dimension_value_type);
    }
}

impl MeasureValue {
    fn check(&self, faults: &mut Faults, at: Path<'_>) {
        if let Some(name) = faults.required(at.member("name"), &self.name) {
            faults.length(at.member("name"), name, 1, usize::MAX);
        }
        if let Some(value) = faults.required(at.member("value"), &self.value) {
            faults.length(at.member("value"), value, 1, 2048);
        }
        faults.required(at.member("type"), &self.r#type);
        faults.one_of(at.member("type"), &self.r#type);
    }
}
