//! The definition on a monitor's page.

use std::sync::Arc;

use tidewatch_definitions::{Format, Mode};
use tidewatch_domain::judge::State;

use super::cards::card;
use super::{Answer, get};

/// The page of a monitor defined by `fields`.
async fn page_of(fields: &str) -> Answer {
    let text = format!("- {{tenant: test, monitor_id: shop, {fields}}}");
    let read = tidewatch_definitions::read(&text, "t.yaml", Format::Yaml, Mode::Local);
    assert!(read.faults.is_empty(), "{:?}", read.faults);
    let mut card = card("shop", State::Up);
    card.monitor = Arc::new(read.monitors.into_iter().next().unwrap());
    get("/monitors/test/shop", vec![card]).await
}

#[tokio::test]
async fn every_option_of_a_request_is_shown_without_what_is_confidential() {
    let page = page_of(
        "target: 'https://shop.example/cart', timeouts: {tls: 1s, header: 2s}, request: {\
         method: POST, http_version: '2', query: {token: '${env:TIDEWATCH_SECRET_TOKEN}'}, \
         json: {secret: words}, compression: true, body_limit: 1000, body_over_limit: fail, \
         redirects: {max: 3, same_host: true}, \
         auth: {basic: {username: hidden-name, password: '${env:TIDEWATCH_SECRET_PASSWORD}'}}, \
         proxy: {url: 'http://proxy.example:3128', username: hidden-name, \
         password: '${env:TIDEWATCH_SECRET_PASSWORD}'}}",
    )
    .await;
    page.shows_in_order(&[
        "POST ",
        ", TLS 1 s",
        ", header 2 s",
        "followed, at most 3, on the same host",
        "HTTP/2 only",
        "<code>token</code>",
        "by user name and password",
        "sent, JSON",
        "asked for",
        "1000 bytes, more is a failure",
        "<code>http://proxy.example:3128/</code>, with user name and password",
    ]);
    for hidden in ["hidden-name", "words", "TIDEWATCH_SECRET"] {
        page.hides(hidden);
    }
}

#[tokio::test]
async fn a_token_is_named_by_who_gives_it_out() {
    let page = page_of(
        "target: 'https://api.example/', request: {auth: {oauth2: {\
         token_url: 'https://login.example/token?x=opaque', client_id: hidden-name, \
         client_secret: '${env:TIDEWATCH_SECRET_CLIENT}'}}}",
    )
    .await;
    page.shows("by a token from <code>https://login.example/token</code>");
    page.hides("hidden-name");
    page.hides("opaque");
}
