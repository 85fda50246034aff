//! The status line: codes and versions.

use std::fmt;

/// A set of status codes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatusSet(Vec<StatusRange>);

/// Status codes from `first` to `last`, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StatusRange {
    /// The lowest.
    pub first: u16,
    /// The highest.
    pub last: u16,
}

impl StatusSet {
    /// The codes of all `ranges`.
    pub fn new(ranges: Vec<StatusRange>) -> Self {
        StatusSet(ranges)
    }

    /// 200 to 299, what is wanted where a definition says nothing.
    pub fn success() -> Self {
        StatusSet(vec![StatusRange {
            first: 200,
            last: 299,
        }])
    }

    /// Whether `code` is in the set.
    pub fn contains(&self, code: u16) -> bool {
        self.0
            .iter()
            .any(|range| (range.first..=range.last).contains(&code))
    }
}

/// `200, 300-399`.
impl fmt::Display for StatusSet {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, range) in self.0.iter().enumerate() {
            if index > 0 {
                formatter.write_str(", ")?;
            }
            if range.first == range.last {
                write!(formatter, "{}", range.first)?;
            } else {
                write!(formatter, "{}-{}", range.first, range.last)?;
            }
        }
        Ok(())
    }
}

/// A version of HTTP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HttpVersion {
    /// HTTP/1.0.
    Http10,
    /// HTTP/1.1.
    Http11,
    /// HTTP/2.
    Http2,
}

impl HttpVersion {
    /// Every version.
    pub const ALL: &'static [HttpVersion] =
        &[HttpVersion::Http10, HttpVersion::Http11, HttpVersion::Http2];

    /// The name, as in results and definitions.
    pub const fn name(self) -> &'static str {
        match self {
            HttpVersion::Http10 => "1.0",
            HttpVersion::Http11 => "1.1",
            HttpVersion::Http2 => "2",
        }
    }
}
