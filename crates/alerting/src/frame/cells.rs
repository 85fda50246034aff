//! The values of a column, read as the plugin reads the texts of the Query API.

use std::time::Duration;

use jiff::civil;
use jiff::tz::TimeZone;
use tidewatch_domain::Timestamp;

use crate::source::ColumnKind;

/// The values of a column, all of one type. `None` is null.
#[derive(Clone, Debug, PartialEq)]
pub enum Cells {
    /// TIMESTAMP, DATE, TIME
    Times(Vec<Option<Timestamp>>),
    /// INTEGER, BIGINT
    Integers(Vec<Option<i64>>),
    /// DOUBLE
    Doubles(Vec<Option<f64>>),
    /// VARCHAR, intervals, ARRAY and ROW
    Texts(Vec<Option<String>>),
    /// BOOLEAN
    Booleans(Vec<Option<bool>>),
}

/// A text that is no value of its column's type; the plugin leaves such a cell null.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Unreadable;

impl Cells {
    /// No values of the type that `kind` becomes.
    pub(super) fn of_kind(kind: &ColumnKind) -> Option<Self> {
        Some(match kind {
            ColumnKind::Timestamp | ColumnKind::Date | ColumnKind::Time => Cells::Times(Vec::new()),
            ColumnKind::Integer | ColumnKind::Bigint => Cells::Integers(Vec::new()),
            ColumnKind::Double => Cells::Doubles(Vec::new()),
            ColumnKind::Varchar | ColumnKind::Interval | ColumnKind::Nested => {
                Cells::Texts(Vec::new())
            }
            ColumnKind::Boolean => Cells::Booleans(Vec::new()),
            ColumnKind::TimeSeries(_) | ColumnKind::Unknown => return None,
        })
    }

    /// No values, of the same type.
    pub(super) fn emptied(&self) -> Self {
        match self {
            Cells::Times(_) => Cells::Times(Vec::new()),
            Cells::Integers(_) => Cells::Integers(Vec::new()),
            Cells::Doubles(_) => Cells::Doubles(Vec::new()),
            Cells::Texts(_) => Cells::Texts(Vec::new()),
            Cells::Booleans(_) => Cells::Booleans(Vec::new()),
        }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        match self {
            Cells::Times(cells) => cells.len(),
            Cells::Integers(cells) => cells.len(),
            Cells::Doubles(cells) => cells.len(),
            Cells::Texts(cells) => cells.len(),
            Cells::Booleans(cells) => cells.len(),
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether Grafana calculates with them.
    pub const fn is_numeric(&self) -> bool {
        matches!(self, Cells::Integers(_) | Cells::Doubles(_))
    }

    /// Whether they tell series apart.
    pub const fn is_factor(&self) -> bool {
        matches!(self, Cells::Texts(_) | Cells::Booleans(_))
    }

    /// The number at `index`, if it is one.
    pub fn number(&self, index: usize) -> Option<f64> {
        match self {
            #[expect(
                clippy::cast_precision_loss,
                reason = "Grafana's expressions know floating-point numbers only"
            )]
            Cells::Integers(cells) => cells.get(index).copied().flatten().map(|cell| cell as f64),
            Cells::Doubles(cells) => cells.get(index).copied().flatten(),
            _ => None,
        }
    }

    /// The text at `index`, where null is the empty text; `true` or `false` for a truth value.
    pub(super) fn factor(&self, index: usize) -> String {
        match self {
            Cells::Texts(cells) => cells.get(index).cloned().flatten().unwrap_or_default(),
            // The zero value of a null truth value is false.
            Cells::Booleans(cells) => {
                let set = cells.get(index).copied().flatten().unwrap_or_default();
                set.to_string()
            }
            _ => String::new(),
        }
    }

    /// Appends a null.
    pub(super) fn push_null(&mut self) {
        match self {
            Cells::Times(cells) => cells.push(None),
            Cells::Integers(cells) => cells.push(None),
            Cells::Doubles(cells) => cells.push(None),
            Cells::Texts(cells) => cells.push(None),
            Cells::Booleans(cells) => cells.push(None),
        }
    }

    /// Puts the value of `other` at `from` to `to`; both are of one type.
    pub(super) fn copy(&mut self, to: usize, other: &Cells, from: usize) {
        match (self, other) {
            (Cells::Times(cells), Cells::Times(other)) => put(cells, to, other, from),
            (Cells::Integers(cells), Cells::Integers(other)) => put(cells, to, other, from),
            (Cells::Doubles(cells), Cells::Doubles(other)) => put(cells, to, other, from),
            (Cells::Texts(cells), Cells::Texts(other)) => put(cells, to, other, from),
            (Cells::Booleans(cells), Cells::Booleans(other)) => put(cells, to, other, from),
            _ => {}
        }
    }

    /// Appends what `text` says as a value of `kind`; a null where it says nothing readable.
    pub(super) fn push(&mut self, kind: &ColumnKind, text: &str) -> Result<(), Unreadable> {
        match self {
            Cells::Times(cells) => push_read(cells, time(kind, text)),
            Cells::Integers(cells) => push_read(cells, integer(kind, text)),
            Cells::Doubles(cells) => push_read(cells, text.parse().ok()),
            Cells::Texts(cells) => push_read(cells, Some(text.to_owned())),
            Cells::Booleans(cells) => push_read(cells, boolean(text)),
        }
    }
}

fn put<T: Clone>(cells: &mut [Option<T>], to: usize, other: &[Option<T>], from: usize) {
    if let (Some(cell), Some(value)) = (cells.get_mut(to), other.get(from)) {
        cell.clone_from(value);
    }
}

fn push_read<T>(cells: &mut Vec<Option<T>>, read: Option<T>) -> Result<(), Unreadable> {
    let readable = read.is_some();
    cells.push(read);
    if readable { Ok(()) } else { Err(Unreadable) }
}

fn integer(kind: &ColumnKind, text: &str) -> Option<i64> {
    match kind {
        ColumnKind::Integer => text.parse::<i32>().ok().map(i64::from),
        _ => text.parse().ok(),
    }
}

/// The words of Go's `strconv.ParseBool`.
fn boolean(text: &str) -> Option<bool> {
    match text {
        "1" | "t" | "T" | "TRUE" | "true" | "True" => Some(true),
        "0" | "f" | "F" | "FALSE" | "false" | "False" => Some(false),
        _ => None,
    }
}

fn time(kind: &ColumnKind, text: &str) -> Option<Timestamp> {
    match kind {
        ColumnKind::Date => instant(text.parse::<civil::Date>().ok()?.at(0, 0, 0, 0)),
        // A time of day belongs to the first day of 1970.
        ColumnKind::Time => {
            let of_day = text.parse::<civil::Time>().ok()?;
            let since = of_day.duration_since(civil::Time::midnight());
            Some(Timestamp::EPOCH.plus(Duration::try_from(since).ok()?))
        }
        _ => timestamp(text),
    }
}

/// An instant as the Query API writes it, `2026-11-22 07:00:00.000000000`, in UTC.
pub(super) fn timestamp(text: &str) -> Option<Timestamp> {
    instant(text.parse::<civil::DateTime>().ok()?)
}

fn instant(at: civil::DateTime) -> Option<Timestamp> {
    let zoned = at.to_zoned(TimeZone::UTC).ok()?;
    let nanos = i64::try_from(zoned.timestamp().as_nanosecond()).ok()?;
    Some(Timestamp::from_nanos(nanos))
}
