//! Limits on single timings.

use std::time::Duration;

use super::result::Found;
use crate::probe::Phases;

/// A part of an attempt whose length can be limited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Timing {
    /// Start to address chosen.
    Resolve,
    /// Address chosen to TCP established.
    Connect,
    /// TCP established to the proxy's tunnel standing.
    Proxy,
    /// TCP established to TLS finished.
    Tls,
    /// Connection ready to last request byte sent.
    Send,
    /// Last request byte to first response byte.
    Wait,
    /// First response byte to last body byte.
    Transfer,
    /// Start to first response byte.
    Ttfb,
    /// The whole attempt.
    Total,
}

impl Timing {
    /// Every timing.
    pub const ALL: &'static [Timing] = &[
        Timing::Resolve,
        Timing::Connect,
        Timing::Proxy,
        Timing::Tls,
        Timing::Send,
        Timing::Wait,
        Timing::Transfer,
        Timing::Ttfb,
        Timing::Total,
    ];

    /// The name, as in definitions.
    pub const fn name(self) -> &'static str {
        match self {
            Timing::Resolve => "resolve",
            Timing::Connect => "connect",
            Timing::Proxy => "proxy",
            Timing::Tls => "tls",
            Timing::Send => "send",
            Timing::Wait => "wait",
            Timing::Transfer => "transfer",
            Timing::Ttfb => "ttfb",
            Timing::Total => "total",
        }
    }

    /// What did not happen took no time: the limit holds.
    pub(super) fn found(self, phases: &Phases, at_most: Duration) -> Found {
        let found = Found::of(
            self.of(phases),
            |took| *took <= at_most,
            |took| shown(*took),
        );
        Found {
            passed: found.passed || self.of(phases).is_none(),
            ..found
        }
    }

    fn of(self, phases: &Phases) -> Option<Duration> {
        match self {
            Timing::Resolve => phases.resolve,
            Timing::Connect => phases.connect,
            Timing::Proxy => phases.proxy,
            Timing::Tls => phases.tls,
            Timing::Send => phases.send,
            Timing::Wait => phases.wait,
            Timing::Transfer => phases.transfer,
            Timing::Ttfb => phases.ttfb(),
            Timing::Total => Some(phases.total),
        }
    }
}

/// `300 ms`, `12.4 ms`.
pub(super) fn shown(length: Duration) -> String {
    let millis = length.as_secs_f64() * 1e3;
    if millis.fract() == 0.0 {
        format!("{millis} ms")
    } else {
        format!("{millis:.1} ms")
    }
}
