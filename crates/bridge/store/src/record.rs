//! What is written: records, and the answer to a write.

/// One measured value.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// A finite 64-bit float.
    Double(f64),
    /// A signed 64-bit integer.
    Bigint(i64),
    /// UTF-8 text.
    Varchar(String),
    /// A truth value.
    Boolean(bool),
    /// Nanoseconds since the Unix epoch, UTC. Only inside [`Measures::Multi`].
    Timestamp(i64),
}

/// The measured part of a record.
#[derive(Debug, Clone, PartialEq)]
pub enum Measures {
    /// One value, kept in the column `measure_value::<type>`; never a [`Value::Timestamp`].
    Single(Value),
    /// Named values, each kept in a column of its own. Names are unique within the record.
    Multi(Vec<(String, Value)>),
}

/// One row on its way in, after the request's common attributes were merged into it.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// Name and value of each dimension; names are unique, their order means nothing.
    pub dimensions: Vec<(String, String)>,
    /// The name of the measure.
    pub measure_name: String,
    /// Nanoseconds since the Unix epoch, UTC.
    pub time: i64,
    /// Decides between two records of one identity: the higher version wins. At least 1.
    pub version: i64,
    /// What was measured.
    pub measures: Measures,
}

/// What became of the records of one write.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Written {
    /// Records accepted whose time lies within the table's memory-store retention.
    pub memory_store: usize,
    /// Records accepted that are older than that.
    pub magnetic_store: usize,
    /// Records refused, in the order of the request.
    pub rejected: Vec<Rejected>,
}

/// Kinds of rules that a record can break.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Rejection {
    /// Its time is not one that the table takes.
    Window,
    /// It does not fit the columns or the partition key of the table.
    Columns,
    /// A record of its identity is there, with a version that it does not exceed.
    Version,
}

/// A record that was refused; the others of its request are stored all the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejected {
    /// Position in the request, from 0.
    pub index: usize,
    /// What kind of rule stands against it.
    pub kind: Rejection,
    /// Why, in the words Timestream uses where those are known.
    pub reason: String,
    /// The version already stored, when that is what stands against the record.
    pub existing_version: Option<i64>,
}
