//! Seeds and words on disk, for libFuzzer.

use std::fs;
use std::io;
use std::path::Path;

use crate::target::Target;

/// libFuzzer takes no longer words.
const LONGEST_WORD: usize = 64;

/// Writes a target's seeds into `seeds`, and its words into `words`, both in `folder`.
pub(crate) fn write(folder: &Path, target: &dyn Target) -> io::Result<()> {
    let seeds = folder.join("seeds");
    fs::create_dir_all(&seeds)?;
    for (number, seed) in target.seeds().iter().enumerate() {
        fs::write(seeds.join(format!("seed-{number:04}")), seed)?;
    }
    let words = target.words();
    let lines = words
        .iter()
        .filter(|word| (1..=LONGEST_WORD).contains(&word.len()))
        .map(|word| format!("\"{}\"\n", quoted(word)));
    fs::write(folder.join("words"), lines.collect::<String>())
}

/// A word as libFuzzer's dictionaries write it.
fn quoted(word: &[u8]) -> String {
    let byte = |byte: &u8| match byte {
        b'"' | b'\\' => format!("\\{}", char::from(*byte)),
        b' '..=b'~' => char::from(*byte).to_string(),
        _ => format!("\\x{byte:02X}"),
    };
    word.iter().map(byte).collect()
}
