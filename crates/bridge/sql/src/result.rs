//! From Arrow to the Query API's text forms.

mod cells;
mod double;
mod instant;

pub(crate) use cells::{cell, rows};
pub(crate) use double::java_double;
pub(crate) use instant::{
    date_text, day_to_second_text, time_text, timestamp_text, year_to_month_text,
};
