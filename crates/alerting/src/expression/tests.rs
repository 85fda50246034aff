//! Expected values follow from `pkg/expr/mathexp/reduce.go`, `resample.go`, `threshold.go`,
//! `hysteresis.go` and `pkg/expr/classic`, worked out by hand.

mod classic;

use std::time::Duration;

use super::*;
use crate::number::format;
use crate::rule::{
    ClassicCondition, Evaluator, EvaluatorKind, Query, ReduceMode, Reducer, Step, StepKind,
    Upsampler,
};

const NAN: Option<f64> = Some(f64::NAN);
const INF: Option<f64> = Some(f64::INFINITY);

fn labels(host: &str) -> Labels {
    match host {
        "" => Labels::new(),
        host => [("host".to_owned(), host.to_owned())].into(),
    }
}

fn number(host: &str, value: Option<f64>) -> Item {
    Item::Number(Number {
        name: "value".to_owned(),
        labels: labels(host),
        value,
    })
}

fn series(host: &str, values: &[Option<f64>]) -> Item {
    Item::Series(Series {
        name: "cpu".to_owned(),
        labels: labels(host),
        points: (0..)
            .zip(values)
            .map(|(at, value)| (Timestamp::from_secs(at), *value))
            .collect(),
    })
}

fn inputs(items: Vec<Item>) -> Inputs {
    [("A".to_owned(), items)].into()
}

fn shown(items: &[Item]) -> Vec<String> {
    let value = |value: Option<f64>| value.map_or("null".to_owned(), format);
    let items = items.iter();
    items
        .map(|item| {
            let host = item.labels().get("host").cloned().unwrap_or_default();
            match item {
                Item::NoData => "no data".to_owned(),
                Item::Scalar(scalar) => value(*scalar),
                Item::Number(number) => format!("{host} {}", value(number.value)),
                Item::Series(series) => {
                    let points = series.points.iter();
                    let points: Vec<String> = points
                        .map(|(at, point)| format!("{}:{}", at.as_secs(), value(*point)))
                        .collect();
                    format!("{host} {}", points.join(" "))
                }
            }
        })
        .collect()
}

fn work(expression: &Expression, items: Vec<Item>, active: &[&str]) -> Result<Given, String> {
    let active = active.iter().map(|host| labels(host)).collect();
    run(
        expression,
        &inputs(items),
        Timestamp::from_secs(100),
        &active,
    )
}

#[track_caller]
fn check(expression: &Expression, items: Vec<Item>, wanted: &[&str]) {
    let given = work(expression, items, &[]).unwrap();
    assert_eq!(shown(&given.items), wanted, "{expression}");
}

fn reduce(reducer: Reducer, mode: ReduceMode) -> Expression {
    Expression::Reduce {
        input: "A".to_owned(),
        reducer,
        mode,
    }
}

#[test]
fn a_series_becomes_one_number() {
    use Reducer::*;
    let values = [Some(4.0), Some(1.0), Some(3.0), Some(2.0)];
    for (reducer, values, wanted) in [
        (Sum, &values[..], "10"),
        (Mean, &values, "2.5"),
        (Min, &values, "1"),
        (Max, &values, "4"),
        (Count, &values, "4"),
        (Last, &values, "2"),
        (Median, &values, "2.5"),
        (Median, &values[..3], "3"),
        // Of nothing at all.
        (Sum, &[], "0"),
        (Mean, &[], "NaN"),
        (Min, &[], "NaN"),
        (Max, &[], "NaN"),
        (Count, &[], "0"),
        (Last, &[], "NaN"),
        (Median, &[], "NaN"),
        // One null or NaN spoils all but the number of values and the last one.
        (Sum, &[Some(1.0), None], "NaN"),
        (Mean, &[Some(1.0), NAN], "NaN"),
        (Min, &[None, Some(1.0)], "NaN"),
        (Max, &[NAN, Some(1.0)], "NaN"),
        (Median, &[Some(1.0), None, Some(2.0)], "NaN"),
        (Count, &[Some(1.0), None, NAN], "3"),
        (Last, &[None, Some(1.0)], "1"),
        (Last, &[Some(1.0), None], "null"),
        (Last, &[Some(1.0), NAN], "NaN"),
        (Max, &[Some(1.0), INF], "+Inf"),
    ] {
        let wanted = format!("a {wanted}");
        check(
            &reduce(reducer, ReduceMode::Strict),
            vec![series("a", values)],
            &[&wanted],
        );
    }
}

#[test]
fn what_is_no_number_can_be_dropped_or_replaced_before_reducing() {
    use Reducer::*;
    let drop = ReduceMode::DropNonNumeric;
    let replace = ReduceMode::ReplaceNonNumeric(10.0);
    let holes = [Some(1.0), None, NAN, INF, Some(2.0)];
    for (reducer, mode, values, wanted) in [
        (Sum, drop, &holes[..], "3"),
        (Mean, drop, &holes, "1.5"),
        (Count, drop, &holes, "2"),
        (Last, drop, &[Some(1.0), None], "1"),
        // A result that is no number is dropped as well.
        (Mean, drop, &[None, NAN], "null"),
        (Last, drop, &[], "null"),
        (Sum, drop, &[None], "0"),
        (Sum, replace, &holes, "33"),
        (Max, replace, &[Some(1.0), INF], "10"),
        (Last, replace, &[Some(1.0), None], "10"),
        (Mean, replace, &[], "10"),
        (Count, replace, &[], "0"),
    ] {
        let wanted = format!("a {wanted}");
        check(
            &reduce(reducer, mode),
            vec![series("a", values)],
            &[&wanted],
        );
    }
}

#[test]
fn numbers_and_no_data_pass_a_reduction() {
    let items = || vec![number("a", Some(1.0)), number("b", None), number("c", NAN)];
    let strict = reduce(Reducer::Sum, ReduceMode::Strict);
    let given = work(&strict, items(), &[]).unwrap();
    assert_eq!(shown(&given.items), ["a 1", "b null", "c NaN"]);
    assert_eq!(
        given.notices,
        ["Reduce operation is not needed. Input query or expression A is already reduced data."]
    );
    check(
        &reduce(Reducer::Sum, ReduceMode::DropNonNumeric),
        items(),
        &["a 1"],
    );
    check(
        &reduce(Reducer::Sum, ReduceMode::ReplaceNonNumeric(-1.0)),
        items(),
        &["a 1", "b -1", "c -1"],
    );
    check(&strict, vec![Item::NoData], &["no data"]);
    check(&strict, vec![], &[]);
    assert_eq!(
        work(&strict, vec![Item::Scalar(Some(1.0))], &[]),
        Err("can only reduce type series, got type scalar".to_owned())
    );
}

fn evaluator(kind: EvaluatorKind, first: f64, second: f64) -> Evaluator {
    Evaluator {
        kind,
        first,
        second,
    }
}

fn threshold(evaluator: Evaluator, unload: Option<Evaluator>) -> Expression {
    Expression::Threshold {
        input: "A".to_owned(),
        evaluator,
        unload,
    }
}

#[test]
fn thresholds_compare() {
    use EvaluatorKind::*;
    // The verdicts on 1, 2, 3 and NaN, with the limits 1 and 3, or 2 alone.
    for (kind, first, second, wanted) in [
        (Greater, 2.0, 0.0, "0010"),
        (Less, 2.0, 0.0, "1000"),
        (Equal, 2.0, 0.0, "0100"),
        (NotEqual, 2.0, 0.0, "1011"),
        (GreaterOrEqual, 2.0, 0.0, "0110"),
        (LessOrEqual, 2.0, 0.0, "1100"),
        (WithinRange, 1.0, 3.0, "0100"),
        (WithinRangeIncluded, 1.0, 3.0, "1110"),
        (OutsideRange, 1.0, 3.0, "0000"),
        (OutsideRangeIncluded, 1.0, 3.0, "1010"),
        // Limits in the wrong order enclose nothing.
        (WithinRange, 3.0, 1.0, "0000"),
        (OutsideRange, 3.0, 1.0, "1110"),
    ] {
        let items = [Some(1.0), Some(2.0), Some(3.0), NAN]
            .map(|value| number("a", value))
            .to_vec();
        let given = work(&threshold(evaluator(kind, first, second), None), items, &[]).unwrap();
        let verdicts: String = shown(&given.items)
            .iter()
            .map(|text| text.replace("a ", ""))
            .collect();
        assert_eq!(verdicts, wanted, "{kind:?} {first} {second}");
    }
}

#[test]
fn thresholds_keep_shape_and_labels() {
    let above = threshold(evaluator(EvaluatorKind::Greater, 1.0, 0.0), None);
    check(
        &above,
        vec![
            number("a", None),
            Item::Scalar(Some(2.0)),
            Item::NoData,
            series("b", &[Some(2.0), None, Some(1.0)]),
        ],
        &["a null", "1", "no data", "b 0:1 1:null 2:0"],
    );
    check(&above, vec![], &[]);
}

#[test]
fn what_is_active_ends_by_the_recovery_threshold() {
    let expression = threshold(
        evaluator(EvaluatorKind::Greater, 10.0, 0.0),
        Some(evaluator(EvaluatorKind::Less, 5.0, 0.0)),
    );
    let items = || {
        vec![
            number("a", Some(7.0)),
            number("b", Some(11.0)),
            number("c", Some(4.0)),
            number("d", Some(5.0)),
            number("e", None),
        ]
    };
    // Nothing active: all by the first threshold, in order.
    check(
        &expression,
        items(),
        &["a 0", "b 1", "c 0", "d 0", "e null"],
    );
    // Those that are active come last, and stay until they are below 5.
    let given = work(&expression, items(), &["a", "c", "d", "e", "gone"]).unwrap();
    assert_eq!(shown(&given.items), ["b 1", "a 1", "c 0", "d 1", "e null"]);
    // NaN is not below 5 and so does not end it.
    let given = work(&expression, vec![number("a", NAN)], &["a"]).unwrap();
    assert_eq!(shown(&given.items), ["a 1"]);
    // Nothing to judge is no data here, other than with one threshold.
    check(&expression, vec![], &["no data"]);
    check(&expression, vec![Item::NoData], &["no data"]);
}

fn resample(window: u64, downsampler: Reducer, upsampler: Upsampler) -> Expression {
    Expression::Resample {
        input: "A".to_owned(),
        window: Duration::from_secs(window),
        downsampler,
        upsampler,
        // From 0 to 10 s, as the evaluation is at 100 s.
        from: Duration::from_secs(100),
        to: Duration::from_secs(90),
    }
}

#[test]
fn a_series_is_resampled() {
    let item = || {
        let points = [(0, 1.0), (1, 2.0), (2, 3.0), (3, 5.0), (7, 7.0)];
        Item::Series(Series {
            name: "cpu".to_owned(),
            labels: labels("a"),
            points: points
                .map(|(at, value)| (Timestamp::from_secs(at), Some(value)))
                .to_vec(),
        })
    };
    for (window, downsampler, upsampler, wanted) in [
        // An instant takes what lies after the one before it, up to itself.
        (
            3,
            Reducer::Mean,
            Upsampler::Pad,
            "a 0:1 3:3.3333333333333335 6:5 9:7",
        ),
        (3, Reducer::Sum, Upsampler::FillNa, "a 0:1 3:10 6:null 9:7"),
        (3, Reducer::Last, Upsampler::BackFill, "a 0:1 3:5 6:7 9:7"),
        (
            2,
            Reducer::Min,
            Upsampler::FillNa,
            "a 0:1 2:2 4:5 6:null 8:7 10:null",
        ),
        (
            2,
            Reducer::Max,
            Upsampler::BackFill,
            "a 0:1 2:3 4:5 6:7 8:7 10:null",
        ),
        (
            2,
            Reducer::Max,
            Upsampler::Pad,
            "a 0:1 2:3 4:5 6:5 8:7 10:7",
        ),
    ] {
        check(
            &resample(window, downsampler, upsampler),
            vec![item()],
            &[wanted],
        );
    }
    // What is older than the range goes into its first instant.
    let old = Item::Series(Series {
        name: "cpu".to_owned(),
        labels: labels("a"),
        points: vec![
            (Timestamp::from_secs(-5), Some(1.0)),
            (Timestamp::from_secs(-1), Some(3.0)),
        ],
    });
    check(
        &resample(5, Reducer::Mean, Upsampler::FillNa),
        vec![old],
        &["a 0:2 5:null 10:null"],
    );
    // A null that is alone stays, and padding goes on with it.
    check(
        &resample(5, Reducer::Mean, Upsampler::Pad),
        vec![series("a", &[None])],
        &["a 0:null 5:null 10:null"],
    );
    let pad = resample(3, Reducer::Mean, Upsampler::Pad);
    check(&pad, vec![Item::NoData, item()], &["no data"]);
    assert_eq!(
        work(&pad, vec![number("a", NAN)], &[]),
        Err("can only resample type series, got type numberSet".to_owned())
    );
    assert_eq!(
        work(
            &resample(11, Reducer::Mean, Upsampler::Pad),
            vec![item()],
            &[]
        ),
        Err(
            "the series cannot be sampled further; the time range is shorter than the interval"
                .to_owned()
        )
    );
    let fine = Expression::Resample {
        input: "A".to_owned(),
        window: Duration::from_nanos(1),
        downsampler: Reducer::Mean,
        upsampler: Upsampler::Pad,
        from: Duration::from_secs(100),
        to: Duration::ZERO,
    };
    assert!(
        work(&fine, vec![item()], &[])
            .unwrap_err()
            .contains("at most 100000")
    );
}

fn step(name: &str, kind: StepKind) -> Step {
    Step {
        ref_id: name.to_owned(),
        kind,
        place: crate::rule::Place {
            file: "rules.yaml".into(),
            line: 1,
        },
    }
}

fn query(name: &str) -> Step {
    let query = Query {
        datasource_uid: "timestream".to_owned(),
        from: Duration::from_secs(60),
        to: Duration::ZERO,
        raw_query: "SELECT 1".to_owned(),
        database: None,
        table: None,
        measure: None,
        format: crate::rule::Format::Table,
        interval_ms: 1000,
    };
    step(name, StepKind::Query(query))
}

fn math(name: &str, expression: &str) -> Step {
    let expression = expression.to_owned();
    step(name, StepKind::Expression(Expression::Math { expression }))
}

#[test]
fn steps_run_after_what_they_work_on() {
    let steps = [
        math("E", "$D + $C"),
        math("C", "$A + $B"),
        query("B"),
        math("F", "1"),
        math("D", "$C"),
        query("A"),
    ];
    let names = |steps: &[Step]| -> Result<Vec<String>, Cycle> {
        Ok(order(steps)?
            .iter()
            .map(|step| step.ref_id.clone())
            .collect())
    };
    assert_eq!(names(&steps).unwrap(), ["B", "A", "C", "F", "D", "E"]);
    let circle = [
        query("A"),
        math("B", "$C"),
        math("C", "$B"),
        math("D", "$A"),
    ];
    assert_eq!(
        names(&circle),
        Err(Cycle(vec!["B".to_owned(), "C".to_owned()]))
    );
    assert_eq!(names(&[math("A", "$A")]), Err(Cycle(vec!["A".to_owned()])));
}

#[test]
fn expressions_have_words() {
    let recovering = threshold(
        evaluator(EvaluatorKind::GreaterOrEqual, 10.0, 0.0),
        Some(evaluator(EvaluatorKind::WithinRange, 1.0, 2.5)),
    );
    for (expression, wanted) in [
        (
            reduce(Reducer::Mean, ReduceMode::DropNonNumeric),
            "mean of A, what is no number left out",
        ),
        (
            reduce(Reducer::Last, ReduceMode::ReplaceNonNumeric(0.0)),
            "last of A, what is no number as 0",
        ),
        (recovering, "A >= 10, once it holds until between 1 and 2.5"),
        (
            resample(60, Reducer::Max, Upsampler::BackFill),
            "A every 60s, max of several, backfilling for none",
        ),
        (
            self::classic::classic(vec![
                self::classic::condition(
                    Reducer::Mean,
                    evaluator(EvaluatorKind::Greater, 1.0, 0.0),
                    false,
                ),
                self::classic::condition(
                    Reducer::Count,
                    evaluator(EvaluatorKind::NoValue, 0.0, 0.0),
                    true,
                ),
            ]),
            "mean of A > 1 or count of A has no value",
        ),
    ] {
        assert_eq!(expression.to_string(), wanted);
    }
}
