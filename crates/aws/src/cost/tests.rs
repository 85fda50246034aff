use std::collections::HashSet;
use std::fmt::Write as _;

use super::prices::PriceId;
use super::*;

const DOCUMENT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/cost.md");

fn bill(change: impl FnOnce(&mut Plan)) -> Bill {
    let mut plan = Plan::new(1_000);
    change(&mut plan);
    estimate(&plan, &Assumptions::default())
}

fn part(bill: &Bill, part: Part) -> f64 {
    bill.sum(|each| each == part).1
}

#[test]
fn the_price_file_has_every_price_once_with_its_source() {
    let prices = prices();
    let ids: HashSet<_> = prices.list.iter().map(|price| price.id).collect();
    assert_eq!(ids.len(), prices.list.len());
    for price in &prices.list {
        assert!(
            price.usd > 0.0 && price.per >= 1.0 && price.free >= 0.0,
            "{price:?}"
        );
        assert!(
            price.source.starts_with("https://aws.amazon.com/"),
            "{price:?}"
        );
    }
    assert_eq!(prices.as_of.len(), "2025-11".len());
    // Every combination finds all the prices that it asks for.
    for monitors in [0, 1, 250, 251, 1_000, 100_000] {
        for store in [StoreKind::Timestream, StoreKind::Bridge] {
            for architecture in [Architecture::X86, Architecture::Arm] {
                for interval_s in [1, 10, 60, 3_600] {
                    let mut plan = Plan::new(monitors);
                    (plan.store, plan.architecture) = (store, architecture);
                    (plan.interval_s, plan.tracing, plan.viewers) = (interval_s, true, 3);
                    let (list, usd) = estimate(&plan, &Assumptions::default()).total();
                    assert!(list.is_finite() && usd >= 0.0 && usd <= list, "{plan:?}");
                }
            }
        }
    }
    assert_eq!(prices.price(PriceId::LambdaArm).of(1e6), 13.3334);
}

#[test]
fn a_bill_of_its_own_adds_up() {
    let bill = bill(|plan| plan.viewers = 2);
    let parts: f64 = bill.lines.iter().map(|line| line.usd).sum();
    assert!((parts - bill.total().1).abs() < 1e-9);
    assert!(bill.without_queries().1 <= bill.total().1);
    assert!(bill.lines.is_sorted_by_key(|line| line.part));
}

#[test]
fn a_thousand_monitors_every_minute_stay_below_twenty_dollars_beside_their_traffic() {
    // The design's goal, on the bridge, without queries. What the requests themselves cost on
    // their way to the targets is the same for every prober in AWS, and told apart. Once four
    // hundred days of rows are kept, the disk is what goes beyond it.
    for (kept_days, most) in [(30, 20.0), (180, 20.0), (400, 23.0)] {
        let bill = bill(|plan| plan.kept_days = kept_days);
        let (_, usd) = bill.sum(|part| !part.is_query() && part != Part::Transfer);
        assert!(usd <= most, "{kept_days} days: {usd}");
    }
}

#[test]
fn the_writer_as_alert_source_saves_the_queries() {
    let of = |alert_source| {
        bill(|plan| {
            plan.store = StoreKind::Timestream;
            plan.alert_source = alert_source;
        })
    };
    let (grafana, writer) = (of(AlertSource::Grafana), of(AlertSource::Writer));
    // 4 TCU for 30 s in each of 43,800 minutes.
    let expected = 4.0 * 30.0 / 3_600.0 * 43_800.0 * 0.518;
    assert!((part(&grafana, Part::AlertQueries) - expected).abs() < 1e-6);
    assert_eq!(part(&writer, Part::AlertQueries), 0.0);
    assert_eq!(grafana.without_queries(), writer.without_queries());
}

#[test]
fn the_bridge_answers_for_nothing() {
    let bill = bill(|plan| plan.viewers = 50);
    assert_eq!(bill.sum(Part::is_query), (0.0, 0.0));
}

#[test]
fn more_costs_more() {
    let base = bill(|_| ()).total().0;
    for change in [
        (|plan: &mut Plan| plan.monitors = 2_000) as fn(&mut Plan),
        |plan| plan.locations = 2,
        |plan| plan.interval_s = 30,
        |plan| plan.attempts = 6,
        |plan| plan.tracing = true,
        |plan| plan.kept_days = 800,
        |plan| plan.layout = Some(Layout::PerMonitor),
    ] {
        let more = bill(change).total().0;
        assert!(more > base, "{more} {base}");
    }
    assert!(bill(|plan| plan.architecture = Architecture::Arm).total().0 < base);
}

#[test]
fn an_allowance_is_used_up_once() {
    let bill = bill(|_| ());
    for id in [
        PriceId::LambdaRequests,
        PriceId::LambdaX86,
        PriceId::SqsRequests,
    ] {
        let lines: Vec<_> = bill
            .lines
            .iter()
            .filter(|line| line.price.id == id)
            .collect();
        let (list, usd) = lines.iter().fold((0.0, 0.0), |(list, usd), line| {
            (list + line.list_usd, usd + line.usd)
        });
        let price = prices().price(id);
        assert!(lines.len() >= 2);
        assert!(list - usd <= price.of(price.free) + 1e-9, "{id:?}");
    }
}

#[test]
fn the_document_has_the_same_tables() {
    let text = std::fs::read_to_string(DOCUMENT).unwrap();
    let mut updated = text.clone();
    for (name, table) in [
        ("bills", bills()),
        ("lines", lines()),
        ("prices", price_table()),
        ("assumptions", assumption_table()),
    ] {
        let (begin, end) = (format!("<!-- {name} -->\n"), format!("<!-- /{name} -->"));
        let from = updated.find(&begin).unwrap() + begin.len();
        let to = updated.find(&end).unwrap();
        updated.replace_range(from..to, &table);
    }
    if std::env::var_os("TIDEWATCH_UPDATE_EXPECTED").is_some() {
        std::fs::write(DOCUMENT, &updated).unwrap();
    } else {
        assert!(
            updated == text,
            "docs/cost.md is not what the code says; run this test with TIDEWATCH_UPDATE_EXPECTED=1"
        );
    }
}

fn bills() -> String {
    let mut table = "| monitors | every | locations | store | first month | after 400 days | of these to targets | alert queries | rollup queries |\n|---:|---:|---:|---|---:|---:|---:|---:|---:|\n".to_owned();
    for (monitors, interval_s, locations) in [
        (100, 60, 1),
        (1_000, 60, 1),
        (1_000, 60, 3),
        (10_000, 60, 1),
    ] {
        for (store, name) in [
            (StoreKind::Bridge, "bridge"),
            (StoreKind::Timestream, "timestream"),
        ] {
            let of = |kept_days| {
                let mut plan = Plan::new(monitors);
                (plan.interval_s, plan.locations) = (interval_s, locations);
                (plan.store, plan.kept_days) = (store, kept_days);
                estimate(&plan, &Assumptions::default())
            };
            let (first, full) = (of(30), of(400));
            let _ = writeln!(
                table,
                "| {monitors} | {interval_s} s | {locations} | {name} | {:.0} | {:.0} | {:.0} | {:.0} | {:.0} |",
                first.without_queries().1,
                full.without_queries().1,
                part(&full, Part::Transfer),
                part(&full, Part::AlertQueries),
                part(&full, Part::RollupQueries),
            );
        }
    }
    table
}

fn lines() -> String {
    let mut table = "| part | what | quantity | unit | list price | after allowances |\n|---|---|---:|---|---:|---:|\n".to_owned();
    for (store, name) in [
        (StoreKind::Bridge, "bridge"),
        (StoreKind::Timestream, "timestream"),
    ] {
        let bill = bill(|plan| (plan.store, plan.alert_source) = (store, AlertSource::Writer));
        let _ = writeln!(table, "| **store {name}** | | | | | |");
        for line in &bill.lines {
            let _ = writeln!(
                table,
                "| {} | {} | {:.0} | {} | {:.2} | {:.2} |",
                line.part.name(),
                line.what,
                line.quantity,
                line.price.what,
                line.list_usd,
                line.usd
            );
        }
        let (list, usd) = bill.total();
        let _ = writeln!(table, "| **total** | | | | **{list:.2}** | **{usd:.2}** |");
    }
    table
}

fn price_table() -> String {
    let prices = prices();
    let mut table = format!(
        "Prices of {} in {}.\n\n| what | US dollars | for | free each month | source |\n|---|---:|---:|---:|---|\n",
        prices.region, prices.as_of
    );
    for price in &prices.list {
        let _ = writeln!(
            table,
            "| {} | {} | {} | {} | <{}> |",
            price.what, price.usd, price.per, price.free, price.source
        );
    }
    table
}

fn assumption_table() -> String {
    let mut table = "| name | value | unit | meaning |\n|---|---:|---|---|\n".to_owned();
    for (name, value, unit, meaning) in Assumptions::default().rows() {
        let _ = writeln!(table, "| `{name}` | {value} | {unit} | {meaning} |");
    }
    table
}
