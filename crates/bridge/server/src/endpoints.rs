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
    /// own, so it gets the bare host. All others prefix `https://` unless a scheme is there, so
    /// they get a URL.
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
        let bare = user_agent.is_some_and(|agent| agent.starts_with("aws-sdk-js/"));
        let address = if bare {
            authority.host().to_owned()
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
