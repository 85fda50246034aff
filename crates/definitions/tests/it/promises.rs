//! What a promise needs so that its alerts can see it broken.

use tidewatch_definitions::{Format, Mode, read};

#[test]
fn a_promise_on_rare_probes_is_warned_of() {
    for (fields, warned) in [
        ("interval: 5m, slo: {availability: 99.9}", true),
        ("interval: 150s, slo: {availability: 99.9}", false),
        // Two locations probe twice as often.
        (
            "interval: 5m, slo: {availability: 99.9}, locations: [a, b]",
            false,
        ),
        ("interval: 5m, slo: {latency_ms: 100}", false),
        ("interval: 5m", false),
    ] {
        let text = format!("- {{tenant: a, monitor_id: b, target: 'http://c.de', {fields}}}");
        let definitions = read(&text, "t.yaml", Format::Yaml, Mode::Local);
        assert_eq!(definitions.monitors.len(), 1, "{fields}");
        let warnings = definitions.warnings;
        assert_eq!(!warnings.is_empty(), warned, "{fields}: {warnings:?}");
        for warning in warnings {
            assert_eq!(warning.field.as_deref(), Some("slo"));
            assert_eq!(
                (warning.problem.as_str(), warning.remedy.as_str()),
                (
                    "is not watched by the alert on a fast burn, which wants 2 bad probes within \
                     5m",
                    "probe every 150s or more often, or rely on the alerts on outages and slow \
                     burns",
                )
            );
        }
    }
}
