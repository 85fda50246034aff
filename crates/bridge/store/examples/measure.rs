#![allow(missing_docs, clippy::all, clippy::pedantic, clippy::print_stdout, clippy::unwrap_used, reason = "temporary")]
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use tidewatch_store::*;
use datafusion::prelude::*;
#[derive(Debug)]
struct C;
impl Clock for C { fn now(&self) -> i64 { SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos() as i64 } }
fn probe(m: usize, t: i64) -> Record {
    let mut v = Vec::new();
    for (i, n) in ["latency_ms","latency_min_ms","latency_max_ms","latency_median_ms","resolve_ms","connect_ms","tls_ms","send_ms","wait_ms","transfer_ms","ttfb_ms","total_ms","start_lag_ms","prober_lag_ms","rtt_ms","cert_days"].iter().enumerate() {
        v.push((n.to_string(), Value::Double(((m * 7919 + i * 104729) as f64 + (t / 1_000_000_000) as f64 * 0.37).sin().abs() * 100.0)));
    }
    for n in ["status_code","attempts","failed_attempts","bytes","interval_s","degraded_ms","exceeded_ms"] { v.push((n.to_string(), Value::Bigint(200))); }
    for n in ["up","tainted","late","in_maintenance"] { v.push((n.to_string(), Value::Boolean(m % 97 != 0))); }
    for (n, s) in [("outcome","ok"),("phase_reached","transfer"),("conn","fresh"),("http_version","HTTP/1.1"),("remote_addr","203.0.113.17:443"),("severity","page")] { v.push((n.to_string(), Value::Varchar(s.to_string()))); }
    Record { dimensions: vec![("tenant".into(),"acme".into()),("monitor_id".into(),format!("monitor-{m:05}")),("location".into(),"eu-central-1".into()),("kind".into(),"http".into())], measure_name: "probe".into(), time: t, version: 1, measures: Measures::Multi(v) }
}
#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let dir = std::env::args().nth(1).unwrap();
    let _ = std::fs::remove_dir_all(&dir);
    let clock = Arc::new(C);
    let mut o = Options::new(clock.clone());
    o.housekeeping_every = Duration::ZERO; o.head_bytes = 4 << 30;
    let store = Store::open(std::path::Path::new(&dir), o).await.unwrap();
    store.create_database("d", None).await.unwrap();
    store.create_table("d", "t", TableSpec{ retention: Retention{memory_hours:24, magnetic_days:400}, magnetic_writes:true, ..Default::default()}).await.unwrap();
    let now = clock.now();
    let hour = 3_600_000_000_000i64; let start = (now / hour) * hour - hour;
    // 32 writers x requests of 100
    let writers = 32; let per = 100; let total = 600_000usize;
    let mut batches: Vec<Vec<Vec<Record>>> = vec![Vec::new(); writers];
    for (n, chunk) in (0..total).collect::<Vec<_>>().chunks(per).enumerate() {
        batches[n % writers].push(chunk.iter().map(|i| probe(i % 10_000, start + (i / 10_000) as i64 * 60_000_000_000)).collect());
    }
    let t = Instant::now();
    let tasks: Vec<_> = batches.into_iter().map(|b| { let s = store.clone(); tokio::spawn(async move {
        let mut worst = Duration::ZERO;
        for r in b { let t = Instant::now(); let w = s.write("d","t",r).await.unwrap(); assert!(w.rejected.is_empty()); worst = worst.max(t.elapsed()); } worst }) }).collect();
    let mut worst = Duration::ZERO; for t in tasks { worst = worst.max(t.await.unwrap()); }
    let e = t.elapsed();
    println!("write {:.0} rows/s, worst request {:?}, {:?}", total as f64 / e.as_secs_f64(), worst, store.stats());
    let rss = std::fs::read_to_string("/proc/self/status").unwrap(); println!("{}", rss.lines().find(|l| l.starts_with("VmRSS")).unwrap());
    let t = Instant::now(); let snap = store.snapshot("d","t").unwrap(); println!("snapshot {:?}", t.elapsed());
    let q = async |snap: &TableSnapshot, sql: &str| { for _ in 0..3 { let c = SessionContext::new_with_config(SessionConfig::new().with_target_partitions(2)); c.register_table("t", snap.provider()).unwrap(); let t = Instant::now(); let b = c.sql(sql).await.unwrap().collect().await.unwrap(); let n: usize = b.iter().map(|b| b.num_rows()).sum(); println!("  {:?} {} rows: {}", t.elapsed(), n, sql); } };
    let qs = ["SELECT monitor_id, last_value(up ORDER BY time) FROM t WHERE measure_name = 'probe' GROUP BY 1", "SELECT avg(latency_ms) FROM t WHERE measure_name='probe' AND monitor_id='monitor-00777'", "SELECT date_bin(interval '5 minutes', time), avg(latency_ms) FROM t GROUP BY 1", "SELECT count(*) FROM t"];
    for s in qs { q(&snap, s).await; }
    let t = Instant::now(); drop(snap); store.flush().await.unwrap(); println!("flush {:?} {:?}", t.elapsed(), store.stats());
    let snap = store.snapshot("d","t").unwrap();
    for s in qs { q(&snap, s).await; }
    let t = Instant::now(); let r: Vec<Record> = (0..100).map(|i| probe(i*50, start + 60_000_000_000*7)).collect(); let w = store.write("d","t",r).await.unwrap(); println!("repeat of 100 stored rows {:?} {:?}", t.elapsed(), w.memory_store);
    let t = Instant::now(); for i in 0..100 { store.write("d","t",(0..100).map(|m| probe(20_000+i*100+m, start+60_000_000_000*9)).collect()).await.unwrap(); } println!("10k late new rows, one writer {:?}", t.elapsed());
    let t = Instant::now(); store.flush().await.unwrap(); println!("flush with merge {:?} {:?}", t.elapsed(), store.stats());
}
