//! The way through an HTTP proxy: its failures are never the target's.

use std::fmt;

use http::header::{self, HeaderValue};
use tidewatch_domain::monitor::Proxy;
use tidewatch_domain::probe::PhaseReached;
use tidewatch_domain::{Attempt, Cause, ErrorClass, ErrorOwner};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::Instant;

use super::credentials::{self, Secrets};
use super::origin::Origin;
use crate::budget::Budget;
use crate::dial::Dialer;
use crate::failure::Failure;
use crate::redact::Redactor;
use crate::socket::Socket;
use crate::timeline::Timeline;

/// The longest answer to CONNECT.
const ANSWER_LIMIT: usize = 16 * 1024;

/// A proxy with its credentials in place.
pub(super) struct Gateway {
    origin: Origin,
    /// The header `proxy-authorization`, where the proxy wants to know who asks.
    pub(super) authorization: Option<HeaderValue>,
}

/// `proxy proxy.example:3128`.
impl fmt::Display for Gateway {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "proxy {}", self.origin)
    }
}

impl Gateway {
    /// The proxy of a definition; its credentials become known to `redactor`.
    pub(super) fn prepare(
        proxy: &Proxy,
        secrets: &Secrets,
        redactor: &mut Redactor,
    ) -> Result<Self, Cause> {
        let authorization = match &proxy.credentials {
            None => None,
            Some((username, password)) => {
                let password = secrets.fill(password);
                redactor.add(&password);
                let text = credentials::basic(&secrets.fill(username), &password);
                let value = credentials::private_value(&header::PROXY_AUTHORIZATION, &text)?;
                credentials::hide(&value, redactor);
                Some(value)
            }
        };
        Ok(Gateway {
            origin: Origin::of(&proxy.url),
            authorization,
        })
    }

    /// Opens a TCP connection to the proxy.
    pub(super) async fn connect(
        &self,
        dialer: &Dialer<'_>,
        timeline: &mut Timeline,
        budget: Budget,
        attempt: &mut Attempt,
    ) -> Result<Socket, Failure> {
        dialer
            .connect(
                &self.origin.host(),
                self.origin.port(),
                timeline,
                budget,
                attempt,
            )
            .await
            .map_err(|failure| Failure {
                cause: self.blame(failure.cause),
                ..failure
            })
    }

    /// Asks for a tunnel to `target` (RFC 9110, section 9.3.6). What comes out is as good as a
    /// connection to the target itself.
    pub(super) async fn tunnel(
        &self,
        mut socket: Socket,
        target: &Origin,
        timeline: &mut Timeline,
        budget: Budget,
    ) -> Result<Socket, Failure> {
        let exchange = async {
            let mut request =
                format!("CONNECT {target} HTTP/1.1\r\nhost: {target}\r\n").into_bytes();
            if let Some(value) = &self.authorization {
                request.extend_from_slice(b"proxy-authorization: ");
                request.extend_from_slice(value.as_bytes());
                request.extend_from_slice(b"\r\n");
            }
            request.extend_from_slice(b"\r\n");
            socket.write_all(&request).await.map_err(Refusal::Broken)?;
            let mut answer = Vec::new();
            while !answer.ends_with(b"\r\n\r\n") {
                // Whoever is at the other end of the tunnel does not speak first.
                if answer.len() > ANSWER_LIMIT || ends_early(&answer) {
                    return Err(Refusal::NotHttp);
                }
                if socket
                    .read_buf(&mut answer)
                    .await
                    .map_err(Refusal::Broken)?
                    == 0
                {
                    return Err(Refusal::Closed);
                }
            }
            match status(&answer) {
                Some(200..=299) => Ok(()),
                Some(status) => Err(Refusal::Status(status)),
                None => Err(Refusal::NotHttp),
            }
        };
        let refusal = match budget.cut(exchange).await {
            Some(Ok(())) => {
                timeline.tunnelled = Some(Instant::now());
                return Ok(socket);
            }
            Some(Err(refusal)) => self.refused(refusal, target),
            None => {
                let doing = format!("asking {self} for a tunnel to {target}");
                self.blame(budget.over(ErrorClass::ProxyFailed, &doing))
            }
        };
        Err(Failure::new(PhaseReached::Proxy, refusal))
    }

    /// The proxy itself refused the request that it was handed.
    pub(super) fn demands_credentials(&self) -> Cause {
        self.failed(
            ErrorOwner::Config,
            "answered 407: it wants a user name and a password, or others than these",
        )
    }

    fn refused(&self, refusal: Refusal, target: &Origin) -> Cause {
        match refusal {
            Refusal::Status(407) => self.demands_credentials(),
            Refusal::Status(status @ (401 | 403 | 405)) => self.failed(
                ErrorOwner::Config,
                &format!("answered {status}: it does not allow a tunnel to {target}"),
            ),
            Refusal::Status(status) => self.failed(
                ErrorOwner::Network,
                &format!("answered {status} instead of opening a tunnel to {target}"),
            ),
            Refusal::Closed => self.failed(
                ErrorOwner::Network,
                &format!("closed the connection instead of opening a tunnel to {target}"),
            ),
            Refusal::NotHttp => self.failed(
                ErrorOwner::Config,
                "did not answer with HTTP: it may be no HTTP proxy",
            ),
            Refusal::Broken(error) => self.failed(
                ErrorOwner::Network,
                &format!("broke off when asked for a tunnel to {target}: {error}"),
            ),
        }
    }

    fn failed(&self, owner: ErrorOwner, what: &str) -> Cause {
        Cause {
            owner,
            ..Cause::new(ErrorClass::ProxyFailed, format!("{self} {what}"))
        }
    }

    /// What went wrong on the way to the proxy. Shortages of this machine, and what its policy
    /// forbids, are what they are.
    fn blame(&self, cause: Cause) -> Cause {
        let owner = match (cause.owner, cause.class) {
            (ErrorOwner::Prober | ErrorOwner::Config, class)
                if class != ErrorClass::ProxyFailed =>
            {
                return cause;
            }
            (_, ErrorClass::DnsNxdomain | ErrorClass::DnsNodata) => ErrorOwner::Config,
            _ => ErrorOwner::Network,
        };
        Cause {
            owner,
            ..Cause::new(ErrorClass::ProxyFailed, format!("{self}: {}", cause.text))
        }
    }
}

/// Why there is no tunnel.
enum Refusal {
    Status(u16),
    Closed,
    NotHttp,
    Broken(std::io::Error),
}

/// Whether there is something behind the end of the header.
fn ends_early(answer: &[u8]) -> bool {
    answer.windows(4).any(|window| window == b"\r\n\r\n")
}

/// The status code of an answer that begins with `HTTP/1.x NNN`.
fn status(answer: &[u8]) -> Option<u16> {
    let rest = answer.strip_prefix(b"HTTP/1.")?;
    let [_minor, b' ', code @ ..] = rest else {
        return None;
    };
    let code = std::str::from_utf8(code.get(..3)?).ok()?;
    code.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn status_lines_of_proxies_are_read() {
        assert_eq!(
            status(b"HTTP/1.1 200 Connection established\r\n\r\n"),
            Some(200)
        );
        assert_eq!(status(b"HTTP/1.0 407\r\n\r\n"), Some(407));
        assert_eq!(status(b"HTTP/1.1 2"), None);
        assert_eq!(status(b"SSH-2.0-x\r\n"), None);
    }
}
