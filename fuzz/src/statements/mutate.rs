//! Changes of statements that leave many of them statements.

use std::ops::Range;

use libfuzzer_sys::fuzzer_mutate;

use super::tokens::{Vocabulary, part_at, tokens};

/// Numbers that only look random; the same for the same seed.
struct Dice(u64);

impl Dice {
    fn new(seed: u32) -> Dice {
        Dice(u64::from(seed) | 1 << 32)
    }

    /// A number below `end`, which is not 0.
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 8) as usize % end
    }
}

/// Changes a statement by its tokens, or now and then by its bytes as libFuzzer does.
pub(crate) fn mutate(
    vocabulary: &Vocabulary,
    data: &mut [u8],
    size: usize,
    max_size: usize,
    seed: u32,
) -> usize {
    let mut dice = Dice::new(seed);
    let text = std::str::from_utf8(&data[..size]).ok().map(str::to_owned);
    let (Some(mut text), 1..) = (text, dice.below(6)) else {
        return fuzzer_mutate(data, size, max_size);
    };
    for _ in 0..=dice.below(3) {
        text = changed(vocabulary, &text, &mut dice);
    }
    if text.is_empty() || text.len() > max_size {
        return fuzzer_mutate(data, size, max_size);
    }
    data[..text.len()].copy_from_slice(text.as_bytes());
    text.len()
}

/// The statement with one change.
fn changed(vocabulary: &Vocabulary, text: &str, dice: &mut Dice) -> String {
    let tokens = tokens(text);
    if tokens.is_empty() {
        return vocabulary.part(dice.below(usize::MAX)).to_owned();
    }
    let one = |dice: &mut Dice| dice.below(tokens.len());
    let bytes = |range: Range<usize>| tokens[range.start].start..tokens[range.end - 1].end;
    let put = |place: Range<usize>, with: &str| {
        format!("{} {with} {}", &text[..place.start], &text[place.end..])
    };
    let part = |dice: &mut Dice| {
        let begin = one(dice);
        let found = (begin..tokens.len()).find_map(|at| part_at(text, &tokens, at));
        found.unwrap_or(begin..begin + 1)
    };
    let at = one(dice);
    let number = dice.below(usize::MAX);
    match dice.below(9) {
        0 | 1 => put(tokens[at].clone(), vocabulary.word(number)),
        2 => put(tokens[at].end..tokens[at].end, vocabulary.word(number)),
        3 => {
            let end = (at + 1 + dice.below(4)).min(tokens.len());
            put(bytes(at..end), "")
        }
        4 => {
            let other = one(dice);
            put(tokens[at].clone(), &text[tokens[other].clone()])
        }
        5 | 6 => put(bytes(part(dice)), vocabulary.part(number)),
        7 => {
            let copied = bytes(part(dice));
            put(tokens[at].end..tokens[at].end, &text[copied])
        }
        _ => {
            let wrapped = bytes(part(dice));
            let with = format!("{}({})", vocabulary.word(number), &text[wrapped.clone()]);
            put(wrapped, &with)
        }
    }
}
