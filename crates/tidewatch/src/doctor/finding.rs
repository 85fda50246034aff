//! What an examination found.

use serde::Serialize;

/// How fit the machine is in one respect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Status {
    /// Fit.
    Ok,
    /// It works, but results may suffer, or it could not be measured.
    Warn,
    /// Monitoring will not work.
    Fail,
}

/// One respect, with what was measured and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Finding {
    /// A stable name.
    pub(crate) check: &'static str,
    /// How fit the machine is.
    pub(crate) status: Status,
    /// What was measured, with units.
    pub(crate) measured: String,
    /// What to do about it, unless it is fit.
    pub(crate) remedy: Option<String>,
}

impl Finding {
    /// Fit.
    pub(crate) fn ok(check: &'static str, measured: impl Into<String>) -> Self {
        Finding {
            check,
            status: Status::Ok,
            measured: measured.into(),
            remedy: None,
        }
    }

    /// It works, but.
    pub(crate) fn warn(
        check: &'static str,
        measured: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        let remedy = Some(remedy.into());
        Finding {
            check,
            status: Status::Warn,
            measured: measured.into(),
            remedy,
        }
    }

    /// It will not work.
    pub(crate) fn fail(
        check: &'static str,
        measured: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Finding {
            status: Status::Fail,
            ..Finding::warn(check, measured, remedy)
        }
    }
}
