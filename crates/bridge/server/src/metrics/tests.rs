use super::*;

#[test]
fn the_page_is_in_the_text_format() {
    let metrics = Metrics::default();
    metrics.called("Query", OK, Duration::from_millis(3));
    metrics.called("Query", OK, Duration::from_secs(60));
    metrics.called("Query", "ValidationException", Duration::from_micros(100));
    metrics.records.rejected(Rejection::Version);
    metrics.records.memory_store.fetch_add(5, Ordering::Relaxed);
    let mut stats = Stats::default();
    stats.log_syncs = 4;
    stats.log_sync_micros = 2_500_000;
    stats.log_bytes = 7;
    let page = metrics.page(
        &stats,
        Moment {
            running: 2,
            open: 1,
        },
    );
    for line in [
        "# TYPE tidewatch_bridge_requests_total counter",
        r#"tidewatch_bridge_requests_total{operation="Query",status="ok"} 2"#,
        r#"tidewatch_bridge_requests_total{operation="Query",status="ValidationException"} 1"#,
        r#"tidewatch_bridge_request_duration_seconds_bucket{operation="Query",le="0.0005"} 1"#,
        r#"tidewatch_bridge_request_duration_seconds_bucket{operation="Query",le="0.005"} 2"#,
        r#"tidewatch_bridge_request_duration_seconds_bucket{operation="Query",le="30"} 2"#,
        r#"tidewatch_bridge_request_duration_seconds_bucket{operation="Query",le="+Inf"} 3"#,
        r#"tidewatch_bridge_request_duration_seconds_sum{operation="Query"} 60.0031"#,
        r#"tidewatch_bridge_request_duration_seconds_count{operation="Query"} 3"#,
        r#"tidewatch_bridge_records_written_total{store="memory"} 5"#,
        r#"tidewatch_bridge_records_rejected_total{reason="version"} 1"#,
        r#"tidewatch_bridge_records_rejected_total{reason="window"} 0"#,
        "tidewatch_bridge_queries_running 2",
        "tidewatch_bridge_results_open 1",
        r#"tidewatch_store_bytes{part="log"} 7"#,
        "tidewatch_store_read_only 0",
        "tidewatch_store_log_sync_seconds_sum 2.5",
        "tidewatch_store_log_sync_seconds_count 4",
    ] {
        assert!(
            page.lines().any(|found| found == line),
            "{line} is not in\n{page}"
        );
    }
    let families: Vec<_> = page
        .lines()
        .filter(|line| line.starts_with("# TYPE"))
        .collect();
    let mut unique = families.clone();
    unique.dedup();
    assert_eq!(families, unique);
    assert!(page.ends_with('\n'));
}
