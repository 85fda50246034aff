//! The kind `http`: one request, or a chain of redirects, per attempt.
//!
//! Requests are driven through `hyper::client::conn` over streams that this crate opened, so that
//! every instant of [`Timeline`](crate::timeline::Timeline) is taken where the thing happens.

mod answer;
mod body;
mod coding;
mod connection;
mod credentials;
mod driver;
mod exchange;
mod failure;
mod frames;
mod meter;
mod origin;
mod proxy;
mod redirect;
mod request;
mod stream;
mod token;

pub(crate) use token::Tokens;

use std::collections::HashSet;
use std::time::Duration;

use ::http::StatusCode;
use async_trait::async_trait;
use tidewatch_domain::monitor::{Connection as ConnectionMode, HttpCheck, Redirects, limits};
use tidewatch_domain::probe::{Hop, PhaseReached};
use tidewatch_domain::{Attempt, Cause, Monitor};
use tokio::time::Instant;

use crate::budget::Budget;
use crate::dial::Dialer;
use crate::failure::Failure;
use crate::kind::{Session, Tools};
use crate::timeline::{self, Timeline};
use answer::Answer;
use connection::Connection;
use origin::{Origin, Route};
use request::{Request, Template};

/// Reads what the request needs and begins a probe.
pub(crate) async fn open<'a>(
    tools: &'a Tools,
    monitor: &'a Monitor,
    check: &'a HttpCheck,
) -> Result<HttpSession<'a>, Cause> {
    let template = Template::prepare(tools, monitor, check).await?;
    let limit = monitor.timeouts.attempt;
    let host = Origin::of(&check.url).host;
    let secrets = tools.secrets.as_ref();
    let terms = tools.tls.terms(&check.tls, host, secrets, limit).await?;
    Ok(HttpSession {
        dialer: Dialer::new(tools, monitor, &check.network, terms),
        tools,
        monitor,
        check,
        template,
        keep: monitor.connection == ConnectionMode::Reuse,
        kept: Vec::new(),
    })
}

/// A probe of kind `http`.
pub(crate) struct HttpSession<'a> {
    dialer: Dialer<'a>,
    tools: &'a Tools,
    monitor: &'a Monitor,
    check: &'a HttpCheck,
    template: Template,
    /// Whether connections are kept for later attempts.
    keep: bool,
    /// The connections that stand, at most one to each origin of a chain of redirects.
    kept: Vec<(Origin, Connection)>,
}

#[async_trait]
impl Session for HttpSession<'_> {
    async fn attempt(&mut self, budget: Budget, attempt: &mut Attempt) {
        let begun = self.template.can_renew_token().then(|| attempt.clone());
        let mut end = self.follow(budget, attempt).await;
        if let Some(begun) = begun
            && matches!(&end, Ok(answer) if answer.status == StatusCode::UNAUTHORIZED)
            && self.renew_token(budget).await
        {
            // The token was revoked before its time: that says nothing about the target, and the
            // request is made anew from the beginning.
            *attempt = begun;
            end = self.follow(budget, attempt).await;
        }
        match end.and_then(|answer| answer.decode(self.check, attempt)) {
            Ok(answer) => answer.judge(
                self.check,
                &self.monitor.assertions,
                &self.template.redactor,
                attempt,
            ),
            Err(failure) => failure.end(attempt),
        }
        self.template.redactor.attempt(attempt);
    }

    async fn pause(&mut self, pause: Duration) {
        // A server that closes the connection meanwhile is noticed now, not by the next request.
        let drivers = self
            .kept
            .iter_mut()
            .map(|(_, connection)| &mut connection.driver);
        driver::idle(drivers, pause).await;
        self.kept.retain(|(_, connection)| connection.is_ready());
    }

    fn forget(&mut self) {
        self.kept.clear();
    }
}

impl HttpSession<'_> {
    /// Makes the request and, where the check says so, follows redirects to the final answer.
    async fn follow(&mut self, budget: Budget, attempt: &mut Attempt) -> Result<Answer, Failure> {
        let mut request = self.template.first_request();
        let mut seen = HashSet::new();
        let mut all_kept = true;
        let mut start = Instant::now();
        loop {
            seen.insert(request.identity());
            let mut timeline = Timeline::new(start);
            let result = self
                .exchange(&request, &mut timeline, budget, attempt, &mut all_kept)
                .await;
            let end = timeline.done.unwrap_or_else(Instant::now);
            let phases = timeline.phases(end);
            timeline::add(&mut attempt.phases, &phases);
            attempt.connection = if all_kept {
                ConnectionMode::Reuse
            } else {
                ConnectionMode::Fresh
            };
            let answer = match result {
                Ok(answer) => answer,
                Err(failure) if attempt.hops.is_empty() => return Err(failure),
                Err(failure) => {
                    let redactor = &self.template.redactor;
                    return Err(redirect::hop_failed(failure, &request.url, redactor));
                }
            };
            let target = match self.check.redirects {
                Redirects::Follow { max, same_host } => {
                    answer.redirect().map(|location| (location, max, same_host))
                }
                Redirects::Stop => None,
            };
            if target.is_some() || !attempt.hops.is_empty() {
                attempt.hops.push(Hop {
                    url: self.template.redactor.url(&request.url),
                    status_code: answer.status.as_u16(),
                    phases,
                });
            }
            let Some((location, max, same_host)) = target else {
                return Ok(answer);
            };
            // What comes before the next request is too little to count, but is not lost either.
            start = end;
            request = self
                .template
                .redirected(&request, answer.status, location)
                .and_then(|next| {
                    if same_host {
                        redirect::on_same_host(
                            &self.check.url,
                            &next.url,
                            &self.template.redactor,
                        )?;
                    }
                    let followed = attempt.hops.len();
                    redirect::check(&next, &seen, followed, max, &self.template.redactor)?;
                    Ok(next)
                })
                .map_err(|cause| Failure::new(PhaseReached::Transfer, cause))?;
        }
    }

    /// Makes one request, over a kept connection where there is one.
    async fn exchange(
        &mut self,
        request: &Request,
        timeline: &mut Timeline,
        budget: Budget,
        attempt: &mut Attempt,
        all_kept: &mut bool,
    ) -> Result<Answer, Failure> {
        attempt.status_code = None;
        attempt.body_bytes = 0;
        attempt.body_cut = false;
        let origin = Origin::of(&request.url);
        let mut connection = match self.take_kept(&origin) {
            Some(connection) => connection,
            None => {
                *all_kept = false;
                let route = Route {
                    origin: &origin,
                    protocol: self.check.protocol,
                    gateway: self.template.gateway.as_ref(),
                };
                origin::open(&self.dialer, route, timeline, budget, attempt).await?
            }
        };
        attempt.remote_addr = connection.remote;
        // A chain over several connections has no one round trip.
        attempt.rtt = connection.rtt.filter(|_| attempt.hops.is_empty());
        attempt.http_version = Some(connection.version());
        if attempt.tls.is_none() {
            attempt.tls = connection.tls.clone();
        }
        let message = self
            .template
            .message(request, &connection, self.keep)
            .map_err(|cause| Failure::new(PhaseReached::Send, cause))?;
        let wanted = exchange::Wanted {
            limit: self.check.body_limit.min(limits::BODY_MAX),
            keep_body: answer::looks_at_body(self.check, &self.monitor.assertions),
            header_timeout: self.monitor.timeouts.header,
            origin: &origin,
        };
        let mut answer =
            exchange::run(&mut connection, message, wanted, timeline, budget, attempt).await?;
        if let Some(gateway) = self.template.forwards(request)
            && answer.status == StatusCode::PROXY_AUTHENTICATION_REQUIRED
        {
            let cause = gateway.demands_credentials();
            return Err(Failure::new(PhaseReached::Transfer, cause));
        }
        answer.url = Some(request.url.clone());
        if self.keep && !answer.body_cut {
            self.kept.push((origin, connection));
        }
        Ok(answer)
    }

    /// Replaces the token that the target refused; whether there is another one now.
    async fn renew_token(&mut self, budget: Budget) -> bool {
        let renewal = self.template.renew_token(self.tools, self.monitor);
        matches!(budget.cut(renewal).await, Some(Ok(())))
    }

    fn take_kept(&mut self, origin: &Origin) -> Option<Connection> {
        let index = self.kept.iter().position(|(kept, _)| kept == origin)?;
        Some(self.kept.swap_remove(index).1)
    }
}
