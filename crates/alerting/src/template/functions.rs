//! The functions of templates.

mod escape;
mod humanize;
mod labels;
mod text;

use std::cmp::Ordering;

use url::Url;

use crate::evaluate::Labels;

use super::value::Value;
use super::{Data, compare, printf};

/// A function that Grafana's alert templates have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Function {
    And,
    Or,
    Not,
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
    Len,
    Index,
    Slice,
    Print,
    Printf,
    Println,
    Html,
    Js,
    UrlQuery,
    UrlQueryEscape,
    Humanize,
    Humanize1024,
    HumanizeDuration,
    HumanizePercentage,
    HumanizeTimestamp,
    Title,
    ToUpper,
    ToLower,
    Match,
    ReReplaceAll,
    SafeHtml,
    StripPort,
    StripDomain,
    ParseDuration,
    Args,
    Query,
    First,
    Label,
    SampleValue,
    StringValue,
    SortByLabel,
    ExternalUrl,
    PathPrefix,
    GraphLink,
    TableLink,
    FilterLabels,
    FilterLabelsRe,
    RemoveLabels,
    RemoveLabelsRe,
}

/// Name, and how many arguments at least and at most.
const NAMES: [(&str, Function, usize, usize); 49] = [
    ("and", Function::And, 1, usize::MAX),
    ("or", Function::Or, 1, usize::MAX),
    ("not", Function::Not, 1, 1),
    ("eq", Function::Eq, 2, usize::MAX),
    ("ne", Function::Ne, 2, 2),
    ("lt", Function::Lt, 2, 2),
    ("le", Function::Le, 2, 2),
    ("gt", Function::Gt, 2, 2),
    ("ge", Function::Ge, 2, 2),
    ("len", Function::Len, 1, 1),
    ("index", Function::Index, 1, usize::MAX),
    ("slice", Function::Slice, 1, 4),
    ("print", Function::Print, 0, usize::MAX),
    ("printf", Function::Printf, 1, usize::MAX),
    ("println", Function::Println, 0, usize::MAX),
    ("html", Function::Html, 0, usize::MAX),
    ("js", Function::Js, 0, usize::MAX),
    ("urlquery", Function::UrlQuery, 0, usize::MAX),
    ("urlQueryEscape", Function::UrlQueryEscape, 1, 1),
    ("humanize", Function::Humanize, 1, 1),
    ("humanize1024", Function::Humanize1024, 1, 1),
    ("humanizeDuration", Function::HumanizeDuration, 1, 1),
    ("humanizePercentage", Function::HumanizePercentage, 1, 1),
    ("humanizeTimestamp", Function::HumanizeTimestamp, 1, 1),
    ("title", Function::Title, 1, 1),
    ("toUpper", Function::ToUpper, 1, 1),
    ("toLower", Function::ToLower, 1, 1),
    ("match", Function::Match, 2, 2),
    ("reReplaceAll", Function::ReReplaceAll, 3, 3),
    ("safeHtml", Function::SafeHtml, 1, 1),
    ("stripPort", Function::StripPort, 1, 1),
    ("stripDomain", Function::StripDomain, 1, 1),
    ("parseDuration", Function::ParseDuration, 1, 1),
    ("args", Function::Args, 0, usize::MAX),
    ("query", Function::Query, 1, 1),
    ("first", Function::First, 1, 1),
    ("label", Function::Label, 2, 2),
    ("value", Function::SampleValue, 1, 1),
    ("strvalue", Function::StringValue, 1, 1),
    ("sortByLabel", Function::SortByLabel, 2, 2),
    ("externalURL", Function::ExternalUrl, 0, 0),
    ("pathPrefix", Function::PathPrefix, 0, 0),
    ("graphLink", Function::GraphLink, 1, 1),
    ("tableLink", Function::TableLink, 1, 1),
    ("filterLabels", Function::FilterLabels, 2, 2),
    ("filterLabelsRe", Function::FilterLabelsRe, 2, 2),
    ("removeLabels", Function::RemoveLabels, 2, 2),
    ("removeLabelsRe", Function::RemoveLabelsRe, 2, 2),
    // Grafana's own misspelling, which older versions know only.
    ("removeLabelslRe", Function::RemoveLabelsRe, 2, 2),
];

impl Function {
    pub(super) fn named(name: &str) -> Option<Self> {
        let mut names = NAMES.iter();
        names
            .find(|(it, ..)| *it == name)
            .map(|(_, function, ..)| *function)
    }

    fn entry(self) -> (&'static str, Function, usize, usize) {
        *NAMES
            .iter()
            .find(|(_, function, ..)| *function == self)
            .expect("the table holds every function")
    }

    /// Whether it can be written with so many arguments; a pipeline may bring one more.
    pub(super) fn check(self, arguments: usize) -> Result<(), String> {
        let (name, _, least, most) = self.entry();
        if arguments > most {
            return Err(format!("{name} takes {most} arguments at most"));
        }
        if arguments + 1 < least {
            return Err(format!("{name} needs {least} arguments"));
        }
        Ok(())
    }

    pub(super) fn call<'a>(
        self,
        arguments: Vec<Value<'a>>,
        data: &Data<'a>,
    ) -> Result<Value<'a>, String> {
        let (name, _, least, most) = self.entry();
        if arguments.len() < least || arguments.len() > most {
            return Err(format!(
                "{name} does not take {} arguments",
                arguments.len()
            ));
        }
        self.run(&arguments, data)
            .map_err(|reason| format!("{name}: {reason}"))
    }

    fn run<'a>(self, given: &[Value<'a>], data: &Data<'a>) -> Result<Value<'a>, String> {
        let text = |place: usize| as_text(given.get(place));
        let number = || as_float(given.first());
        let ordered = |wanted: fn(Ordering) -> bool| match given {
            [left, right] => Ok(compare::order(left, right)?.is_some_and(wanted)),
            _ => Err("two values are needed".to_owned()),
        };
        Ok(match self {
            Function::And => first_that(given, |it| !it.is_true()),
            Function::Or => first_that(given, Value::is_true),
            Function::Not => Value::Bool(!given.iter().all(Value::is_true)),
            Function::Eq => Value::Bool(compare::equal(given)?),
            Function::Ne => Value::Bool(!compare::equal(given)?),
            Function::Lt => Value::Bool(ordered(Ordering::is_lt)?),
            Function::Le => Value::Bool(ordered(Ordering::is_le)?),
            // Go has these as the opposite of the others, so that NaN is greater than everything.
            Function::Gt => Value::Bool(!ordered(Ordering::is_le)?),
            Function::Ge => Value::Bool(!ordered(Ordering::is_lt)?),
            Function::Len => text::length(given)?,
            Function::Index => labels::index(given)?,
            Function::Slice => text::slice(given)?,
            Function::Print => Value::text(printf::print(given)),
            Function::Printf => {
                let values = given.get(1..).unwrap_or_default();
                Value::text(printf::printf(text(0)?, values)?)
            }
            Function::Println => Value::text(printf::println(given)),
            Function::Html => Value::text(escape::html(&joined(given))),
            Function::Js => Value::text(escape::js(&joined(given))),
            Function::UrlQuery => Value::text(crate::go::query_escape(&joined(given))),
            Function::UrlQueryEscape => Value::text(crate::go::query_escape(text(0)?)),
            Function::Humanize => Value::text(humanize::decimal(number()?)),
            Function::Humanize1024 => Value::text(humanize::binary(number()?)),
            Function::HumanizeDuration => Value::text(humanize::duration(number()?)),
            Function::HumanizePercentage => Value::text(humanize::percentage(number()?)),
            Function::HumanizeTimestamp => Value::text(humanize::timestamp(number()?)?),
            Function::Title => Value::text(text::title(text(0)?)),
            Function::ToUpper => Value::text(text::upper(text(0)?)),
            Function::ToLower => Value::text(text::lower(text(0)?)),
            Function::Match => Value::Bool(text::regex(text(0)?)?.is_match(text(1)?)),
            Function::ReReplaceAll => {
                let replaced = text::regex(text(0)?)?.replace_all(text(2)?, text(1)?);
                Value::text(replaced.into_owned())
            }
            Function::SafeHtml => Value::text(text(0)?.to_owned()),
            Function::StripPort => Value::text(text::strip_port(text(0)?)),
            Function::StripDomain => Value::text(text::strip_domain(text(0)?)),
            Function::ParseDuration => Value::Float(text::duration(text(0)?)?),
            Function::Args => Value::Arguments(
                given
                    .iter()
                    .enumerate()
                    .map(|(place, value)| (format!("arg{place}"), value.clone()))
                    .collect(),
            ),
            Function::Query => text(0).map(|_| Value::Samples)?,
            Function::First => return Err("the query found nothing".to_owned()),
            Function::Label | Function::SampleValue | Function::StringValue => {
                return Err("there is no sample".to_owned());
            }
            Function::SortByLabel => match given {
                [Value::Text(_), Value::Samples] => Value::Samples,
                _ => return Err("there is no result of a query".to_owned()),
            },
            Function::ExternalUrl => Value::text(data.external_url),
            Function::PathPrefix => Value::text(
                Url::parse(data.external_url)
                    .map(|address| address.path().to_owned())
                    .unwrap_or_default(),
            ),
            Function::GraphLink => Value::text(labels::explore(text(0)?, false)),
            Function::TableLink => Value::text(labels::explore(text(0)?, true)),
            Function::FilterLabels => {
                let wanted = text(1)?;
                labels::keep(given, |name| name == wanted)?
            }
            Function::RemoveLabels => {
                let unwanted = text(1)?;
                labels::keep(given, |name| name != unwanted)?
            }
            Function::FilterLabelsRe => {
                let wanted = text::regex(text(1)?)?;
                labels::keep(given, |name| wanted.is_match(name))?
            }
            Function::RemoveLabelsRe => {
                let unwanted = text::regex(text(1)?)?;
                labels::keep(given, |name| !unwanted.is_match(name))?
            }
        })
    }
}

/// The first value of the kind, or the last.
fn first_that<'a>(given: &[Value<'a>], wanted: impl Fn(&Value<'a>) -> bool) -> Value<'a> {
    let found = given.iter().find(|it| wanted(it)).or(given.last());
    found.cloned().unwrap_or(Value::Missing)
}

fn as_text<'v>(value: Option<&'v Value<'_>>) -> Result<&'v str, String> {
    match value {
        Some(Value::Text(text)) => Ok(text),
        Some(other) => Err(format!("{} is no text", other.type_name())),
        None => Err("a text is missing".to_owned()),
    }
}

/// Numbers, and texts that read as numbers.
fn as_float(value: Option<&Value<'_>>) -> Result<f64, String> {
    match value {
        Some(Value::Float(number)) => Ok(*number),
        #[expect(
            clippy::cast_precision_loss,
            reason = "Go's float64(int) loses the same digits"
        )]
        Some(Value::Int(number)) => Ok(*number as f64),
        Some(Value::Text(text)) => text.parse().map_err(|_| format!("`{text}` is no number")),
        Some(other) => Err(format!(
            "{} is no number; write $values.A.Value for the number of a step",
            other.type_name()
        )),
        None => Err("a number is missing".to_owned()),
    }
}

fn as_labels<'v>(value: Option<&'v Value<'_>>) -> Result<&'v Labels, String> {
    match value {
        Some(Value::Labels(labels)) => Ok(labels),
        Some(other) => Err(format!("{} is no labels", other.type_name())),
        None => Err("labels are missing".to_owned()),
    }
}

/// What the functions that escape work on: all values as one text.
fn joined(given: &[Value<'_>]) -> String {
    let shown: Vec<Value<'_>> = given
        .iter()
        .map(|value| match value {
            Value::Missing => Value::text(value.shown()),
            value => value.clone(),
        })
        .collect();
    printf::print(&shown)
}
