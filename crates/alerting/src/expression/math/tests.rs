//! Expected values follow from the rules of `pkg/expr/mathexp` (`exp.go`, `funcs.go`,
//! `parse/parse.go`), worked out by hand.

use proptest::prelude::*;
use tidewatch_domain::Timestamp;

use super::*;
use crate::evaluate::Labels;
use crate::expression::{Item, Number, Series};
use crate::number::format;

fn labels(text: &str) -> Labels {
    let pairs = text.split(',').filter_map(|pair| pair.split_once('='));
    pairs
        .map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned()))
        .collect()
}

fn number(labels: &str, value: Option<f64>) -> Item {
    Item::Number(Number {
        name: String::new(),
        labels: self::labels(labels),
        value,
    })
}

fn series(labels: &str, points: &[(i64, Option<f64>)]) -> Item {
    let points = points.iter();
    Item::Series(Series {
        name: String::new(),
        labels: self::labels(labels),
        points: points
            .map(|(at, value)| (Timestamp::from_secs(*at), *value))
            .collect(),
    })
}

fn given(inputs: &[(&str, Vec<Item>)]) -> Inputs {
    let inputs = inputs.iter();
    inputs
        .map(|(name, items)| ((*name).to_owned(), items.clone()))
        .collect()
}

/// Each item as `{labels} value` or `{labels} at:value at:value`.
fn shown(items: &[Item]) -> Vec<String> {
    let value = |value: Option<f64>| value.map_or("null".to_owned(), format);
    let items = items.iter();
    items
        .map(|item| {
            let labels = crate::expression::labels_text(item.labels());
            match item {
                Item::NoData => "no data".to_owned(),
                Item::Scalar(scalar) => value(*scalar),
                Item::Number(number) => format!("{{{labels}}} {}", value(number.value)),
                Item::Series(series) => {
                    let points = series.points.iter();
                    let points: Vec<String> = points
                        .map(|(at, point)| format!("{}:{}", at.as_secs(), value(*point)))
                        .collect();
                    format!("{{{labels}}} {}", points.join(" "))
                }
            }
        })
        .collect()
}

#[track_caller]
fn check(expression: &str, inputs: &Inputs, wanted: &[&str]) {
    let given = run(expression, inputs).unwrap();
    assert_eq!(shown(&given.items), wanted, "{expression}");
}

#[test]
fn numbers_alone_are_calculated() {
    for (expression, wanted) in [
        ("1 + 2 * 3", "7"),
        ("(1 + 2) * 3", "9"),
        ("10 - 4 - 3", "3"),
        ("2 / 4", "0.5"),
        ("7 % 3", "1"),
        ("-7 % 3", "-1"),
        ("7.5 % 2", "1.5"),
        // From the left, and the sign before the power.
        ("2 ** 3 ** 2", "64"),
        ("-2 ** 2", "4"),
        ("2 ** -1", "0.5"),
        ("2 * 3 ** 2", "18"),
        ("1 < 2", "1"),
        ("2 <= 1", "0"),
        ("2 >= 2", "1"),
        ("1 > 2", "0"),
        ("1 == 1", "1"),
        ("1 != 1", "0"),
        ("3 > 2 > 1", "0"),
        ("1 && 2", "1"),
        ("0 || 0", "0"),
        ("0 || 3", "1"),
        ("1 || 0 && 0", "1"),
        ("1 + 1 == 2 && 2 > 1", "1"),
        ("!0", "1"),
        ("!5", "0"),
        ("! ! 5", "1"),
        ("- -3", "3"),
        ("-(2 + 3)", "-5"),
        ("0x1F", "31"),
        ("010", "8"),
        ("089", "89"),
        ("1e3", "1000"),
        ("1.5E-1", "0.15"),
        (".5", "0.5"),
        ("5.", "5"),
        ("1 / 0", "+Inf"),
        ("-1 / 0", "-Inf"),
        ("0 / 0", "NaN"),
        ("abs(-3)", "3"),
        ("log(1)", "0"),
        ("log(0)", "-Inf"),
        ("log(-1)", "NaN"),
        ("round(2.5)", "3"),
        ("round(-2.5)", "-3"),
        ("ceil(1.2)", "2"),
        ("floor(-1.2)", "-2"),
        ("abs(round(-2.4) - 1)", "3"),
        ("inf()", "+Inf"),
        ("infn()", "-Inf"),
        ("nan()", "NaN"),
        ("null()", "null"),
        ("is_nan(nan())", "1"),
        ("is_nan(1)", "0"),
        ("is_inf(infn())", "1"),
        ("is_inf(nan())", "0"),
        ("is_null(null())", "1"),
        ("is_null(nan())", "0"),
        ("is_number(1)", "1"),
        ("is_number(inf())", "0"),
        ("is_number(nan())", "0"),
        ("is_number(null())", "0"),
        // Null is NaN after a function that does not ask for it, and stays null otherwise.
        ("abs(null())", "NaN"),
        ("is_nan(null())", "NaN"),
        ("null() + 1", "null"),
        ("!null()", "null"),
        ("-nan()", "NaN"),
        ("!nan()", "NaN"),
        ("nan() + 1", "NaN"),
        ("nan() == nan()", "NaN"),
        // What is left decides alone where it can, even NaN, which is not 0.
        ("1 || nan()", "1"),
        ("0 && nan()", "0"),
        ("nan() || 0", "1"),
        ("0 || nan()", "NaN"),
        ("1 && nan()", "NaN"),
        ("nan() && 0", "NaN"),
    ] {
        check(expression, &Inputs::new(), &[wanted]);
    }
}

#[test]
fn what_cannot_be_read_says_why() {
    for (expression, wanted) in [
        ("", "ends where a number"),
        ("1 +", "ends where a number"),
        ("1 2", "`2` stands where the expression could end"),
        ("(1", "a `)` is missing"),
        ("1)", "`)` stands where the expression could end"),
        ("+1", "`+` stands where a number"),
        ("2**-1", "there is no operator `**-`; put spaces"),
        ("!!1", "there is no operator `!!`"),
        ("1 = 1", "there is no operator `=`"),
        ("1 & 1", "there is no operator `&`"),
        ("$", "`$` without a refId"),
        ("${}", "`$` without a refId"),
        ("${A", "lacks its closing `}`"),
        ("${A-B}", "`${A-B}` is no variable"),
        (
            "sqrt(4)",
            "there is no function `sqrt`; use one of abs, log",
        ),
        ("abs", "`(` is missing after the function `abs`"),
        ("abs()", "the function `abs` takes one argument"),
        ("nan(1)", "the function `nan` takes no argument"),
        ("abs(1 2)", "`2` stands where `)` belongs"),
        ("abs(1, 2)", "`,` has no meaning"),
        ("\"a\"", "`\"` has no meaning"),
        ("1.2.3", "`.3` stands where"),
        ("1e", "`1e` is no number"),
        ("0x", "`0x` is no number"),
        (".", "`.` is no number"),
        ("1 ? 2", "`?` has no meaning"),
    ] {
        let error = check_error(expression);
        assert!(error.contains(wanted), "{expression}: {error}");
    }
    let deep = "(".repeat(10_000);
    assert!(check_error(&deep).contains("nested deeper"));
    let long = vec!["1"; 10_000].join("+");
    assert!(check_error(&long).contains("nested deeper"));
}

fn check_error(expression: &str) -> String {
    super::check(expression).unwrap_err()
}

#[test]
fn names_of_steps_are_found() {
    assert_eq!(
        variables("$A + abs(${B c} * -$d_1) > $A"),
        ["A", "B c", "d_1", "A"]
    );
    assert!(variables("$A +").is_empty());
}

#[test]
fn equal_labels_belong_together_and_others_are_dropped() {
    let inputs = given(&[
        (
            "A",
            vec![
                number("host=a", Some(1.0)),
                number("host=b", Some(2.0)),
                number("host=c", Some(3.0)),
            ],
        ),
        (
            "B",
            vec![number("host=b", Some(20.0)), number("host=a", Some(10.0))],
        ),
    ]);
    let given = run("$A + $B", &inputs).unwrap();
    assert_eq!(shown(&given.items), ["{host=a} 11", "{host=b} 22"]);
    assert_eq!(
        given.notices,
        ["1 items of $A found no partner in \"$A + $B\": {host=c}"]
    );
}

#[test]
fn one_set_of_labels_may_hold_the_other() {
    let inputs = given(&[
        (
            "A",
            vec![
                number("tenant=x, host=a", Some(1.0)),
                number("tenant=x, host=b", Some(2.0)),
                number("tenant=y, host=a", Some(3.0)),
            ],
        ),
        (
            "B",
            vec![
                number("tenant=x", Some(10.0)),
                number("tenant=y", Some(20.0)),
            ],
        ),
        (
            "C",
            vec![number("host=a", Some(5.0)), number("tenant=x", Some(7.0))],
        ),
    ]);
    let wanted = [
        "{host=a, tenant=x} 0.1",
        "{host=b, tenant=x} 0.2",
        "{host=a, tenant=y} 0.15",
    ];
    check("$A / $B", &inputs, &wanted);
    // From the other side the labels are the larger set too, in the order of the left side.
    check(
        "$B * $A",
        &inputs,
        &[
            "{host=a, tenant=x} 10",
            "{host=b, tenant=x} 20",
            "{host=a, tenant=y} 60",
        ],
    );
    // One item may have several partners.
    check(
        "$A + $C",
        &inputs,
        &[
            "{host=a, tenant=x} 6",
            "{host=a, tenant=x} 8",
            "{host=b, tenant=x} 9",
            "{host=a, tenant=y} 8",
        ],
    );
    // Sets of one size that differ never belong together, here not even one of each.
    check("$B + $C", &inputs, &["{tenant=x} 17"]);
}

#[test]
fn no_labels_belong_to_all() {
    let inputs = given(&[
        (
            "A",
            vec![number("host=a", Some(1.0)), number("host=b", Some(2.0))],
        ),
        ("B", vec![number("", Some(10.0))]),
    ]);
    check("$A + $B", &inputs, &["{host=a} 11", "{host=b} 12"]);
    check("$B - $A", &inputs, &["{host=a} 9", "{host=b} 8"]);
    check("$A * 100 > 150", &inputs, &["{host=a} 0", "{host=b} 1"]);
    check("3 - $A", &inputs, &["{host=a} 2", "{host=b} 1"]);
}

#[test]
fn two_lonely_items_belong_together_without_labels() {
    let inputs = given(&[
        ("A", vec![number("host=a", Some(1.0))]),
        ("B", vec![number("disk=b", Some(2.0))]),
        (
            "C",
            vec![number("disk=b", Some(2.0)), number("disk=c", Some(2.0))],
        ),
    ]);
    check("$A + $B", &inputs, &["{} 3"]);
    check("$A + $C", &inputs, &[]);
}

#[test]
fn series_meet_at_equal_instants() {
    let inputs = given(&[
        (
            "A",
            vec![series(
                "host=a",
                &[(1, Some(1.0)), (2, Some(2.0)), (3, None), (4, Some(4.0))],
            )],
        ),
        (
            "B",
            vec![series(
                "host=a",
                &[(4, Some(40.0)), (3, Some(30.0)), (2, None), (5, Some(50.0))],
            )],
        ),
        ("N", vec![number("host=a", Some(2.0))]),
        ("X", vec![number("host=a", None)]),
    ]);
    check("$A + $B", &inputs, &["{host=a} 2:null 3:null 4:44"]);
    check("$A * $N", &inputs, &["{host=a} 1:2 2:4 3:null 4:8"]);
    check("$N - $A", &inputs, &["{host=a} 1:1 2:0 3:null 4:-2"]);
    check("10 / $A", &inputs, &["{host=a} 1:10 2:5 3:null 4:2.5"]);
    check(
        "$A + $X",
        &inputs,
        &["{host=a} 1:null 2:null 3:null 4:null"],
    );
    check("abs(-$A)", &inputs, &["{host=a} 1:1 2:2 3:NaN 4:4"]);
    check("is_null($A)", &inputs, &["{host=a} 1:0 2:0 3:1 4:0"]);
    check("!$A", &inputs, &["{host=a} 1:0 2:0 3:null 4:0"]);
}

#[test]
fn no_data_stays_no_data() {
    let inputs = given(&[
        ("N", vec![Item::NoData]),
        ("E", vec![]),
        (
            "A",
            vec![number("host=a", Some(1.0)), number("host=b", Some(1.0))],
        ),
    ]);
    check("$N + 1", &inputs, &["no data"]);
    check("1 + $N", &inputs, &["no data"]);
    check("$A + $N", &inputs, &["no data"]);
    check("-$N", &inputs, &["no data"]);
    check("abs($N)", &inputs, &["no data"]);
    check("$E + $A", &inputs, &[]);
    check("$A + $E + 1", &inputs, &[]);
}

/// Numbers over few labels, so that sets are often equal or hold each other.
fn items() -> impl Strategy<Value = Vec<Item>> {
    let labels = prop::collection::btree_map("[ab]", "[xy]", 0..3);
    let value = prop::option::weighted(0.9, (-5i32..5).prop_map(f64::from));
    let item = (labels, value).prop_map(|(labels, value)| {
        Item::Number(Number {
            name: String::new(),
            labels,
            value,
        })
    });
    prop::collection::vec(item, 0..5)
}

/// The union of `pkg/expr/mathexp/exp.go` in its own words: each with each.
fn naive_sum(lefts: &[Item], rights: &[Item]) -> Vec<String> {
    let value = |item: &Item| match item {
        Item::Number(number) => number.value,
        _ => None,
    };
    let holds = |one: &Labels, other: &Labels| {
        other
            .iter()
            .all(|(name, value)| one.get(name) == Some(value))
    };
    let mut sums = Vec::new();
    let mut add = |labels: Labels, left: &Item, right: &Item| {
        let sum = value(left)
            .zip(value(right))
            .map(|(left, right)| left + right);
        sums.push(number_of(labels, sum));
    };
    let mut matched = false;
    for left in lefts {
        for right in rights {
            let (one, other) = (left.labels(), right.labels());
            let labels = if one == other || other.is_empty() {
                one
            } else if one.is_empty() {
                other
            } else if one.len() == other.len() {
                continue;
            } else if holds(one, other) {
                one
            } else if holds(other, one) {
                other
            } else {
                continue;
            };
            matched = true;
            add(labels.clone(), left, right);
        }
    }
    if let ([left], [right], false) = (lefts, rights, matched) {
        add(Labels::new(), left, right);
    }
    shown(&sums)
}

fn number_of(labels: Labels, value: Option<f64>) -> Item {
    Item::Number(Number {
        name: String::new(),
        labels,
        value,
    })
}

proptest! {
    /// The index finds the pairs that comparing each with each finds, in the same order.
    #[test]
    fn joins_are_those_of_grafana(lefts in items(), rights in items()) {
        let inputs = given(&[("A", lefts.clone()), ("B", rights.clone())]);
        let given = run("$A + $B", &inputs).unwrap();
        prop_assert_eq!(shown(&given.items), naive_sum(&lefts, &rights));
    }

    #[test]
    fn joins_commute(lefts in items(), rights in items()) {
        let inputs = given(&[("A", lefts), ("B", rights)]);
        let mut one = shown(&run("$A + $B", &inputs).unwrap().items);
        let mut other = shown(&run("$B + $A", &inputs).unwrap().items);
        one.sort();
        other.sort();
        prop_assert_eq!(one, other);
    }

    /// Whatever people write is read or refused.
    #[test]
    fn reading_ends_without_panic(text in "[$A{}()!<>=&|+*/% 0-9.xeE\\-,\"abn_ü]{0,24}") {
        let _read = super::check(&text);
    }

    /// Operators of one level group from the left.
    #[test]
    fn a_chain_reads_from_the_left(values in prop::collection::vec(1i32..9, 2..8)) {
        let texts: Vec<String> = values.iter().map(ToString::to_string).collect();
        let wanted = values[1..].iter().fold(f64::from(values[0]), |left, right| left - f64::from(*right));
        let given = run(&texts.join(" - "), &Inputs::new()).unwrap();
        prop_assert_eq!(shown(&given.items), [format(wanted)]);
    }
}
