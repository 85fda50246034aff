//! Rules between monitors, within a file and across files.

use tidewatch_definitions::{Definitions, Format, Mode, Source, read_all};

fn load(texts: &[(&str, &str)]) -> Definitions {
    let sources: Vec<Source<'_>> = texts
        .iter()
        .map(|(file, text)| Source {
            text,
            file,
            format: Format::Yaml,
        })
        .collect();
    read_all(&sources, Mode::Local)
}

fn entry(id: &str, parent: &str) -> String {
    format!("- {{tenant: a, monitor_id: {id}, target: 'http://b.de', parent: {parent}}}\n")
}

fn keys(definitions: &Definitions) -> Vec<&str> {
    definitions
        .monitors
        .iter()
        .map(|monitor| monitor.key.monitor_id.as_str())
        .collect()
}

#[test]
fn the_first_of_two_with_one_key_stays_also_across_files() {
    let first = entry("x", "null");
    let second = format!("{}{}", entry("y", "null"), entry("x", "y"));
    let definitions = load(&[("1.yaml", &first), ("2.yaml", &second)]);
    assert_eq!(keys(&definitions), ["x", "y"]);
    let faults: Vec<String> = definitions.faults.iter().map(ToString::to_string).collect();
    assert_eq!(
        faults,
        [
            "2.yaml:2:27: a/x: monitor_id: is already defined by 1.yaml:1; \
          give it another monitor_id, or remove one of the two"
        ]
    );
}

#[test]
fn a_parent_may_be_in_another_file_and_an_unknown_one_is_a_warning() {
    let definitions = load(&[
        ("1.yaml", &entry("x", "y")),
        (
            "2.yaml",
            &format!("{}{}", entry("y", "null"), entry("z", "nobody")),
        ),
    ]);
    assert_eq!(keys(&definitions), ["x", "y", "z"]);
    assert_eq!(definitions.faults, []);
    let warnings: Vec<String> = definitions
        .warnings
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(
        warnings,
        [
            "2.yaml:2:61: a/z: parent: names no monitor of this tenant that could be loaded \
          (`nobody`); correct the name; until then this monitor is treated as without a parent"
        ]
    );
}

#[test]
fn all_on_a_circle_of_parents_are_faulty_and_those_below_it_stay() {
    let text = [
        entry("a", "b"),
        entry("b", "c"),
        entry("c", "a"),
        entry("below", "a"),
    ]
    .concat();
    let definitions = load(&[("1.yaml", &text)]);
    assert_eq!(keys(&definitions), ["below"]);
    let problems: Vec<&str> = definitions
        .faults
        .iter()
        .map(|fault| fault.problem.as_str())
        .collect();
    assert_eq!(
        problems,
        [
            "leads back to itself: a -> b -> c -> a",
            "leads back to itself: b -> c -> a -> b",
            "leads back to itself: c -> a -> b -> c",
        ]
    );
    assert_eq!(definitions.warnings.len(), 1);
}

#[test]
fn long_chains_and_long_circles_are_settled_at_once() {
    let chain = |last: &str| -> String {
        let links = (0..1_500).map(|n| entry(&format!("m{n}"), &format!("m{}", n + 1)));
        links.chain([entry("m1500", last)]).collect()
    };
    let definitions = load(&[("1.yaml", &chain("null"))]);
    assert_eq!(
        (definitions.monitors.len(), definitions.faults.len()),
        (1_501, 0)
    );

    let definitions = load(&[("1.yaml", &chain("m10"))]);
    assert_eq!(
        keys(&definitions).len(),
        10,
        "only those before the circle stay"
    );
    assert_eq!(definitions.faults.len(), 1_491);
    assert_eq!(
        definitions.faults[0].problem,
        "leads back to itself: m10 -> m11 -> m12 -> m13 -> m14 -> m15 -> m16 -> m17 -> … -> m10"
    );
}

#[test]
fn a_file_that_cannot_be_parsed_does_not_stop_the_others() {
    let definitions = load(&[("1.yaml", "monitors: [}"), ("2.yaml", &entry("x", "null"))]);
    assert_eq!(keys(&definitions), ["x"]);
    assert_eq!(definitions.faults.len(), 1);
    assert_eq!(definitions.faults[0].line, Some(1));
}
