//! Statements cut into tokens and into parts that belong together.

use std::collections::BTreeSet;
use std::ops::Range;

use crate::repository;

/// Words of the grammar that are in no statement to begin with.
const KEYWORDS: &str = "ALL AND ANY AS ASC BETWEEN BY CASE CAST CROSS CUBE CURRENT DESC DESCRIBE \
    DISTINCT ELSE END ESCAPE EXCEPT EXISTS FALSE FETCH FILTER FIRST FOLLOWING FROM FULL GROUP \
    GROUPING GROUPS HAVING IGNORE IN INNER INTERSECT INTERVAL IS JOIN LAST LATERAL LEFT LIKE LIMIT \
    MEASURES NATURAL NOT NULL NULLS OFFSET ON OR ORDER ORDINALITY OUTER OVER PARTITION PRECEDING \
    RANGE RESPECT RIGHT ROLLUP ROW ROWS SELECT SETS SHOW SOME TABLES DATABASES THEN TRUE TRY_CAST \
    UNBOUNDED UNION UNNEST USING VALUES WHEN WHERE WINDOW WITH WITHIN ARRAY MAP bigint boolean date \
    double integer json real smallint time timestamp tinyint varbinary varchar";

/// Values at the edges of their types, and forms that are easily forgotten.
const EDGES: [&str; 40] = [
    "0",
    "1",
    "-1",
    "2147483647",
    "-2147483648",
    "9223372036854775807",
    "-9223372036854775808",
    "9223372036854775808",
    "1e308",
    "-1e308",
    "1e-320",
    "nan()",
    "infinity()",
    "NULL",
    "''",
    "'\u{e9}\u{1f30a}'",
    "'%_\\'",
    "'[a-z'",
    "'(?:'",
    "'$.a[0]'",
    "'{\"a\": [1, null]}'",
    "'2024-03-01'",
    "'9999-12-31 23:59:59'",
    "'0001-01-01'",
    "1ns",
    "106751d",
    "292y",
    "-1month",
    "from_nanoseconds(-9223372036854775808)",
    "DATE '2024-02-29'",
    "TIME '23:59:59.999'",
    "ARRAY[]",
    "ARRAY[1, NULL]",
    "ARRAY[ARRAY['a']]",
    "MAP(ARRAY[1], ARRAY['a'])",
    "ROW(1, 'a')",
    "sequence(1, 3)",
    "(x -> x)",
    "((s, x) -> s + x)",
    "@p",
];

/// What statements are made of.
pub(crate) struct Vocabulary {
    words: Vec<String>,
    parts: Vec<String>,
}

impl Vocabulary {
    /// All that is in these statements and in the list of functions.
    pub(crate) fn new(statements: &[String]) -> Vocabulary {
        let mut words: BTreeSet<String> = KEYWORDS.split_whitespace().map(str::to_owned).collect();
        words.extend(EDGES.map(str::to_owned));
        words.extend(functions());
        let mut parts = BTreeSet::new();
        for statement in statements {
            let tokens = tokens(statement);
            words.extend(
                tokens
                    .iter()
                    .map(|token| statement[token.clone()].to_owned()),
            );
            for at in 0..tokens.len() {
                if let Some(part) = part_at(statement, &tokens, at) {
                    let range = tokens[part.start].start..tokens[part.end - 1].end;
                    parts.insert(statement[range].to_owned());
                }
            }
        }
        Vocabulary {
            words: words.into_iter().collect(),
            parts: parts.into_iter().collect(),
        }
    }

    pub(crate) fn words(&self) -> impl Iterator<Item = &str> {
        self.words.iter().map(String::as_str)
    }

    /// The word with this number, counted round and round.
    pub(super) fn word(&self, number: usize) -> &str {
        &self.words[number % self.words.len()]
    }

    /// The part with this number, counted round and round.
    pub(super) fn part(&self, number: usize) -> &str {
        &self.parts[number % self.parts.len()]
    }
}

/// The names in the first column of the list of functions.
fn functions() -> Vec<String> {
    repository::text("docs/sql-support.md")
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split_once('`'))
        .map(|(name, _)| name.to_owned())
        .collect()
}

/// Where the tokens of a text are: words, numbers, quoted texts, and single other characters.
pub(super) fn tokens(text: &str) -> Vec<Range<usize>> {
    let mut tokens = Vec::new();
    let mut rest = text.char_indices().peekable();
    while let Some((begin, first)) = rest.next() {
        if first.is_whitespace() {
            continue;
        }
        let mut end = begin + first.len_utf8();
        let is_word = |c: char| c.is_alphanumeric() || c == '_';
        if is_word(first) {
            while let Some((at, c)) = rest.next_if(|(_, c)| is_word(*c)) {
                end = at + c.len_utf8();
            }
        } else if first == '\'' || first == '"' {
            for (at, c) in rest.by_ref() {
                end = at + c.len_utf8();
                if c == first {
                    break;
                }
            }
        }
        tokens.push(begin..end);
    }
    tokens
}

/// The tokens of the brackets that open at token `at`, with the word before them.
pub(super) fn part_at(text: &str, tokens: &[Range<usize>], at: usize) -> Option<Range<usize>> {
    let is = |at: usize, brackets: &str| brackets.contains(&text[tokens[at].clone()]);
    if !is(at, "([") {
        return None;
    }
    let mut depth = 0;
    for end in at..tokens.len() {
        if is(end, "([") {
            depth += 1;
        } else if is(end, ")]") {
            depth -= 1;
            if depth == 0 {
                let is_call =
                    at > 0 && text[tokens[at - 1].clone()].starts_with(char::is_alphabetic);
                return Some(at - usize::from(is_call)..end + 1);
            }
        }
    }
    None
}
