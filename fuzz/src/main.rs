//! The fuzz targets of Tidewatch, all in one program, because most of its size is DataFusion.
//!
//! `TIDEWATCH_FUZZ_TARGET` names the target; all arguments are libFuzzer's. With
//! `TIDEWATCH_FUZZ_SEEDS` the program writes the target's seeds and its dictionary into that folder
//! and ends. `fuzz/run` does both; `docs/fuzzing.md` says what each target promises.

#![no_main]

mod clock;
mod dictionary;
mod folder;
mod panics;
mod repository;
mod server;
mod statements;
mod target;

use libfuzzer_sys::{Corpus, fuzz_mutator, fuzz_target};

fuzz_target!(init: begin(), |input: &[u8]| -> Corpus { target::chosen().run(input) });

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    target::chosen().mutate(data, size, max_size, seed)
});

fn begin() {
    panics::watch();
    // Clients are told nothing of an internal error; its cause is in the log.
    tracing_subscriber::fmt()
        .with_max_level(tracing_subscriber::filter::LevelFilter::ERROR)
        .with_writer(std::io::stderr)
        .init();
    let target = target::chosen();
    if let Some(folder) = std::env::var_os("TIDEWATCH_FUZZ_SEEDS") {
        match dictionary::write(folder.as_ref(), target) {
            Ok(()) => std::process::exit(0),
            Err(error) => {
                eprintln!("cannot write the seeds: {error}");
                std::process::exit(1);
            }
        }
    }
}
