//! Until a TCP connection stands, and when the time is over.

use tidewatch_domain::ErrorClass as Class;
use tidewatch_domain::ErrorOwner::{Network, Target as Site};
use tidewatch_domain::probe::PhaseReached as At;
use tidewatch_testkit::{ResettingPort, SilentPort, refused_port};

use super::case::{Case, Found, World};
use crate::support::{SHORT, attempt, quick};

pub(super) fn cases(world: &World) -> Vec<Case> {
    let engine = &world.engine;
    let refused = refused_port().unwrap();
    let refused = Case::new(
        "refused",
        (Class::ConnectRefused, Site, At::Connect),
        format!("connect to {refused} was refused"),
        engine,
        quick(&format!("http://{refused}/")),
        (),
    );

    let silent = SilentPort::open().unwrap();
    let address = silent.address();
    let silent = Case::new(
        "accept queue full",
        (Class::ConnectTimeout, Network, At::Connect),
        format!("connect to {address} took longer than the connect timeout of 150 ms"),
        engine,
        quick(&format!("http://{address}/")).connect_timeout(SHORT),
        silent,
    );

    let over = SilentPort::open().unwrap();
    let address = over.address();
    let over = Case::new(
        "the probe's time over",
        (Class::Deadline, Site, At::Connect),
        format!("the 150 ms that all attempts have together were over during connect to {address}"),
        engine,
        quick(&format!("http://{address}/"))
            .attempt_timeout(SHORT * 2)
            .probe_timeout(SHORT),
        over,
    );
    vec![refused, silent, over, reset_in_handshake(world)]
}

/// The kernel has the connection and its reset before the engine looks for the first time.
fn reset_in_handshake(world: &World) -> Case {
    let engine = world.engine.clone();
    let port = ResettingPort::open().unwrap();
    let address = port.address().unwrap();
    Case::of(
        "reset in the handshake",
        (Class::ConnectReset, Network, At::Connect),
        format!("connect to {address} was reset during the handshake"),
        async move {
            let monitor = quick(&format!("http://{address}/")).build();
            let reset = async move { port.reset_one().unwrap() };
            let (found, ()) = tokio::join!(attempt(&engine, &monitor), reset);
            Found::of(&found)
        },
    )
}
