//! Tidewatch on one machine: the local mode and the command line.
//!
//! One binary: [`cli::run`] is all that its `main` calls. The parts know each other from top to
//! bottom: the command line starts the local mode, which puts scheduler, check engine, bridge and
//! status page together.

pub mod cli;
mod cloud;
mod doctor;
mod local;
mod rules;
mod secrets;
mod settings;
mod status;
mod terminal;
