//! Classic conditions.

use super::*;

pub(super) fn condition(reducer: Reducer, evaluator: Evaluator, or: bool) -> ClassicCondition {
    ClassicCondition {
        input: "A".to_owned(),
        reducer,
        evaluator,
        or,
    }
}

pub(super) fn classic(conditions: Vec<ClassicCondition>) -> Expression {
    Expression::ClassicConditions { conditions }
}

/// The reduced value of one series, by asking for what is equal to nothing else.
fn classically_reduced(reducer: Reducer, values: &[Option<f64>]) -> Option<f64> {
    let everything = evaluator(EvaluatorKind::NotEqual, 1e300, 0.0);
    let expression = classic(vec![condition(reducer, everything, false)]);
    let given = work(&expression, vec![series("a", values)], &[]).unwrap();
    given.matches.unwrap().remove(0).value
}

#[test]
fn classic_reducers_pass_over_what_is_no_number() {
    use Reducer::*;
    let holes = [None, Some(4.0), NAN, Some(1.0), Some(2.0), None];
    for (reducer, values, wanted) in [
        (Mean, &holes[..], Some(7.0 / 3.0)),
        (Sum, &holes, Some(7.0)),
        (Min, &holes, Some(1.0)),
        (Max, &holes, Some(4.0)),
        (Count, &holes, Some(6.0)),
        (CountNonNull, &holes, Some(3.0)),
        (Last, &holes, Some(2.0)),
        (Median, &holes, Some(2.0)),
        (
            Median,
            &[Some(4.0), Some(1.0), Some(2.0), Some(8.0)],
            Some(3.0),
        ),
        (Diff, &holes, Some(-2.0)),
        (DiffAbs, &holes, Some(2.0)),
        (PercentDiff, &holes, Some(-50.0)),
        (PercentDiffAbs, &holes, Some(50.0)),
        (PercentDiff, &[Some(-4.0), Some(-2.0)], Some(50.0)),
        // The newest number is the first point: nothing to compare it with.
        (Diff, &[Some(3.0), None], Some(0.0)),
        (PercentDiff, &[Some(3.0)], Some(0.0)),
        (Mean, &[None, NAN], None),
        (Diff, &[None, None], None),
        (CountNonNull, &[None], None),
        (Count, &[None], Some(1.0)),
        (Count, &[], None),
        (Sum, &[], None),
    ] {
        assert_eq!(
            classically_reduced(reducer, values),
            wanted,
            "{reducer:?} {values:?}"
        );
    }
}

#[test]
fn classic_conditions_give_one_number_for_all_series() {
    let above = |limit| evaluator(EvaluatorKind::Greater, limit, 0.0);
    let items = || {
        vec![
            series("a", &[Some(1.0)]),
            series("b", &[Some(5.0)]),
            series("c", &[Some(7.0)]),
        ]
    };
    let one = classic(vec![condition(Reducer::Last, above(3.0), false)]);
    let given = work(&one, items(), &[]).unwrap();
    assert_eq!(shown(&given.items), [" 1"]);
    let found = |host: &str, value| Match {
        metric: "cpu".to_owned(),
        labels: labels(host),
        value: Some(value),
    };
    assert_eq!(given.matches.unwrap(), [found("b", 5.0), found("c", 7.0)]);
    // From left to right: (true or true) and false; false and true or true.
    for (limits, wanted) in [
        ([(3.0, false), (9.0, true), (9.0, false)], " 0"),
        ([(9.0, false), (3.0, false), (3.0, true)], " 1"),
        ([(3.0, false), (3.0, false), (3.0, false)], " 1"),
    ] {
        let conditions = limits.map(|(limit, or)| condition(Reducer::Last, above(limit), or));
        check(&classic(conditions.to_vec()), items(), &[wanted]);
    }
}

#[test]
fn classic_conditions_without_values_are_no_data_unless_that_is_asked() {
    let above = condition(
        Reducer::Last,
        evaluator(EvaluatorKind::Greater, 3.0, 0.0),
        false,
    );
    let absent = condition(
        Reducer::Last,
        evaluator(EvaluatorKind::NoValue, 0.0, 0.0),
        false,
    );
    let no_data = || Match {
        metric: "NoData".to_owned(),
        labels: Labels::new(),
        value: None,
    };
    for items in [vec![], vec![Item::NoData], vec![series("a", &[None])]] {
        let given = work(&classic(vec![above.clone()]), items.clone(), &[]).unwrap();
        assert_eq!(shown(&given.items), [" null"], "{items:?}");
        assert_eq!(given.matches, Some(vec![no_data()]));
        let given = work(&classic(vec![absent.clone()]), items.clone(), &[]).unwrap();
        assert_eq!(shown(&given.items), [" 1"], "{items:?}");
    }
    // One series with a value is enough for a verdict.
    check(
        &classic(vec![above.clone()]),
        vec![series("a", &[None]), series("b", &[Some(1.0)])],
        &[" 0"],
    );
    // Number sets are compared as they are; ranges may stand in either order.
    let within = condition(
        Reducer::Last,
        evaluator(EvaluatorKind::WithinRange, 5.0, 1.0),
        false,
    );
    check(
        &classic(vec![within]),
        vec![number("a", Some(3.0))],
        &[" 1"],
    );
    let outside = condition(
        Reducer::Last,
        evaluator(EvaluatorKind::OutsideRangeIncluded, 5.0, 1.0),
        false,
    );
    check(
        &classic(vec![outside.clone()]),
        vec![number("a", Some(5.0))],
        &[" 1"],
    );
    check(
        &classic(vec![outside]),
        vec![number("a", Some(3.0))],
        &[" 0"],
    );
}
