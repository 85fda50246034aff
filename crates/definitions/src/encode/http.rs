//! The request of an HTTP check as JSON.

use serde_json::{Map, Value, json};
use tidewatch_domain::monitor::{
    Auth, BodyFormat, HttpCheck, OverLimit, Protocol, Proxy, Redirects, RequestBody, SecretText,
};
use url::form_urlencoded;

use super::{reached, sockets};
use crate::decode::carries_credentials;

pub(super) fn http(check: &HttpCheck) -> Value {
    let headers = check
        .headers
        .iter()
        .map(|(name, value)| (name.clone(), shown(name, value)));
    let query = check
        .query
        .iter()
        .map(|(name, value)| (name.clone(), value.to_string()));
    let body = |format| {
        check
            .body
            .as_ref()
            .filter(|body| body.format == format)
            .map(of_body)
    };
    let mut request = json!({
        "method": check.method,
        "query": grouped(query),
        "headers": grouped(headers),
        "body": body(BodyFormat::Text),
        "json": body(BodyFormat::Json),
        "form": body(BodyFormat::Form),
        "auth": check.auth.as_ref().map(auth),
        "http_version": match check.protocol {
            Protocol::Any => "any",
            Protocol::Http1 => "1.1",
            Protocol::Http2 => "2",
        },
        "compression": check.compression,
        "redirects": match check.redirects {
            Redirects::Stop => json!("stop"),
            Redirects::Follow { max, same_host } => json!({ "max": max, "same_host": same_host }),
        },
        "proxy": check.proxy.as_deref().map(proxy),
        "tls": sockets::options(&check.tls, false),
        "body_limit": check.body_limit,
        "body_over_limit": match check.over_limit {
            OverLimit::Cut => "cut",
            OverLimit::Fail => "fail",
        },
    });
    reached(&mut request, &check.network);
    request
}

/// A map in which a name that occurs several times has a list.
fn grouped(pairs: impl Iterator<Item = (String, String)>) -> Map<String, Value> {
    let mut map: Map<String, Value> = Map::new();
    for (name, value) in pairs {
        let value = Value::String(value);
        match map.get_mut(&name) {
            None => {
                map.insert(name, value);
            }
            Some(Value::Array(values)) => values.push(value),
            Some(single) => *single = Value::Array(vec![single.take(), value]),
        }
    }
    map
}

fn shown(name: &str, value: &SecretText) -> String {
    if carries_credentials(name) && value.references().next().is_none() {
        "(hidden)".to_owned()
    } else {
        value.to_string()
    }
}

/// References to secrets are in texts of JSON and forms as they are.
fn of_body(body: &RequestBody) -> Value {
    let text = body.text.to_string();
    match body.format {
        BodyFormat::Text => Value::String(text),
        // The template was written by a serializer, so that it can be read.
        BodyFormat::Json => serde_json::from_str(&text).unwrap_or(Value::String(text)),
        BodyFormat::Form => {
            let pairs = form_urlencoded::parse(text.as_bytes());
            Value::Object(grouped(
                pairs.map(|(name, value)| (name.into_owned(), value.into_owned())),
            ))
        }
    }
}

fn auth(auth: &Auth) -> Value {
    match auth {
        Auth::Basic { username, password } => json!({
            "basic": { "username": username.to_string(), "password": password.to_string() },
        }),
        Auth::Bearer(token) => json!({ "bearer": token.to_string() }),
        Auth::OAuth2(client) => json!({
            "oauth2": {
                "token_url": client.token_url.as_str(),
                "client_id": client.client_id.to_string(),
                "client_secret": client.client_secret.to_string(),
                "scopes": client.scopes,
                "audience": client.audience,
            },
        }),
    }
}

fn proxy(proxy: &Proxy) -> Value {
    let address = proxy.url.as_str();
    match &proxy.credentials {
        None => json!(address),
        Some((username, password)) => json!({
            "url": address,
            "username": username.to_string(),
            "password": password.to_string(),
        }),
    }
}
