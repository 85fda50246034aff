//! What became of tests, for people and for programs.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use serde::Serialize;
use similar::{ChangeTag, TextDiff};
use tidewatch_alerting::unit::Mismatch;

use super::played::Played;
use crate::terminal::{Look, Tone, clean, millis};

/// A line for each file, the differences of what failed, and a sum.
pub(super) fn text(played: &[Played], took: Duration, look: Look) -> String {
    let mut files: BTreeMap<&Path, Vec<&Played>> = BTreeMap::new();
    for one in played {
        files.entry(&one.file).or_default().push(one);
    }
    let mut text = String::new();
    for (file, tests) in files {
        let failed = tests.iter().filter(|test| !test.has_passed()).count();
        let name = clean(&file.display().to_string()).into_owned();
        text.push_str(&if failed == 0 {
            let word = look.paint(Tone::Good, "passed");
            format!("{word}  {name}  {}\n", counted(tests.len(), "test"))
        } else {
            let word = look.paint(Tone::Bad, "FAILED");
            format!(
                "{word}  {name}  {failed} of {}\n",
                counted(tests.len(), "test")
            )
        });
        for test in tests.into_iter().filter(|test| !test.has_passed()) {
            text.push_str(&failure(test, look));
        }
    }
    let failed = played.iter().filter(|test| !test.has_passed()).count();
    let sum = format!("{} passed, {failed} failed", played.len() - failed);
    let tone = if failed == 0 { Tone::Good } else { Tone::Bad };
    text.push_str(&format!("{} in {}\n", look.paint(tone, &sum), millis(took)));
    text
}

fn failure(test: &Played, look: Look) -> String {
    let place = place(&test.file, test.line);
    let name = look.paint(Tone::Strong, &clean(&test.name));
    let mut text = format!("\n  {name}  {}\n", look.paint(Tone::Muted, &clean(&place)));
    if let Some(rules) = &test.rules {
        text.push_str(&format!("  with {}\n", clean(&rules.display().to_string())));
    }
    if let Some(trouble) = &test.trouble {
        text.push_str(&format!("  cannot be played: {}\n", clean(trouble)));
    }
    for mismatch in &test.mismatches {
        let place = self::place(&test.file, mismatch.line);
        text.push_str(&format!(
            "  {}  {}\n",
            clean(&mismatch.subject),
            look.paint(Tone::Muted, &clean(&place))
        ));
        text.push_str(&difference(mismatch, look));
        for seen in &mismatch.seen {
            text.push_str(&format!("    {}\n", look.paint(Tone::Muted, &clean(seen))));
        }
    }
    text.push('\n');
    text
}

/// Lines that were expected but not found with `-`, those that were found instead with `+`.
fn difference(mismatch: &Mismatch, look: Look) -> String {
    let diff = TextDiff::from_lines(&mismatch.expected, &mismatch.found);
    let line = |change: similar::Change<&str>| {
        let (sign, tone) = match change.tag() {
            ChangeTag::Delete => ("- expected", Tone::Bad),
            ChangeTag::Insert => ("+ found   ", Tone::Good),
            ChangeTag::Equal => ("          ", Tone::Plain),
        };
        let line = clean(change.value().trim_end_matches('\n')).into_owned();
        format!("    {}\n", look.paint(tone, &format!("{sign}  {line}")))
    };
    diff.iter_all_changes().map(line).collect()
}

fn counted(count: usize, noun: &str) -> String {
    match count {
        1 => format!("1 {noun}"),
        _ => format!("{count} {noun}s"),
    }
}

/// `file:line`.
pub(super) fn place(file: &Path, line: Option<u64>) -> String {
    match line {
        Some(line) => format!("{}:{line}", file.display()),
        None => file.display().to_string(),
    }
}

/// Every test with its result.
pub(super) fn json(played: &[Played]) -> String {
    #[derive(Serialize)]
    struct Report<'a> {
        passed: usize,
        failed: usize,
        tests: Vec<Test<'a>>,
    }
    #[derive(Serialize)]
    struct Test<'a> {
        file: String,
        name: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        line: Option<u64>,
        #[serde(skip_serializing_if = "Option::is_none")]
        rules: Option<String>,
        result: &'static str,
        checks: usize,
        milliseconds: f64,
        #[serde(skip_serializing_if = "Option::is_none")]
        trouble: Option<&'a str>,
        failures: Vec<Failure<'a>>,
    }
    #[derive(Serialize)]
    struct Failure<'a> {
        #[serde(skip_serializing_if = "Option::is_none")]
        line: Option<u64>,
        subject: &'a str,
        expected: &'a str,
        found: &'a str,
        seen: &'a [String],
    }
    fn failure(mismatch: &Mismatch) -> Failure<'_> {
        Failure {
            line: mismatch.line,
            subject: &mismatch.subject,
            expected: &mismatch.expected,
            found: &mismatch.found,
            seen: &mismatch.seen,
        }
    }
    let tests: Vec<Test<'_>> = played
        .iter()
        .map(|test| Test {
            file: test.file.display().to_string(),
            name: &test.name,
            line: test.line,
            rules: test.rules.as_ref().map(|rules| rules.display().to_string()),
            result: if test.has_passed() {
                "passed"
            } else {
                "failed"
            },
            checks: test.checks,
            milliseconds: test.took.as_secs_f64() * 1e3,
            trouble: test.trouble.as_deref(),
            failures: test.mismatches.iter().map(failure).collect(),
        })
        .collect();
    let failed = played.iter().filter(|test| !test.has_passed()).count();
    let report = Report {
        passed: played.len() - failed,
        failed,
        tests,
    };
    serde_json::to_string_pretty(&report).expect("texts and numbers have a JSON form") + "\n"
}
