//! The `tidewatch` binary.

use std::process::ExitCode;

fn main() -> ExitCode {
    tidewatch::cli::run(std::env::args_os())
}
