//! Endpoint discovery.

use tidewatch_wire::{ApiError, DescribeEndpointsResponse, Endpoint};

use crate::Bridge;

/// For how long a client may keep the answer: a day.
const CACHE_MINUTES: i64 = 1440;

impl Bridge {
    /// Says which endpoint to use: the one that the client is using.
    ///
    /// `host` is the request's `Host` header and `user_agent` its `User-Agent`. The AWS SDK for
    /// JavaScript puts the answer where the host name belongs and keeps scheme and port of its
    /// own, so it gets the bare host. That for Rust puts `https://` before whatever it gets, so it
    /// gets host and port. All others prefix `https://` unless a scheme is there, so they get a
    /// URL.
    pub async fn describe_endpoints(
        &self,
        host: Option<&str>,
        user_agent: Option<&str>,
    ) -> Result<DescribeEndpointsResponse, ApiError> {
        let url = match &self.settings().advertised_url {
            Some(url) => url.clone(),
            None => {
                let scheme = self.settings().transport.scheme();
                format!("{scheme}://{}", host.unwrap_or_default())
            }
        };
        let parsed: http::Uri = url.parse().map_err(|_| no_host())?;
        let authority = parsed.authority().ok_or_else(no_host)?;
        let agent = user_agent.unwrap_or_default();
        let address = if agent.starts_with("aws-sdk-js/") {
            authority.host().to_owned()
        } else if agent.starts_with("aws-sdk-rust/") {
            authority.to_string()
        } else {
            format!("{}://{authority}", parsed.scheme_str().unwrap_or("http"))
        };
        Ok(DescribeEndpointsResponse {
            endpoints: vec![Endpoint {
                address,
                cache_period_in_minutes: CACHE_MINUTES,
            }],
        })
    }
}

fn no_host() -> ApiError {
    ApiError::validation(
        "The request needs a Host header that names this server, or the server an advertised URL.",
    )
}
