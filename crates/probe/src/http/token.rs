//! Tokens of OAuth 2.0 client credentials (RFC 6749, section 4.4).
//!
//! A token is fetched outside of every latency, over the engine's own connections: the same
//! address policy, the same trusted roots, no proxy, no redirect, no second try. Probes share
//! it until shortly before it expires.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{self, HeaderValue};
use http::{Method, StatusCode};
use parking_lot::Mutex;
use serde_json::Value;
use sha2::{Digest, Sha256};
use tidewatch_domain::monitor::{ClientCredentials, Network, Protocol, TlsOptions, public_url};
use tidewatch_domain::{Attempt, Cause, ErrorClass, ErrorOwner, Monitor, Timestamp};
use tokio::time::{Instant, timeout};
use url::{Url, form_urlencoded};

use super::answer::Answer;
use super::credentials::{self, Secrets};
use super::exchange::{self, Wanted};
use super::origin::{self, Origin, Route};
use super::request;
use crate::budget::Budget;
use crate::dial::Dialer;
use crate::kind::Tools;
use crate::redact::Redactor;
use crate::timeline::Timeline;

/// The longest answer of a token endpoint.
const ANSWER_LIMIT: usize = 64 * 1024;
/// How long a token is used whose endpoint does not say how long it lives.
const UNKNOWN_LIFE: Duration = Duration::from_secs(60);
/// A token is given up this long before it expires, or after nine tenths of a short life.
const MARGIN: Duration = Duration::from_secs(60);

/// The tokens of all probes.
#[derive(Default)]
pub(crate) struct Tokens {
    slots: Mutex<HashMap<Identity, Slot>>,
}

/// Everything by which grants differ, as a digest: the client's secret is in it.
type Identity = [u8; 32];
/// Whoever fetches a token holds the lock, and the others wait for the same one.
type Slot = Arc<tokio::sync::Mutex<Option<Token>>>;

#[derive(Clone)]
struct Token {
    text: String,
    good_until: Instant,
}

impl std::fmt::Debug for Tokens {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Tokens")
            .field("known", &self.slots.lock().len())
            .finish()
    }
}

impl Tokens {
    fn slot(&self, identity: Identity) -> Slot {
        let mut slots = self.slots.lock();
        if !slots.contains_key(&identity) {
            let now = Instant::now();
            // Definitions change; what nobody asks for any more goes.
            slots.retain(|_, slot| match slot.try_lock() {
                Ok(token) => token.as_ref().is_some_and(|token| token.good_until > now),
                Err(_) => true,
            });
        }
        slots.entry(identity).or_default().clone()
    }
}

/// A grant with its secrets in place.
pub(super) struct Grant {
    identity: Identity,
    url: Url,
    authorization: HeaderValue,
    body: Bytes,
}

impl Grant {
    /// The grant that `client` of a monitor asks for; its credentials become known to `redactor`.
    pub(super) fn prepare(
        monitor: &Monitor,
        client: &ClientCredentials,
        secrets: &Secrets,
        redactor: &mut Redactor,
    ) -> Result<Self, Cause> {
        let encoded = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect();
        let secret = secrets.fill(&client.client_secret);
        redactor.add(&secret);
        // Both are form-encoded first (RFC 6749, section 2.3.1).
        let id: String = encoded(&secrets.fill(&client.client_id));
        let secret: String = encoded(&secret);
        redactor.add(&secret);
        let text = credentials::basic(&id, &secret);
        let authorization = credentials::private_value(&header::AUTHORIZATION, &text)?;
        credentials::hide(&authorization, redactor);
        let mut body = form_urlencoded::Serializer::new(String::new());
        body.append_pair("grant_type", "client_credentials");
        if !client.scopes.is_empty() {
            body.append_pair("scope", &client.scopes.join(" "));
        }
        if let Some(audience) = &client.audience {
            body.append_pair("audience", audience);
        }
        let body = body.finish();
        let mut digest = Sha256::new();
        for part in [
            monitor.key.tenant.as_str(),
            client.token_url.as_str(),
            &text,
            &body,
        ] {
            digest.update((part.len() as u64).to_be_bytes());
            digest.update(part);
        }
        Ok(Grant {
            identity: digest.finalize().into(),
            url: client.token_url.clone(),
            authorization,
            body: body.into(),
        })
    }

    /// A token: the known one, unless there is none or it is `stale`, which the target refused.
    pub(super) async fn token(
        &self,
        tools: &Tools,
        monitor: &Monitor,
        stale: Option<&str>,
    ) -> Result<String, Cause> {
        let slot = tools.tokens.slot(self.identity);
        let work = async {
            let mut known = slot.lock().await;
            let usable = known.as_ref().filter(|token| {
                token.good_until > Instant::now() && Some(token.text.as_str()) != stale
            });
            if let Some(token) = usable {
                return Ok(token.text.clone());
            }
            *known = None;
            let token = self.fetch(tools, monitor).await?;
            let text = token.text.clone();
            *known = Some(token);
            Ok(text)
        };
        timeout(monitor.timeouts.attempt, work)
            .await
            .unwrap_or_else(|_| {
                Err(self.failed(
                    ErrorOwner::Network,
                    "gave no token within the attempt timeout",
                ))
            })
    }

    async fn fetch(&self, tools: &Tools, monitor: &Monitor) -> Result<Token, Cause> {
        let asked = Instant::now();
        let answer = self.ask(tools, monitor).await?;
        self.read(&answer, asked)
    }

    async fn ask(&self, tools: &Tools, monitor: &Monitor) -> Result<Answer, Cause> {
        // How the target is reached says nothing about the way to the token endpoint.
        let network = Network::default();
        let origin = Origin::of(&self.url);
        let terms = tools
            .tls
            .terms(
                &TlsOptions::default(),
                origin.host.clone(),
                tools.secrets.as_ref(),
                monitor.timeouts.attempt,
            )
            .await?;
        let dialer = Dialer::new(tools, monitor, &network, terms);
        let budget = Budget::of_attempt(&monitor.timeouts, None);
        let mut timeline = Timeline::new(Instant::now());
        let mut scratch = Attempt::begun(0, Timestamp::EPOCH);
        let route = Route {
            origin: &origin,
            protocol: Protocol::Http1,
            gateway: None,
        };
        let wanted = Wanted {
            limit: ANSWER_LIMIT,
            keep_body: true,
            header_timeout: None,
            origin: &origin,
        };
        let message = self.message()?;
        let answer = async {
            let mut connection =
                origin::open(&dialer, route, &mut timeline, budget, &mut scratch).await?;
            exchange::run(
                &mut connection,
                message,
                wanted,
                &mut timeline,
                budget,
                &mut scratch,
            )
            .await
        };
        answer.await.map_err(|failure| self.blame(failure.cause))
    }

    fn message(&self) -> Result<http::Request<Option<Bytes>>, Cause> {
        let mut message = http::Request::new(Some(self.body.clone()));
        *message.method_mut() = Method::POST;
        *message.uri_mut() = request::path(&self.url)?.into();
        let headers = [
            (header::HOST, request::authority(&self.url)?),
            (header::CONNECTION, HeaderValue::from_static("close")),
            (header::AUTHORIZATION, self.authorization.clone()),
            (header::ACCEPT, HeaderValue::from_static("application/json")),
            (
                header::CONTENT_TYPE,
                HeaderValue::from_static("application/x-www-form-urlencoded"),
            ),
        ];
        for (name, value) in headers {
            message.headers_mut().insert(name, value);
        }
        Ok(message)
    }

    fn read(&self, answer: &Answer, asked: Instant) -> Result<Token, Cause> {
        let json: Option<Value> = serde_json::from_slice(&answer.body).ok();
        let field = |name: &str| json.as_ref().and_then(|json| json.get(name));
        if answer.status != StatusCode::OK {
            let status = answer.status.as_u16();
            // The codes of RFC 6749, section 5.2; anything else could be an echo of the secret.
            let code = field("error")
                .and_then(Value::as_str)
                .filter(|code| is_plain(code))
                .map(|code| format!(" ({code})"))
                .unwrap_or_default();
            let owner = match status {
                429 | 500.. => ErrorOwner::Network,
                _ => ErrorOwner::Config,
            };
            return Err(self.failed(owner, &format!("answered {status}{code}")));
        }
        let unusable = |what: &str| self.failed(ErrorOwner::Config, what);
        let text = field("access_token")
            .and_then(Value::as_str)
            .filter(|text| !text.is_empty())
            .ok_or_else(|| unusable("answered without an `access_token`"))?;
        if let Some(kind) = field("token_type").and_then(Value::as_str)
            && !kind.eq_ignore_ascii_case("bearer")
        {
            return Err(unusable("gave a token that is no bearer token"));
        }
        let life = field("expires_in")
            .and_then(|life| life.as_u64().or_else(|| life.as_str()?.parse().ok()))
            .map_or(UNKNOWN_LIFE, |seconds| {
                // Beyond a day nothing is gained, and the clock cannot overflow.
                let life = Duration::from_secs(seconds.min(24 * 60 * 60));
                life - MARGIN.min(life / 10)
            });
        Ok(Token {
            text: text.to_owned(),
            good_until: asked + life,
        })
    }

    fn failed(&self, owner: ErrorOwner, what: &str) -> Cause {
        let url = public_url(&self.url);
        Cause {
            owner,
            ..Cause::new(
                ErrorClass::AuthFailed,
                format!("token endpoint {url} {what}"),
            )
        }
    }

    /// What went wrong on the way to the endpoint. Shortages of this machine, and what its policy
    /// forbids, are what they are.
    fn blame(&self, cause: Cause) -> Cause {
        if matches!(cause.owner, ErrorOwner::Prober | ErrorOwner::Config) {
            return cause;
        }
        let owner = match cause.class {
            ErrorClass::DnsNxdomain | ErrorClass::DnsNodata => ErrorOwner::Config,
            _ => ErrorOwner::Network,
        };
        self.failed(owner, &format!("cannot be asked: {}", cause.text))
    }
}

fn is_plain(code: &str) -> bool {
    code.len() <= 64
        && code
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte == b'_')
}
