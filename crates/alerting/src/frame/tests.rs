//! Expected frames and errors are worked out by hand from the plugin's `helper.go` and the SDK's
//! `time_series.go`.

use proptest::prelude::*;
use tidewatch_domain::Timestamp;

use super::*;
use crate::expression::{Item, Number, Series};
use crate::rule::Format;
use crate::source::{Answer, Cell, Column, ColumnKind};

fn answer(columns: &[(&str, ColumnKind)], rows: &[&[&str]]) -> Answer {
    let cell = |text: &&str| match *text {
        "-" => Cell::Null,
        text => Cell::Scalar(text.to_owned()),
    };
    Answer {
        columns: columns
            .iter()
            .map(|(name, kind)| Column {
                name: (*name).to_owned(),
                kind: kind.clone(),
            })
            .collect(),
        rows: rows
            .iter()
            .map(|row| row.iter().map(cell).collect())
            .collect(),
    }
}

fn seconds(seconds: i64) -> Timestamp {
    Timestamp::from_secs(seconds)
}

fn labels(pairs: &[(&str, &str)]) -> Labels {
    let pairs = pairs.iter();
    pairs
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

fn read(answer: &Answer, format: Format) -> Result<Vec<Item>, String> {
    items(&of_answer(answer, format)?.frames)
}

/// Labels and points or value of each item, with nulls as NaN.
fn shown(items: &[Item]) -> Vec<String> {
    let value = |value: &Option<f64>| value.map_or("null".to_owned(), crate::number::format);
    let items = items.iter();
    items
        .map(|item| match item {
            Item::NoData => "no data".to_owned(),
            Item::Scalar(scalar) => value(scalar),
            Item::Number(number) => format!("{:?} = {}", number.labels, value(&number.value)),
            Item::Series(series) => {
                let points = series.points.iter();
                let points: Vec<String> = points
                    .map(|(at, point)| format!("{}:{}", at.as_secs(), value(point)))
                    .collect();
                format!("{} {:?} = {}", series.name, series.labels, points.join(" "))
            }
        })
        .collect()
}

const TIME: ColumnKind = ColumnKind::Timestamp;
const TEXT: ColumnKind = ColumnKind::Varchar;
const DOUBLE: ColumnKind = ColumnKind::Double;

#[test]
fn a_table_of_texts_and_one_number_is_a_number_set() {
    let answer = answer(
        &[("tenant", TEXT), ("value", DOUBLE), ("monitor_id", TEXT)],
        &[&["acme", "1.5E1", "shop"], &["acme", "-", "-"]],
    );
    let number = |labels, value| {
        Item::Number(Number {
            name: "value".to_owned(),
            labels,
            value: Some(value),
        })
    };
    let items = read(&answer, Format::Table).unwrap();
    assert_eq!(
        items[0],
        number(labels(&[("tenant", "acme"), ("monitor_id", "shop")]), 15.0)
    );
    // A null number is NaN, a null text is empty.
    let Item::Number(second) = &items[1] else {
        panic!("{items:?}")
    };
    assert_eq!(
        second.labels,
        labels(&[("tenant", "acme"), ("monitor_id", "")])
    );
    assert!(second.value.is_some_and(f64::is_nan));
    // The format asks for no more than a pivot where there is one.
    assert_eq!(read(&answer, Format::TimeSeries).unwrap()[0], items[0]);
}

#[test]
fn whole_numbers_count_as_numbers() {
    let answer = answer(&[("n", ColumnKind::Bigint)], &[&["9007199254740993"]]);
    // As a float it cannot be told from its neighbour.
    assert_eq!(
        shown(&read(&answer, Format::Table).unwrap()),
        ["{} = 9.007199254740992e+15"]
    );
}

#[test]
fn tables_that_are_neither_series_nor_numbers_are_refused_in_grafanas_words() {
    let wanted =
        |kind| format!("input data must be a wide series but got type {kind} (input refid)");
    for (columns, kind) in [
        (&[("a", DOUBLE), ("b", DOUBLE)][..], "not"),
        (&[("a", DOUBLE), ("up", ColumnKind::Boolean)], "not"),
        (&[("a", TEXT)], "not"),
        (&[("time", TIME), ("a", TEXT)], "not"),
        (&[("time", TIME), ("a", TEXT), ("v", DOUBLE)], "long"),
        (
            &[("time", TIME), ("up", ColumnKind::Boolean), ("v", DOUBLE)],
            "long",
        ),
    ] {
        let answer = answer(columns, &[]);
        assert_eq!(
            read(&answer, Format::Table),
            Err(wanted(kind)),
            "{columns:?}"
        );
    }
    // Without a row nothing is pivoted, so that what would be a series is not one.
    let empty = answer(&[("time", TIME), ("a", TEXT), ("v", DOUBLE)], &[]);
    assert_eq!(read(&empty, Format::TimeSeries), Err(wanted("long")));
}

#[test]
fn a_wide_table_has_a_series_for_each_column() {
    let answer = answer(
        &[("v", DOUBLE), ("at", TIME), ("n", ColumnKind::Integer)],
        &[
            &["1", "1970-01-01 00:00:10.000000000", "7"],
            &["-", "1970-01-01 00:00:05", "-"],
        ],
    );
    assert_eq!(
        shown(&read(&answer, Format::Table).unwrap()),
        ["v {} = 10:1 5:null", "n {} = 10:7 5:null"]
    );
}

#[test]
fn wide_tables_have_to_have_times_and_numbers() {
    let null = answer(&[("time", TIME), ("v", DOUBLE)], &[&["-", "1"]]);
    assert_eq!(
        read(&null, Format::Table),
        Err("time series with null time stamps are not supported".to_owned())
    );
    let times = answer(
        &[("time", TIME), ("other", TIME)],
        &[&["1970-01-01 00:00:01", "1970-01-01 00:00:01"]],
    );
    let error = Err("no float64 value column found in frame ".to_owned());
    assert_eq!(read(&times, Format::Table), error);
    // Nothing says of an empty column of whole numbers that it is numeric; fractions are.
    let whole = answer(&[("time", TIME), ("v", ColumnKind::Bigint)], &[]);
    assert_eq!(read(&whole, Format::Table), error);
    let fractions = answer(&[("time", TIME), ("v", DOUBLE)], &[]);
    assert_eq!(
        shown(&read(&fractions, Format::Table).unwrap()),
        ["v {} = "]
    );
}

#[test]
fn long_series_become_wide_ones() {
    let answer = answer(
        &[
            ("time", TIME),
            ("host", TEXT),
            ("up", ColumnKind::Boolean),
            ("cpu", DOUBLE),
            ("ram", ColumnKind::Bigint),
        ],
        &[
            &["1970-01-01 00:00:01", "b", "true", "1.5", "10"],
            &["1970-01-01 00:00:01", "a", "true", "2.5", "20"],
            &["1970-01-01 00:00:02", "b", "true", "3.5", "-"],
            &["1970-01-01 00:00:03", "a", "-", "4.5", "40"],
            &["1970-01-01 00:00:03", "b", "true", "5.5", "50"],
            // The same instant and factors again: the later row stays.
            &["1970-01-01 00:00:03", "b", "true", "6.5", "60"],
        ],
    );
    let of = |name: &str, host: &str, up: &str, points: &str| {
        format!(
            "{name} {:?} = {points}",
            labels(&[("host", host), ("up", up)])
        )
    };
    assert_eq!(
        shown(&read(&answer, Format::TimeSeries).unwrap()),
        [
            of("cpu", "a", "false", "1:null 2:null 3:4.5"),
            of("cpu", "a", "true", "1:2.5 2:null 3:null"),
            of("cpu", "b", "true", "1:1.5 2:3.5 3:6.5"),
            of("ram", "a", "false", "1:null 2:null 3:40"),
            of("ram", "a", "true", "1:20 2:null 3:null"),
            of("ram", "b", "true", "1:10 2:null 3:60"),
        ]
    );
}

#[test]
fn long_series_out_of_order_or_without_time_are_refused() {
    let columns = &[("time", TIME), ("host", TEXT), ("v", DOUBLE)];
    let unsorted = answer(
        columns,
        &[
            &["1970-01-01 00:00:02", "a", "1"],
            &["1970-01-01 00:00:01", "a", "1"],
        ],
    );
    assert_eq!(
        read(&unsorted, Format::TimeSeries),
        Err("error formatting as timeseries: unable to process the data because it is not sorted in ascending order by time, please updated your query to sort the data by time if possible".to_owned())
    );
    let null = answer(
        columns,
        &[&["1970-01-01 00:00:02", "a", "1"], &["-", "a", "1"]],
    );
    assert_eq!(
        read(&null, Format::TimeSeries),
        Err("error formatting as timeseries: unable to process the data to wide series because input has null time values, make sure all time values are not null".to_owned())
    );
    let twice = answer(
        &[
            ("time", TIME),
            ("host", TEXT),
            ("host", TEXT),
            ("v", DOUBLE),
        ],
        &[&["1970-01-01 00:00:02", "a", "b", "1"]],
    );
    let error = read(&twice, Format::TimeSeries).unwrap_err();
    assert!(
        error.starts_with("error formatting as timeseries: duplicate key 'a' in lables"),
        "{error}"
    );
}

#[test]
fn each_time_series_is_a_frame_with_the_scalars_as_labels() {
    let series = |points: &[(&str, Option<&str>)]| {
        let points = points.iter();
        Cell::Series(
            points
                .map(|(at, value)| ((*at).to_owned(), value.map(str::to_owned)))
                .collect(),
        )
    };
    let mut answer = answer(
        &[
            ("host", TEXT),
            ("n", ColumnKind::Bigint),
            ("list", ColumnKind::Nested),
            ("cpu", ColumnKind::TimeSeries(Box::new(DOUBLE))),
        ],
        &[&["a", "7", "[1]"], &["-", "8", "[2]"]],
    );
    answer.rows[0].push(series(&[
        ("1970-01-01 00:00:02.000000000", Some("1.5")),
        ("1970-01-01 00:00:01", None),
    ]));
    answer.rows[1].push(Cell::Null);
    assert_eq!(
        shown(&read(&answer, Format::Table).unwrap()),
        [
            format!(
                "cpu {:?} = 2:1.5 1:null",
                labels(&[("host", "a"), ("n", "7")])
            ),
            format!("cpu {:?} = ", labels(&[("n", "8")])),
        ]
    );
    answer.rows[1][3] = Cell::Scalar("1".to_owned());
    assert_eq!(
        read(&answer, Format::Table),
        Err("expecting timeseries column at: 3".to_owned())
    );
    answer.rows.clear();
    // Not even a frame with columns is left: no data.
    assert_eq!(read(&answer, Format::Table), Ok(vec![Item::NoData]));
}

#[test]
fn what_cannot_be_read_is_null_and_told_once() {
    let answer = answer(
        &[("a", TEXT), ("gone", ColumnKind::Unknown), ("v", DOUBLE)],
        &[&["x", "?", "many"], &["y", "?", "few"]],
    );
    let made = of_answer(&answer, Format::Table).unwrap();
    assert_eq!(
        made.notices,
        [
            "unsupported scalar value: UNKNOWN",
            "Error parsing: row:0, column:2"
        ]
    );
    assert_eq!(made.frames[0].fields.len(), 2);
    assert_eq!(
        made.frames[0].fields[1].cells,
        Cells::Doubles(vec![None, None])
    );
}

#[test]
fn texts_of_the_query_api_are_read_as_the_plugin_reads_them() {
    let one = |kind: ColumnKind, text: &str| {
        let answer = answer(&[("c", kind)], &[&[text]]);
        of_answer(&answer, Format::Table).unwrap().frames[0].fields[0]
            .cells
            .clone()
    };
    let at = |nanos| Cells::Times(vec![Some(Timestamp::from_nanos(nanos))]);
    for (kind, text, wanted) in [
        (
            TIME,
            "1970-01-02 00:00:00.000000001",
            at(86_400_000_000_001),
        ),
        (TIME, "1969-12-31 23:59:59.5", at(-500_000_000)),
        (TIME, "soon", Cells::Times(vec![None])),
        (ColumnKind::Date, "1970-01-03", at(172_800_000_000_000)),
        (ColumnKind::Time, "00:00:01.5", at(1_500_000_000)),
        (
            ColumnKind::Integer,
            "2147483647",
            Cells::Integers(vec![Some(2_147_483_647)]),
        ),
        (
            ColumnKind::Integer,
            "2147483648",
            Cells::Integers(vec![None]),
        ),
        (ColumnKind::Bigint, "-5", Cells::Integers(vec![Some(-5)])),
        (
            DOUBLE,
            "Infinity",
            Cells::Doubles(vec![Some(f64::INFINITY)]),
        ),
        (ColumnKind::Boolean, "T", Cells::Booleans(vec![Some(true)])),
        (ColumnKind::Boolean, "yes", Cells::Booleans(vec![None])),
        (
            ColumnKind::Interval,
            "0 00:01:00.000000000",
            Cells::Texts(vec![Some("0 00:01:00.000000000".to_owned())]),
        ),
        (
            ColumnKind::Nested,
            "-",
            Cells::Texts(vec![Some(String::new())]),
        ),
    ] {
        assert_eq!(one(kind.clone(), text), wanted, "{kind:?} {text}");
    }
    let Cells::Doubles(nan) = one(DOUBLE, "NaN") else {
        panic!("a double is a double")
    };
    assert!(nan[0].is_some_and(f64::is_nan));
}

proptest! {
    /// Each row of a long series is found at its instant in the series of its labels, and the wide
    /// frame has no other values.
    #[test]
    fn a_pivot_keeps_all_values(rows in prop::collection::btree_map((0i64..6, 0u8..3, 0u8..3), -50i32..50, 1..20)) {
        let rows: Vec<((i64, u8, u8), i32)> = rows.into_iter().collect();
        let texts: Vec<[String; 4]> = rows
            .iter()
            .map(|((at, a, b), value)| [format!("1970-01-01 00:00:{at:02}"), format!("a{a}"), format!("b{b}"), value.to_string()])
            .collect();
        let texts: Vec<Vec<&str>> = texts.iter().map(|row| row.iter().map(String::as_str).collect()).collect();
        let texts: Vec<&[&str]> = texts.iter().map(Vec::as_slice).collect();
        let answer = answer(&[("time", TIME), ("a", TEXT), ("b", TEXT), ("v", DOUBLE)], &texts);
        let items = read(&answer, Format::TimeSeries).unwrap();
        let mut found = Vec::new();
        for item in &items {
            let Item::Series(Series { labels, points, .. }) = item else {
                panic!("{item:?}")
            };
            prop_assert!(points.iter().map(|(at, _)| at).is_sorted());
            for (at, value) in points {
                if let Some(value) = value {
                    found.push((*at, labels.clone(), *value));
                }
            }
        }
        prop_assert_eq!(found.len(), rows.len());
        for ((at, a, b), value) in rows {
            let wanted = labels(&[("a", &format!("a{a}")), ("b", &format!("b{b}"))]);
            prop_assert!(found.contains(&(seconds(at), wanted, f64::from(value))));
        }
    }
}
