//! "Did you mean": the nearest known word to a mistyped one.

/// The candidate nearest to `word`, if one is near enough to be what was meant.
pub(crate) fn nearest<'c>(
    word: &str,
    candidates: impl IntoIterator<Item = &'c str>,
) -> Option<&'c str> {
    let word = word.to_ascii_lowercase().replace('-', "_");
    // A typing error or two, more in a long word.
    let furthest = (word.chars().count() / 3).clamp(1, 3);
    candidates
        .into_iter()
        .map(|candidate| {
            (
                strsim::damerau_levenshtein(&word, &candidate.to_ascii_lowercase()),
                candidate,
            )
        })
        .filter(|(distance, _)| *distance <= furthest)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// `a`, `b` or `c`, for remedies.
pub(crate) fn alternatives(words: &[&str]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    match quoted.as_slice() {
        [] => String::new(),
        [only] => only.clone(),
        [head @ .., last] => format!("{} or {last}", head.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_was_meant_and_nothing_else() {
        let fields = ["interval", "target", "tenant", "team"];
        assert_eq!(nearest("intervall", fields), Some("interval"));
        assert_eq!(nearest("Traget", fields), Some("target"));
        assert_eq!(nearest("teannt", fields), Some("tenant"));
        assert_eq!(nearest("colour", fields), None);
    }

    #[test]
    fn lists_alternatives_as_people_do() {
        assert_eq!(alternatives(&["a"]), "`a`");
        assert_eq!(alternatives(&["a", "b", "c"]), "`a`, `b` or `c`");
    }
}
