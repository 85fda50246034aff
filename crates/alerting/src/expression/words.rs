//! Expressions in words, and Grafana's names of their parts.

use std::fmt;

use crate::number;
use crate::rule::{
    ClassicCondition, Evaluator, EvaluatorKind, Expression, ReduceMode, Reducer, Upsampler,
};

impl Reducer {
    /// Grafana's name; that of reduce expressions where classic conditions have another.
    pub const fn name(self) -> &'static str {
        match self {
            Reducer::Sum => "sum",
            Reducer::Mean => "mean",
            Reducer::Min => "min",
            Reducer::Max => "max",
            Reducer::Count => "count",
            Reducer::Last => "last",
            Reducer::Median => "median",
            Reducer::Diff => "diff",
            Reducer::DiffAbs => "diff_abs",
            Reducer::PercentDiff => "percent_diff",
            Reducer::PercentDiffAbs => "percent_diff_abs",
            Reducer::CountNonNull => "count_non_null",
        }
    }
}

impl Upsampler {
    /// Grafana's name.
    pub const fn name(self) -> &'static str {
        match self {
            Upsampler::Pad => "pad",
            Upsampler::BackFill => "backfilling",
            Upsampler::FillNa => "fillna",
        }
    }
}

/// `> 5`, `between 1 and 2`.
impl fmt::Display for Evaluator {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let first = number::format(self.first);
        let second = number::format(self.second);
        match self.kind {
            EvaluatorKind::Greater => write!(out, "> {first}"),
            EvaluatorKind::Less => write!(out, "< {first}"),
            EvaluatorKind::Equal => write!(out, "= {first}"),
            EvaluatorKind::NotEqual => write!(out, "!= {first}"),
            EvaluatorKind::GreaterOrEqual => write!(out, ">= {first}"),
            EvaluatorKind::LessOrEqual => write!(out, "<= {first}"),
            EvaluatorKind::WithinRange => write!(out, "between {first} and {second}"),
            EvaluatorKind::OutsideRange => write!(out, "outside of {first} to {second}"),
            EvaluatorKind::WithinRangeIncluded => {
                write!(out, "from {first} to {second}, both included")
            }
            EvaluatorKind::OutsideRangeIncluded => {
                write!(out, "outside of {first} to {second}, both included")
            }
            EvaluatorKind::NoValue => out.write_str("has no value"),
        }
    }
}

/// `mean of A, what is no number left out`; `A > 5, once it holds until < 3`.
impl fmt::Display for Expression {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Expression::Reduce {
                input,
                reducer,
                mode,
            } => {
                write!(out, "{} of {input}", reducer.name())?;
                match mode {
                    ReduceMode::Strict => Ok(()),
                    ReduceMode::DropNonNumeric => out.write_str(", what is no number left out"),
                    ReduceMode::ReplaceNonNumeric(value) => {
                        write!(out, ", what is no number as {}", number::format(*value))
                    }
                }
            }
            Expression::Math { expression } => out.write_str(expression.trim()),
            Expression::Threshold {
                input,
                evaluator,
                unload,
            } => {
                write!(out, "{input} {evaluator}")?;
                match unload {
                    Some(unload) => write!(out, ", once it holds until {unload}"),
                    None => Ok(()),
                }
            }
            Expression::Resample {
                input,
                window,
                downsampler,
                upsampler,
                ..
            } => write!(
                out,
                "{input} every {window:?}, {} of several, {} for none",
                downsampler.name(),
                upsampler.name()
            ),
            Expression::ClassicConditions { conditions } => classic(conditions, out),
        }
    }
}

fn classic(conditions: &[ClassicCondition], out: &mut fmt::Formatter<'_>) -> fmt::Result {
    for (index, condition) in conditions.iter().enumerate() {
        if index > 0 {
            out.write_str(if condition.or { " or " } else { " and " })?;
        }
        let name = condition.reducer.name();
        write!(out, "{name} of {} {}", condition.input, condition.evaluator)?;
    }
    Ok(())
}
