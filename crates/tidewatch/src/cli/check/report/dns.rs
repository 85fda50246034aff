//! What a name server answered.

use tidewatch_domain::probe::{DnsFacts, Rcode};

use super::{counted, labelled, section};
use crate::terminal::{Cell, Column, Look, Table, Tone};

/// The response code, the flags, and a row for each record.
pub(super) fn render(facts: &DnsFacts, look: Look) -> String {
    let tone = match facts.rcode {
        Rcode::NOERROR => Tone::Good,
        _ => Tone::Bad,
    };
    let mut text = section("DNS answer", look);
    let mut line = |label, value: &str, tone| text.push_str(&labelled(label, value, tone, look));
    line("code", &facts.rcode.to_string(), tone);
    if !facts.flags.is_empty() {
        let flags: Vec<&str> = facts.flags.iter().map(|flag| flag.name()).collect();
        line("flags", &flags.join(" "), Tone::Plain);
    }
    let again = match facts.cut_off_over_udp {
        true => ", because the answer over udp was cut off",
        false => "",
    };
    let transport = format!("{}{again}", facts.transport.name());
    line("transport", &transport, Tone::Plain);
    if facts.authorities > 0 {
        line(
            "authority",
            &counted(facts.authorities, "record"),
            Tone::Plain,
        );
    }
    if facts.answers.is_empty() {
        line("records", "none", Tone::Muted);
        return text;
    }
    let mut table = Table::new(vec![
        Column::left("name"),
        Column::right("TTL s"),
        Column::left("type"),
        Column::left("data"),
    ]);
    for record in &facts.answers {
        table.push(vec![
            Cell::new(&record.name),
            Cell::new(record.ttl.to_string()),
            Cell::new(&record.record_type),
            Cell::new(&record.data),
        ]);
    }
    text + &table.render(look)
}
