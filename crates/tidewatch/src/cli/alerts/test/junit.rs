//! A report in JUnit's XML, as build servers read it.

use std::collections::BTreeMap;
use std::path::Path;

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use super::played::Played;
use super::report::place;
use crate::cli::exit::Complaint;

/// Writes it to `file`.
pub(super) fn write(file: &Path, played: &[Played]) -> Result<(), Complaint> {
    let failed = |error: Box<dyn std::error::Error + Send + Sync>| {
        Complaint::failed(format!(
            "the report cannot be written to {}",
            file.display()
        ))
        .because(error)
    };
    let text = report(played).to_string();
    let text = text.map_err(|error| failed(error.into()))?;
    std::fs::write(file, text).map_err(|error| failed(error.into()))
}

/// A suite for each test file, a case for each test.
fn report(played: &[Played]) -> Report {
    let mut suites: BTreeMap<String, TestSuite> = BTreeMap::new();
    for test in played {
        let name = test.file.display().to_string();
        let suite = suites
            .entry(name.clone())
            .or_insert_with(|| TestSuite::new(name));
        suite.add_test_case(case(test));
    }
    let mut report = Report::new("alert rules");
    report.add_test_suites(suites.into_values());
    report
}

fn case(test: &Played) -> TestCase {
    let status = if test.has_passed() {
        TestCaseStatus::success()
    } else {
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
        let subjects = test.mismatches.iter().map(|it| it.subject.as_str());
        let subjects: Vec<&str> = subjects.chain(test.trouble.as_deref()).collect();
        status.set_message(subjects.join("; "));
        status.set_type("alert rule");
        let details = test.mismatches.iter().map(|it| {
            let seen = it.seen.join("\n");
            let place = place(&test.file, it.line);
            let (expected, found) = (&it.expected, &it.found);
            format!("{place}\nexpected:\n{expected}\nfound:\n{found}\n{seen}\n")
        });
        status.set_description(details.collect::<String>());
        status
    };
    let name = match &test.rules {
        Some(rules) => format!("{} ({})", test.name, rules.display()),
        None => test.name.clone(),
    };
    let mut case = TestCase::new(name, status);
    case.set_classname(test.file.display().to_string());
    case.set_time(test.took);
    case
}
