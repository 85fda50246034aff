use std::time::Duration;

use super::*;

fn micros(micros: u64) -> Duration {
    Duration::from_micros(micros)
}

fn waterfall(lengths: &[(&'static str, u64, bool)]) -> Waterfall {
    let mut bars = Vec::new();
    let mut start = Duration::ZERO;
    for (position, (name, length, ended)) in lengths.iter().enumerate() {
        let length = micros(*length);
        bars.push(Bar {
            name,
            tone: Tone::Phase(position),
            start,
            length,
            ended: *ended,
        });
        start += length;
    }
    Waterfall { bars, total: start }
}

fn https() -> Waterfall {
    waterfall(&[
        ("resolve", 12_300, true),
        ("connect", 20_100, true),
        ("tls", 41_000, true),
        ("send", 40, true),
        ("wait", 52_800, true),
        ("transfer", 460, true),
    ])
}

#[track_caller]
fn check(waterfall: &Waterfall, columns: usize, wanted: &str) {
    let drawn = waterfall.render(Look::plain(columns), waterfall.total);
    assert_eq!(drawn, wanted, "drawn:\n{drawn}");
    assert!(drawn.lines().all(|line| width(line) <= columns), "{drawn}");
}

#[test]
fn narrow_terminals_have_bars_and_lengths() {
    check(&https(), 60, WANTED_60);
}

#[test]
fn eighty_columns_have_starts_as_well() {
    check(&https(), 80, WANTED_80);
}

#[test]
fn wide_terminals_have_longer_bars() {
    check(&https(), 120, WANTED_120);
}

#[test]
fn a_phase_that_did_not_end_is_a_shade() {
    let cut = waterfall(&[("resolve", 1_000, true), ("connect", 3_000_000, false)]);
    check(&cut, 60, WANTED_CUT);
}

#[test]
fn a_common_scale_keeps_attempts_comparable() {
    let short = waterfall(&[("wait", 1_000, true)]);
    let drawn = short.render(Look::plain(40), micros(4_000));
    assert_eq!(drawn, WANTED_SCALE, "drawn:\n{drawn}");
}

#[test]
fn nothing_takes_no_time_and_does_not_panic() {
    for (columns, scale) in [(0, 0), (1, 1), (20, 0), (60, 5)] {
        let nothing = waterfall(&[("resolve", 0, true), ("connect", 0, false)]);
        assert_eq!(
            nothing
                .render(Look::plain(columns), micros(scale))
                .lines()
                .count(),
            3
        );
    }
    let beyond = waterfall(&[("wait", 10_000, true), ("transfer", 10_000, true)]);
    assert_eq!(beyond.render(Look::plain(60), micros(1)).lines().count(), 3);
}

const WANTED_60: &str = concat!(
    "  resolve   ███▊                                     12.3 ms\n",
    "  connect      ▐█████▊                               20.1 ms\n",
    "  tls                ▐████████████                   41.0 ms\n",
    "  send                            ▏                   0.0 ms\n",
    "  wait                            ███████████████▉   52.8 ms\n",
    "  transfer                                       ▏    0.5 ms\n",
    "  total     ──────────────────────────────────────  126.7 ms\n",
);
const WANTED_80: &str = concat!(
    "  resolve   ████▏                                         12.3 ms  from   0.0 ms\n",
    "  connect       ███████                                   20.1 ms  from  12.3 ms\n",
    "  tls                  █████████████▉                     41.0 ms  from  32.4 ms\n",
    "  send                              ▏                      0.0 ms  from  73.4 ms\n",
    "  wait                              ▐█████████████████▉   52.8 ms  from  73.4 ms\n",
    "  transfer                                            ▏    0.5 ms  from 126.2 ms\n",
    "  total     ───────────────────────────────────────────  126.7 ms\n",
);
const WANTED_120: &str = concat!(
    "  resolve   ████████                                                                              12.3 ms  from   0.0 ms\n",
    "  connect           █████████████▎                                                                20.1 ms  from  12.3 ms\n",
    "  tls                            ███████████████████████████▏                                     41.0 ms  from  32.4 ms\n",
    "  send                                                      ▏                                      0.0 ms  from  73.4 ms\n",
    "  wait                                                      ██████████████████████████████████▊   52.8 ms  from  73.4 ms\n",
    "  transfer                                                                                    ▎    0.5 ms  from 126.2 ms\n",
    "  total     ───────────────────────────────────────────────────────────────────────────────────  126.7 ms\n",
);
const WANTED_CUT: &str = concat!(
    "  resolve  ▏                                          1.0 ms\n",
    "  connect  ░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░  3000.0 ms\n",
    "  total    ──────────────────────────────────────  3001.0 ms\n",
);
const WANTED_SCALE: &str = concat!(
    "  wait   █████▊                   1.0 ms\n",
    "  total  ──────                   1.0 ms\n",
);
