//! Numbers and texts as Go writes them, for what has to be equal to Grafana's byte for byte;
//! `%v` of a number is [`crate::number`].

mod number;
mod text;

pub(crate) use number::{decimal, json, precise};
pub(crate) use text::{is_printable, matcher_value, query_escape, quote, quote_meta};
