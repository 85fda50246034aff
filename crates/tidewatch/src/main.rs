//! The `tidewatch` binary.

use std::process::ExitCode;

use tikv_jemallocator::Jemalloc;

/// Records are read on one thread and freed on another, and queries take and give back large
/// arrays; the C library's allocator is slow at that. docs/performance.md has the figures.
#[global_allocator]
static ALLOCATOR: Jemalloc = Jemalloc;

fn main() -> ExitCode {
    tidewatch::cli::run(std::env::args_os())
}
