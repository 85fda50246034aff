//! Numbers and texts as Go writes them, for what has to be equal to Grafana's byte for byte.

mod number;
mod text;

pub(crate) use number::{decimal, json, precise, scientific_or_decimal};
pub(crate) use text::{matcher_value, query_escape, quote, quote_meta};
