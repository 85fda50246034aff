//! Subsegments for what a function does outside of itself.

use std::future::Future;

use tidewatch_domain::MonitorKey;
use tracing::field::Empty;
use tracing::{Instrument, Span};

use crate::xray;

/// The most characters that X-Ray takes for a name.
const LONGEST_NAME: usize = 200;

/// One piece of work that X-Ray shows by itself, and whose log lines say what it was about.
///
/// ```
/// # use tidewatch_telemetry::{Ending, Segment};
/// # async fn probe() -> Result<u16, String> { Ok(200) }
/// # async fn example() {
/// let found = Segment::remote("shop.example.com")
///     .around(probe(), |found| match found {
///         Ok(status) => Ending::ok().status(*status),
///         Err(error) => Ending::fault(error.clone()),
///     })
///     .await;
/// # }
/// ```
#[derive(Clone, Debug)]
#[must_use = "a segment says nothing until it is put around a future"]
pub struct Segment {
    span: Span,
}

impl Segment {
    /// Work on something that is not AWS, called `name`: its host, so that X-Ray's map has one
    /// node for it. Calls of AWS services make their own subsegments.
    ///
    /// The segment belongs to the invocation (or segment) within which this is called.
    pub fn remote(name: &str) -> Self {
        Segment {
            span: tracing::info_span!(
                "remote",
                otel.name = acceptable(name),
                otel.kind = "client",
                http.response.status_code = Empty,
                tenant = Empty,
                monitor = Empty,
            ),
        }
    }

    /// Says which monitor it is about.
    pub fn about(self, monitor: &MonitorKey) -> Self {
        self.span.record("tenant", monitor.tenant.as_str());
        self.span.record("monitor", monitor.monitor_id.as_str());
        self
    }

    /// Runs `work` within the segment and ends it as `ending` says.
    ///
    /// Dropping the future ends the segment as well, as if all had been well.
    pub async fn around<F: Future>(
        self,
        work: F,
        ending: impl FnOnce(&F::Output) -> Ending,
    ) -> F::Output {
        let span = self.span;
        let output = work.instrument(span.clone()).await;
        ending(&output).close(&span);
        output
    }
}

/// How a piece of work ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ending {
    fault: Option<String>,
    status: Option<u16>,
}

impl Ending {
    /// As it should.
    pub fn ok() -> Self {
        Ending::default()
    }

    /// Not as it should, for a reason that has no secrets in it.
    pub fn fault(reason: impl Into<String>) -> Self {
        Ending {
            fault: Some(reason.into()),
            status: None,
        }
    }

    /// With an HTTP status. It decides nothing by itself; X-Ray shows a fault with a status from
    /// 400 to 499 as an error.
    #[must_use]
    pub fn status(self, code: u16) -> Self {
        Ending {
            status: Some(code),
            ..self
        }
    }

    fn close(self, span: &Span) {
        if let Some(code) = self.status {
            span.record("http.response.status_code", i64::from(code));
        }
        if let Some(reason) = self.fault {
            xray::set_fault(span, "probe", &reason);
        }
    }
}

/// `name` as X-Ray takes it: letters, digits, spaces and `_.:/%&#=+\-@`.
fn acceptable(name: &str) -> String {
    let allowed = |letter: char| {
        letter.is_alphanumeric() || letter.is_whitespace() || "_.:/%&#=+\\-@".contains(letter)
    };
    let replaced = name.chars().map(|letter| match allowed(letter) {
        true => letter,
        false => '_',
    });
    let name: String = replaced.take(LONGEST_NAME).collect();
    if name.is_empty() {
        return "unnamed".to_owned();
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_what_xray_takes() {
        for (name, expected) in [
            ("shop.example.com:8443", "shop.example.com:8443"),
            ("[2001:db8::1]:443", "_2001:db8::1_:443"),
            ("bücher.example", "bücher.example"),
            ("a,b;c\"d", "a_b_c_d"),
            ("", "unnamed"),
        ] {
            assert_eq!(acceptable(name), expected);
        }
        assert_eq!(acceptable(&"x".repeat(300)).len(), LONGEST_NAME);
    }
}
