//! From definitions to rows, states and pages.

use crate::process::{Tidewatch, Told, definitions};
use crate::target::{Site, nobody};

const LAST: &str = "SELECT monitor_id, max_by(outcome, time), avg(latency_ms), \
     max_by(error_class, time) FROM \"CPTMonitoring\".\"WebsiteMonitoringData\" \
     WHERE measure_name = 'probe' AND time > ago(15m) GROUP BY monitor_id ORDER BY monitor_id";

fn entry(id: &str, url: &str, more: &str) -> String {
    format!("{{tenant: demo, monitor_id: {id}, target: \"{url}\", interval: 1s{more}}}")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_monitor_has_a_row_and_the_unreachable_ones_their_cause() {
    let folder = tempfile::tempdir().unwrap();
    let site = Site::start().await;
    let file = definitions(
        folder.path(),
        &[
            entry("fine", &site.url(), ", labels: {env: test}"),
            entry("gone", &nobody().await, ""),
            entry(
                "wrong",
                &site.url(),
                ", assertions: [{on: body, contains: goodbye}]",
            ),
        ],
    );
    let tidewatch = Tidewatch::start(&folder.path().join("data"), &file).await;
    let rows = tidewatch.query_until(LAST, |rows| rows.len() == 3).await;
    let cell = |row: usize, column: usize| rows[row][column].as_deref();
    assert_eq!(
        (cell(0, 0), cell(0, 1), cell(0, 3)),
        (Some("fine"), Some("ok"), None)
    );
    assert!(cell(0, 2).is_some_and(|latency| latency.parse::<f64>().is_ok_and(|ms| ms > 0.0)));
    assert_eq!(
        (cell(1, 0), cell(1, 1), cell(1, 2), cell(1, 3)),
        (Some("gone"), Some("fail"), None, Some("connect_refused"))
    );
    assert_eq!(
        (cell(2, 1), cell(2, 3)),
        (Some("fail"), Some("body_mismatch"))
    );

    let attempts = "SELECT monitor_id, count(*) FROM \
         \"CPTMonitoring\".\"WebsiteMonitoringData_Attempts\" WHERE measure_name = 'attempt' \
         AND time > ago(15m) AND attempt = '5' GROUP BY monitor_id";
    tidewatch
        .query_until(attempts, |rows| !rows.is_empty())
        .await;
    let labels = "SELECT label_env FROM \"CPTMonitoring\".\"WebsiteMonitoringData\" \
         WHERE measure_name = 'monitor' AND monitor_id = 'fine' AND time > ago(15m)";
    let rows = tidewatch.query_until(labels, |rows| !rows.is_empty()).await;
    assert_eq!(rows[0][0].as_deref(), Some("test"));

    let page = tidewatch.page("/").await;
    for id in ["fine", "gone", "wrong", "connect_refused"] {
        assert!(page.contains(id), "{id} is not on the page");
    }
    assert_eq!(tidewatch.interrupt().await, Some(0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_outage_is_one_outage_also_over_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let site = Site::start().await;
    let file = definitions(folder.path(), &[entry("shop", &site.url(), "")]);
    let mut tidewatch = Tidewatch::start(&data, &file).await;
    tidewatch.line_with(&["up", "demo/shop"]).await;
    site.answer(503);
    tidewatch
        .line_with(&["down", "demo/shop", "status_mismatch"])
        .await;
    let states = "SELECT state, epoch, error_class FROM \
         \"CPTMonitoring\".\"WebsiteMonitoringData\" WHERE measure_name = 'state' \
         AND time > ago(15m) ORDER BY time";
    let is_down = |rows: &[Vec<Option<String>>]| {
        rows.last()
            .is_some_and(|row| row[0].as_deref() == Some("down"))
    };
    let before = tidewatch.query_until(states, is_down).await;
    assert_eq!(before.last().unwrap()[1].as_deref(), Some("1"));
    tidewatch.kill().await;

    let mut tidewatch = Tidewatch::start(&data, &file).await;
    site.answer(200);
    tidewatch.line_with(&["recovering", "demo/shop"]).await;
    tidewatch.line_with(&["up", "demo/shop"]).await;
    let is_up = |rows: &[Vec<Option<String>>]| {
        rows.last()
            .is_some_and(|row| row[0].as_deref() == Some("up"))
    };
    let after = tidewatch.query_until(states, is_up).await;
    assert!(after.len() > before.len());
    let outages: std::collections::BTreeSet<_> = after
        .iter()
        .filter(|row| row[0].as_deref() == Some("down"))
        .map(|row| &row[1])
        .collect();
    assert_eq!(outages.len(), 1, "{after:?}");
    assert_eq!(tidewatch.interrupt().await, Some(0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_counted_in_the_minute_of_a_restart_adds_up() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let site = Site::start().await;
    let file = definitions(folder.path(), &[entry("shop", &site.url(), "")]);
    for _ in 0..3 {
        let tidewatch = Tidewatch::start(&data, &file).await;
        let probed = "SELECT count(*) FROM \"CPTMonitoring\".\"WebsiteMonitoringData\" \
             WHERE measure_name = 'probe' AND time > ago(15m)";
        let before = tidewatch.query(probed).await.unwrap();
        tidewatch.query_until(probed, |rows| *rows != before).await;
        assert_eq!(tidewatch.interrupt().await, Some(0));
    }
    // Somebody to ask, who probes nothing.
    let tidewatch = Tidewatch::start(&data, &definitions(folder.path(), &[])).await;
    let ask = async |statement: &str| tidewatch.query(statement).await.unwrap().remove(0);
    let counted = ask("SELECT sum(probes), sum(rows_rejected), count(*) \
         FROM \"CPTMonitoring\".\"WebsiteMonitoringData\" \
         WHERE measure_name = 'ops' AND time > ago(15m)")
    .await;
    let stored = ask(
        "SELECT count(*) FROM \"CPTMonitoring\".\"WebsiteMonitoringData\" \
         WHERE measure_name = 'probe' AND outcome <> 'missed' AND time > ago(15m)",
    )
    .await;
    assert_eq!(counted[0], stored[0]);
    assert_eq!(counted[1].as_deref(), Some("0"));
    let rows: u32 = counted[2].as_deref().unwrap().parse().unwrap();
    assert!(rows >= 3, "a row for each run: {rows}");
    assert_eq!(tidewatch.interrupt().await, Some(0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_tenant_kept_to_public_addresses_reaches_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let site = Site::start().await;
    let guest = entry("inner", &site.url(), "").replace("demo", "guest");
    let file = definitions(folder.path(), &[entry("shop", &site.url(), ""), guest]);
    let data = folder.path().join("data");
    let tidewatch =
        Tidewatch::start_with(&data, &file, &["--tenant-addresses", "guest=public"]).await;
    let rows = tidewatch.query_until(LAST, |rows| rows.len() == 2).await;
    let cell = |row: usize, column: usize| rows[row][column].as_deref();
    assert_eq!(
        (cell(0, 0), cell(0, 1), cell(0, 3)),
        (Some("inner"), Some("unknown"), Some("blocked_address"))
    );
    assert_eq!((cell(1, 0), cell(1, 1)), (Some("shop"), Some("ok")));
    assert_eq!(tidewatch.interrupt().await, Some(0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_signal_ends_it_at_once_and_its_exit_code_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", silent.local_addr().unwrap());
    let slow = format!("{{tenant: demo, monitor_id: slow, target: \"{url}\", interval: 60s}}");
    let file = definitions(folder.path(), &[slow]);
    let mut tidewatch = Told::start(&folder.path().join("data"), &file);
    // A probe runs that does not end by itself for seconds.
    let (_held, _) = silent.accept().await.unwrap();
    tidewatch.interrupt();
    tidewatch.says("finishing what runs").await;
    tidewatch.interrupt();
    assert_eq!(tidewatch.ended().await, Some(130));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_edit_takes_effect_and_a_typo_stops_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let site = Site::start().await;
    let shop = entry("shop", &site.url(), "");
    let file = definitions(folder.path(), std::slice::from_ref(&shop));
    let mut tidewatch = Tidewatch::start(&folder.path().join("data"), &file).await;
    tidewatch.line_with(&["up", "demo/shop"]).await;
    let added = entry("added", &site.url(), "");
    definitions(
        folder.path(),
        &[shop.replace("interval", "intervall"), added],
    );
    tidewatch.line_with(&["up", "demo/added"]).await;
    let page = tidewatch.page("/").await;
    assert!(page.contains("intervall"), "the fault is on the page");
    assert!(
        page.contains("shop"),
        "the faulty entry keeps running as it was"
    );
    let count = "SELECT count(*) FROM \"CPTMonitoring\".\"WebsiteMonitoringData\" \
         WHERE measure_name = 'probe' AND monitor_id = 'shop' AND time > ago(15m)";
    let now = tidewatch.query(count).await.unwrap()[0][0].clone();
    tidewatch.query_until(count, |rows| rows[0][0] != now).await;
    assert_eq!(tidewatch.interrupt().await, Some(0));
}
