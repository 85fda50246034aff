//! Alert rules on this machine.

mod source;

pub(crate) use source::BridgeSource;
