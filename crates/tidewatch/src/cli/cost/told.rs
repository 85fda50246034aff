//! A bill, for people and for programs.

use serde::Serialize;
use tidewatch_aws::cost::{Bill, Plan};

use crate::terminal::{Cell, Column, Look, Table, Tone, wrap};

/// The bill as a table with its sums.
pub(super) fn report(plan: &Plan, bill: &Bill, look: Look) -> String {
    let mut table = Table::new(vec![
        Column::left("part"),
        Column::left("what"),
        Column::right("quantity"),
        Column::right("list price"),
        Column::right("USD a month"),
    ]);
    for line in &bill.lines {
        let price = &line.price;
        table.push(vec![
            Cell::new(line.part.name()),
            Cell::new(line.what),
            Cell::new(figure(line.quantity)),
            Cell::new(format!("{:.2}", line.list_usd)),
            Cell::toned(
                format!("{:.2}", line.usd),
                if price.free > 0.0 {
                    Tone::Muted
                } else {
                    Tone::Plain
                },
            ),
        ]);
    }
    let (list, usd) = bill.total();
    let (_, without_queries) = bill.without_queries();
    let mut text = table.render(look);
    text.push_str(&format!(
        "\n{} a month for {} monitors, {} of it for everything but questions to the store; \
         {list:.2} at list price\n",
        look.paint(Tone::Strong, &format!("{usd:.2} USD")),
        plan.monitors,
        format_args!("{without_queries:.2}"),
    ));
    let about = format!(
        "Prices of {} in {}, approximate, after the allowances that every account has each month. \
         docs/cost.md has the prices, their sources, and what is taken for granted.",
        bill.region, bill.as_of
    );
    text.push_str(&look.paint(Tone::Muted, &wrap(&about, look.width, 0)));
    text.push('\n');
    text
}

/// A quantity with as many digits as say something.
fn figure(quantity: f64) -> String {
    let scaled = [(1e9, " G"), (1e6, " M"), (1e3, " k")]
        .into_iter()
        .find(|(size, _)| quantity >= *size);
    match scaled {
        Some((size, unit)) => format!("{:.1}{unit}", quantity / size),
        None if quantity.fract() == 0.0 => format!("{quantity}"),
        None => format!("{quantity:.2}"),
    }
}

#[derive(Serialize)]
struct Report<'a> {
    monitors: u32,
    interval_s: u32,
    locations: u32,
    attempts: u32,
    as_of: &'a str,
    region: &'a str,
    lines: Vec<Line<'a>>,
    total_usd: f64,
    total_list_usd: f64,
    without_queries_usd: f64,
}

#[derive(Serialize)]
struct Line<'a> {
    part: &'a str,
    what: &'a str,
    quantity: f64,
    unit: &'a str,
    list_usd: f64,
    usd: f64,
}

/// The bill as an indented JSON object.
pub(super) fn json(plan: &Plan, bill: &Bill) -> String {
    let (list, usd) = bill.total();
    let report = Report {
        monitors: plan.monitors,
        interval_s: plan.interval_s,
        locations: plan.locations,
        attempts: plan.attempts,
        as_of: &bill.as_of,
        region: &bill.region,
        lines: bill
            .lines
            .iter()
            .map(|line| Line {
                part: line.part.name(),
                what: line.what,
                quantity: line.quantity,
                unit: &line.price.what,
                list_usd: cents(line.list_usd),
                usd: cents(line.usd),
            })
            .collect(),
        total_usd: cents(usd),
        total_list_usd: cents(list),
        without_queries_usd: cents(bill.without_queries().1),
    };
    let text = serde_json::to_string_pretty(&report)
        .expect("a structure of texts and numbers always has a JSON form");
    text + "\n"
}

fn cents(usd: f64) -> f64 {
    (usd * 100.0).round() / 100.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_are_short() {
        for (quantity, text) in [
            (3.0, "3"),
            (0.25, "0.25"),
            (43_800.0, "43.8 k"),
            (219e6, "219.0 M"),
        ] {
            assert_eq!(figure(quantity), text);
        }
    }
}
