//! The pages.

use std::sync::Arc;

use axum::http::StatusCode;
use tidewatch_domain::judge::State;
use tidewatch_domain::monitor::{Check, SecretText};
use tidewatch_domain::{Cause, ErrorClass, Outcome};

use super::cards::{card, change, degraded, fault, fresh, of_tenant, paused};
use super::{get, get_with, get_with_all};
use crate::cli::sample_attempt;
use crate::local::{Card, LastTold, Told};
use crate::status::Findings;

#[tokio::test]
async fn monitors_come_worst_first_then_by_name() {
    let cards = vec![
        card("a-up", State::Up),
        card("B-up", State::Up),
        fresh("c-new"),
        degraded("d-slow"),
        card("e-recovering", State::Recovering),
        card("f-suspect", State::Suspect),
        card("g-down", State::Down),
        paused("a-paused"),
    ];
    let page = get("/", cards).await;
    assert_eq!(page.status, StatusCode::OK);
    page.shows_in_order(&[
        "<title>▼ 1 down · Tidewatch</title>",
        "1 of 7 monitors is down",
        "g-down, for 2 min 5 s.",
        ">g-down<",
        "203.0.113.20:443 refused",
        "connect_refused",
        ">f-suspect<",
        ">e-recovering<",
        ">d-slow<",
        "over the limit of 100 ms",
        ">c-new<",
        "First results in a few seconds",
        ">a-up<",
        ">B-up<",
        ">a-paused<",
    ]);
}

#[tokio::test]
async fn a_row_says_since_when_how_fast_and_when_next() {
    let page = get("/", vec![card("shop", State::Up)]).await;
    page.shows_in_order(&[
        "<title>● 1 up · Tidewatch</title>",
        "shop is up",
        "href=\"/monitors/test/shop\"",
        "https://user.example/path",
        "<time datetime=\"2026-11-22T06:57:55.000Z\" title=\"2026-11-22 06:57:55 UTC\">2 min ago</time>",
        "aria-label=\"3 probes: latency 80.2 ms to 123 ms, 1 missed\"",
        "123 ms",
        ">5 s ago<",
        ">in 55 s<",
    ]);
    page.hides("opaque");
}

#[tokio::test]
async fn headlines_fit_their_number() {
    let up = |id| card(id, State::Up);
    let cases = [
        (vec![], "No monitors yet"),
        (vec![fresh("a")], "Waiting for the first results"),
        (vec![up("a"), up("b")], "Both monitors are up"),
        (vec![up("a"), up("b"), up("c")], "All 3 monitors are up"),
        (vec![up("a"), up("b"), paused("c")], "Both monitors are up"),
        (vec![up("a"), up("b"), fresh("c")], "2 of 3 monitors are up"),
        (
            vec![up("a"), up("b"), degraded("c")],
            "1 of 3 monitors is degraded",
        ),
        (vec![paused("a")], "a is paused"),
        (vec![paused("a"), paused("b")], "Both monitors are paused"),
        (
            vec![card("a", State::Down), card("b", State::Down), up("c")],
            "2 of 3 monitors are down",
        ),
    ];
    for (cards, headline) in cases {
        let page = get("/", cards).await;
        page.shows_in_order(&["<h1>", headline, "</h1>"]);
    }
}

#[tokio::test]
async fn tenants_are_groups_only_where_there_are_several() {
    let page = get("/", vec![card("a", State::Up)]).await;
    page.hides("<h2>test");
    let cards = vec![
        of_tenant("acme", card("a", State::Up)),
        of_tenant("zeta", card("b", State::Down)),
    ];
    let page = get("/", cards).await;
    page.shows_in_order(&["<h2>zeta", ">b<", "<h2>acme", ">a<"]);
}

#[tokio::test]
async fn a_monitor_shows_what_its_last_probe_learned() {
    let mut shop = card("shop", State::Up);
    shop.found = Some(Arc::new(sample_attempt(1)));
    let page = get("/monitors/test/shop", vec![shop.clone()]).await;
    page.shows_in_order(&[
        "Last found",
        "192.0.2.7:443",
        "Round trip",
        "11.0 ms",
        "HTTP/2",
        "1.3, TLS13_AES_128_GCM_SHA256, X25519, h2",
        "200, 18213 bytes",
        "CN=R11, O=Let's Encrypt, C=US",
        "40 days left",
        " and 2 more",
        "a path to a trusted root was found",
        "https://shop.example/",
        "301",
        "status",
        "200-299",
        "Definition",
    ]);
    page.hides("tainted");

    let mut busy = sample_attempt(1);
    busy.prober_lag = Some(busy.phases.total);
    shop.found = Some(Arc::new(busy));
    let page = get("/monitors/test/shop", vec![shop]).await;
    page.shows("tainted: this machine was busy");
}

#[tokio::test]
async fn hostile_texts_stay_texts() {
    const HOSTILE: &str = "<script>alert(1)</script>\"'";
    let mut hostile = change(card("shop", State::Down), |monitor| {
        monitor.name = HOSTILE.to_owned();
        monitor.team = Some(HOSTILE.to_owned());
        monitor.runbook_url = Some("javascript:alert(1)".to_owned());
        monitor
            .labels
            .insert("label".to_owned(), HOSTILE.to_owned());
    });
    let cause = Cause::new(ErrorClass::BodyMismatch, format!("got `{HOSTILE}`"));
    hostile.verdict.cause = Some(cause.clone());
    hostile.history[2].cause = Some(cause);
    for path in ["/", "/monitors/test/shop", "/monitors/test/%3Cscript%3E"] {
        let page = get(path, vec![hostile.clone()]).await;
        page.shows("&lt;script&gt;");
        page.hides("<script");
        page.hides("href=\"javascript:");
    }
}

#[tokio::test]
async fn a_monitor_has_a_page_with_its_probes_and_definition() {
    let with_headers = change(card("shop", State::Down), |monitor| {
        let Check::Http(http) = &mut monitor.check else {
            panic!("not an HTTP check: {:?}", monitor.check)
        };
        let secret = SecretText::try_new("Bearer plain-text-token").unwrap();
        http.headers.push(("authorization".to_owned(), secret));
    });
    let page = get("/monitors/test/shop", vec![with_headers]).await;
    page.shows_in_order(&[
        "<title>▼ Down: shop · Tidewatch</title>",
        "shop is down",
        "203.0.113.20:443 refused",
        "The target has to be looked at.",
        "Down for",
        ">2 min 5 s<",
        "since <time",
        ">2026-11-22 06:57:55 UTC<",
        "50 %",
        "1 of 2 probes",
        "60 days",
        "aria-label=\"3 probes: latency 80.2 ms to 80.2 ms, 1 fail, 1 missed\"",
        "authorization",
        "The last 3 probes",
        ">2026-11-22 06:59:55 UTC<",
        "fail",
        "connect_refused",
        ">2026-11-22 06:58:55 UTC<",
        "missed",
        ">2026-11-22 06:57:55 UTC<",
        "80.2 ms",
    ]);
    page.hides("plain-text-token");
    page.hides("opaque");
}

#[tokio::test]
async fn the_last_messages_to_people_are_shown() {
    let last = LastTold::default();
    let told = |tenant: &str, monitor_id: &str, result: &str| Told {
        at: super::cards::now(),
        tenant: tenant.to_owned(),
        monitor_id: monitor_id.to_owned(),
        kind: "stopped_reporting".to_owned(),
        channel: "chat<b>".to_owned(),
        result: result.to_owned(),
    };
    last.add(told("_system", "webhook", "sent"));
    last.add(told("test", "shop", "failed"));
    let cards = vec![card("shop", State::Up)];
    let page = get_with_all("/", cards, Findings::default(), last).await;
    page.shows_in_order(&[
        "Last messages to people",
        "href=\"/monitors/test/shop\"",
        "stopped reporting",
        "chat&lt;b&gt;",
        "<strong>failed</strong>",
        "<td>webhook</td>",
        "sent",
    ]);
    let page = get("/", vec![card("shop", State::Up)]).await;
    page.hides("Last messages");
}

#[tokio::test]
async fn a_prober_that_cannot_tell_says_why() {
    let mut blind = card("shop", State::Unknown);
    blind.history[2].outcome = Outcome::Unknown;
    blind.history[2].cause = Some(Cause::new(ErrorClass::LocalFd, "no descriptor was left"));
    let page = get("/", vec![blind]).await;
    page.shows("no descriptor was left");
    page.hides("First results");
}

#[tokio::test]
async fn faults_name_file_entry_field_and_remedy() {
    let findings = Findings {
        faults: vec![fault()],
        warnings: vec![fault(), fault()],
    };
    let page = get_with("/", vec![card("a", State::Up)], findings).await;
    page.shows_in_order(&[
        "1 fault in the definitions",
        "test/&lt;b&gt;",
        "interval",
        "dynamo_entries.json:12:9",
        "shorter than 1 s",
        "0.2",
        "use <code>1s</code> or longer",
        "2 warnings about the definitions",
    ]);
    get("/", vec![card("a", State::Up)])
        .await
        .hides("in the definitions</h2>");
}

#[tokio::test]
async fn without_monitors_it_says_how_to_add_one_and_where_rows_are() {
    let page = get("/", Vec::new()).await;
    page.shows_in_order(&[
        "Add one to <code>dynamo_entries.json</code>",
        "&quot;monitor_id&quot;",
        "CPTMonitoring",
        "--endpoint-url http://127.0.0.1:8086",
        "Tidewatch 1.2.3",
    ]);
    page.hides("<table");
}

#[tokio::test]
async fn a_page_renews_itself_unless_asked_not_to() {
    let renewal = "<meta http-equiv=\"refresh\" content=\"10\">";
    for path in ["/", "/monitors/test/a"] {
        get(path, vec![card("a", State::Up)]).await.shows(renewal);
        let resting = get(&format!("{path}?refresh=off"), vec![card("a", State::Up)]).await;
        resting.hides(renewal);
        resting.shows("Resume");
    }
}

/// A hundred and twenty monitors of two tenants, three of them down.
fn many() -> Vec<Card> {
    (0..120)
        .map(|number| {
            let state = if number < 3 { State::Down } else { State::Up };
            let tenant = if number % 2 == 0 { "acme" } else { "zeta" };
            of_tenant(tenant, card(&format!("shop-{number:03}"), state))
        })
        .collect()
}

#[tokio::test]
async fn a_long_list_comes_in_pages_worst_first_over_all_tenants() {
    let page = get("/", many()).await;
    page.shows_in_order(&[
        "3 of 120 monitors are down",
        "href=\"?state=down\"",
        "role=\"search\"",
        "120 monitors",
        ">shop-000<",
        ">shop-002<",
        ">shop-099<",
        "Page 1 of 2",
        "href=\"?page=2\"",
    ]);
    page.hides(">shop-100<");
    page.hides("<h2>acme");
    let second = get("/?page=2&refresh=off", many()).await;
    second.shows_in_order(&[
        ">shop-100<",
        ">shop-119<",
        "href=\"?refresh=off\"",
        "Page 2 of 2",
    ]);
    second.hides(">shop-099<");
    get("/?page=99", many()).await.shows("Page 2 of 2");
    get("/?page=x", many()).await.shows("Page 1 of 2");
}

#[tokio::test]
async fn a_long_list_can_be_searched_and_kept_to_a_state() {
    let page = get("/?q=ACME%2Fshop-00&state=up", many()).await;
    page.shows_in_order(&[
        "3 of 120 monitors · up only",
        ">shop-004<",
        ">shop-006<",
        ">shop-008<",
    ]);
    page.hides(">shop-000<");
    page.hides(">shop-005<");
    page.hides("rel=\"next\"");
    let nothing = get("/?q=%3Cscript%3E", many()).await;
    nothing.shows_in_order(&[
        "value=\"&lt;script&gt;\"",
        "0 of 120 monitors",
        "No monitor matches.",
    ]);
}

#[tokio::test]
async fn many_faults_are_not_all_on_the_page() {
    let findings = Findings {
        faults: vec![fault(); 60],
        warnings: Vec::new(),
    };
    let page = get_with("/", Vec::new(), findings).await;
    page.shows_in_order(&["60 faults in the definitions", "And 10 more"]);
}

#[tokio::test]
async fn every_answer_has_the_safe_headers() {
    let expected = [
        ("/", StatusCode::OK, "text/html; charset=utf-8"),
        (
            "/monitors/test/a",
            StatusCode::OK,
            "text/html; charset=utf-8",
        ),
        (
            "/monitors/test/b",
            StatusCode::NOT_FOUND,
            "text/html; charset=utf-8",
        ),
        (
            "/monitors/_x/%20",
            StatusCode::NOT_FOUND,
            "text/html; charset=utf-8",
        ),
        (
            "/nowhere",
            StatusCode::NOT_FOUND,
            "text/html; charset=utf-8",
        ),
        (
            "/assets/none.css",
            StatusCode::NOT_FOUND,
            "text/html; charset=utf-8",
        ),
        ("/api/status", StatusCode::OK, "application/json"),
        ("/healthz", StatusCode::OK, "text/plain; charset=utf-8"),
    ];
    for (path, status, media_type) in expected {
        let answer = get(path, vec![card("a", State::Up)]).await;
        assert_eq!(answer.status, status, "{path}");
        assert_eq!(answer.header("content-type"), media_type, "{path}");
        assert_eq!(answer.header("cache-control"), "no-store", "{path}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        let policy = answer.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'; style-src 'self'; img-src 'self';"));
    }
}

#[tokio::test]
async fn pages_keep_to_their_own_policy_and_their_files_are_there() {
    for path in ["/", "/monitors/test/a"] {
        let page = get(path, vec![card("a", State::Down)]).await;
        for forbidden in ["<script", "<style", " style=", " onclick="] {
            page.hides(forbidden);
        }
        let files: Vec<&str> = page
            .text
            .split('"')
            .filter(|text| text.starts_with("/assets/"))
            .collect();
        assert_eq!(files.len(), 2, "an icon and a stylesheet: {files:?}");
        for file in files {
            let answer = get(file, Vec::new()).await;
            assert_eq!(answer.status, StatusCode::OK, "{file}");
            assert!(
                answer.header("cache-control").ends_with("immutable"),
                "{file}"
            );
        }
    }
}
