//! Definitions that cannot be carried out, and a prober that has too much to do.

use std::sync::Arc;

use tidewatch_domain::ErrorClass as Class;
use tidewatch_domain::ErrorOwner::{Config, Prober};
use tidewatch_domain::probe::PhaseReached as At;

use super::case::{Case, World};
use crate::support::{SHORT, engine, options, quick};

pub(super) fn cases(world: &World) -> Vec<Case> {
    let secret = Case::new(
        "no secret",
        (Class::AuthFailed, Config, At::Resolve),
        "env:TIDEWATCH_SECRET_MISSING",
        &world.engine,
        quick("http://127.0.0.1:9/")
            .header("authorization", "Bearer ${env:TIDEWATCH_SECRET_MISSING}"),
        (),
    );
    let mut none = options();
    none.max_in_flight = 0;
    let busy = Case::new(
        "no place among the probes in flight",
        (Class::Overloaded, Prober, At::Resolve),
        "the prober has more to do than it can",
        &Arc::new(engine(none)),
        quick("http://127.0.0.1:9/").probe_timeout(SHORT),
        (),
    );
    vec![secret, busy]
}
