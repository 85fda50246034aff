//! Why an attempt came no further, and the failures that are the prober's own.

use std::io;

use rustix::io::Errno;
use tidewatch_domain::probe::PhaseReached;
use tidewatch_domain::{Attempt, Cause, ErrorClass};

/// The end of an attempt that did not get through.
#[derive(Clone, Debug)]
pub(crate) struct Failure {
    /// The phase in which it ended.
    pub(crate) reached: PhaseReached,
    /// Why.
    pub(crate) cause: Cause,
}

impl Failure {
    /// An end in phase `reached` for the reason `cause`.
    pub(crate) fn new(reached: PhaseReached, cause: Cause) -> Self {
        Failure { reached, cause }
    }

    /// Writes this end into `attempt`.
    pub(crate) fn end(self, attempt: &mut Attempt) {
        attempt.reached = self.reached;
        attempt.causes.push(self.cause);
    }
}

/// The cause of an I/O error that says something about this machine, not about the target.
pub(crate) fn local(error: &io::Error) -> Option<Cause> {
    let (class, text) = match Errno::from_io_error(error)? {
        Errno::MFILE | Errno::NFILE => (
            ErrorClass::LocalFd,
            "the prober has no file descriptor left: raise its limit (ulimit -n) or run fewer \
             probes at once",
        ),
        Errno::ADDRNOTAVAIL | Errno::ADDRINUSE => (
            ErrorClass::LocalPort,
            "the prober has no local port left for this target, or no address of this family: \
             widen net.ipv4.ip_local_port_range or probe less often",
        ),
        Errno::NOMEM | Errno::NOBUFS => (
            ErrorClass::LocalOom,
            "the prober's machine has no memory left for another connection",
        ),
        _ => return None,
    };
    Some(Cause::new(class, text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use tidewatch_domain::ErrorOwner;

    #[test]
    fn shortages_of_this_machine_are_the_probers_own() {
        let cases = [
            (Errno::MFILE, Some(ErrorClass::LocalFd)),
            (Errno::NFILE, Some(ErrorClass::LocalFd)),
            (Errno::ADDRNOTAVAIL, Some(ErrorClass::LocalPort)),
            (Errno::NOBUFS, Some(ErrorClass::LocalOom)),
            (Errno::CONNREFUSED, None),
        ];
        for (errno, class) in cases {
            let cause = local(&io::Error::from(errno));
            assert_eq!(cause.as_ref().map(|cause| cause.class), class, "{errno:?}");
            assert!(cause.is_none_or(|cause| cause.owner == ErrorOwner::Prober));
        }
        assert!(local(&io::Error::other("no number")).is_none());
    }
}
