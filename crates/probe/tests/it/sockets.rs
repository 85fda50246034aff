//! Monitors of the kinds `tcp` and `tls`, and the table that their tests fill.

use tidewatch_domain::monitor::{
    Check, Encryption, Endpoint, Message, Network, Pattern, StartTls, Step, TcpCheck, TlsCheck,
    TlsOptions, limits,
};
use tidewatch_domain::probe::PhaseReached;
use tidewatch_domain::{Attempt, ErrorClass, ErrorOwner, Monitor};
use tidewatch_testkit::MonitorBuilder;
use url::Host;

use crate::support::quick;

/// `localhost`, so that there is a name to look up and to certify.
pub(crate) fn local(port: u16) -> Endpoint {
    Endpoint {
        host: Host::Domain("localhost".to_owned()),
        port,
    }
}

/// A TCP check without encryption.
pub(crate) fn tcp(port: u16, dialogue: Vec<Step>) -> TcpCheck {
    TcpCheck {
        endpoint: local(port),
        encryption: None,
        dialogue,
        reply_limit: limits::REPLY,
        network: Network::default(),
    }
}

/// A TLS check.
pub(crate) fn tls(port: u16, starttls: Option<StartTls>) -> TlsCheck {
    TlsCheck {
        endpoint: local(port),
        encryption: Encryption {
            starttls,
            options: TlsOptions::default(),
        },
        network: Network::default(),
    }
}

/// A monitor of one attempt that does `check`.
pub(crate) fn monitor(check: Check) -> Monitor {
    monitor_of(quick("http://localhost/"), check)
}

/// What `builder` builds, but for the check.
pub(crate) fn monitor_of(builder: MonitorBuilder, check: Check) -> Monitor {
    let mut monitor = builder.build();
    monitor.check = check;
    monitor.target = monitor.public_target();
    monitor
}

pub(crate) fn send(text: &str) -> Step {
    Step::Send(Message::try_new(text).unwrap())
}

pub(crate) fn expect(pattern: &str) -> Step {
    Step::Expect(Pattern::try_new(pattern).unwrap())
}

/// Class, owner and phase that one misbehaviour should come out as.
pub(crate) type Expected = (ErrorClass, ErrorOwner, PhaseReached);

/// Collects what differs, so that one run shows everything.
#[derive(Default)]
pub(crate) struct Table {
    wrong: Vec<String>,
    rows: usize,
}

impl Table {
    /// `text` is to be in the cause's text.
    pub(crate) fn check(&mut self, name: &str, found: &Attempt, wanted: Expected, text: &str) {
        self.rows += 1;
        let cause = found.cause();
        let came_out = cause.map(|cause| (cause.class, cause.owner, found.reached));
        let said = cause.is_some_and(|cause| cause.text.contains(text));
        if came_out != Some(wanted) || !said {
            self.wrong.push(format!(
                "{name}: wanted {wanted:?} with `{text}`, got {came_out:?} ({cause:?})"
            ));
        }
    }

    #[track_caller]
    pub(crate) fn end(self, rows: usize) {
        assert!(self.wrong.is_empty(), "{:#?}", self.wrong);
        assert_eq!(self.rows, rows);
    }
}
