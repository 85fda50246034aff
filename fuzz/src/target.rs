//! What is fuzzed.

mod definitions;
mod log;
mod parquet;
mod rules;
mod sigv4;
mod sql;
mod wire;

use std::sync::OnceLock;

use libfuzzer_sys::{Corpus, fuzzer_mutate};

/// One target. It panics where the product breaks a promise.
pub(crate) trait Target: Send + Sync {
    /// Does with the input whatever the product would do.
    fn run(&self, input: &[u8]) -> Corpus;

    /// Inputs to begin with.
    fn seeds(&self) -> Vec<Vec<u8>>;

    /// Words that inputs are made of.
    fn words(&self) -> Vec<Vec<u8>> {
        Vec::new()
    }

    /// Changes the first `size` bytes of `data`; returns how many there are now, at most
    /// `max_size`.
    fn mutate(&self, data: &mut [u8], size: usize, max_size: usize, _seed: u32) -> usize {
        fuzzer_mutate(data, size, max_size)
    }
}

/// The target that the environment names.
pub(crate) fn chosen() -> &'static dyn Target {
    static CHOSEN: OnceLock<Box<dyn Target>> = OnceLock::new();
    CHOSEN
        .get_or_init(|| {
            let name = std::env::var("TIDEWATCH_FUZZ_TARGET").unwrap_or_default();
            named(&name).unwrap_or_else(|| {
                eprintln!(
                    "TIDEWATCH_FUZZ_TARGET is `{name}`, which is no target; see fuzz/run --help"
                );
                std::process::exit(64);
            })
        })
        .as_ref()
}

fn named(name: &str) -> Option<Box<dyn Target>> {
    Some(match name {
        "sql" => Box::new(sql::Sql::new()),
        "wire" => Box::new(wire::Wire::new()),
        "log" => Box::new(log::Log::new()),
        "parquet" => Box::new(parquet::Parquet::new()),
        "sigv4" => Box::new(sigv4::SigV4::new()),
        "rules" => Box::new(rules::Rules),
        "definitions" => Box::new(definitions::Definitions),
        _ => return None,
    })
}
