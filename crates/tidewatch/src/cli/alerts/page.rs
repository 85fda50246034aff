//! The requests of a running `tidewatch up`: its status page takes them.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use reqwest::{Method, StatusCode};
use serde_json::Value;
use url::Url;

use crate::cli::exit::Complaint;
use crate::cli::settings;
use crate::settings::UpArgs;

/// It is on this machine.
const TIME_LIMIT: Duration = Duration::from_secs(10);

/// Which running `tidewatch up` is meant.
#[derive(Args, Clone, Debug)]
pub(super) struct PageArgs {
    /// Address of its status page [default: what the settings say, http://127.0.0.1:8080]
    #[arg(long, env = "TIDEWATCH_STATUS_URL", value_name = "URL")]
    status_url: Option<Url>,
    /// Settings file [default: tidewatch.toml, when it exists]
    #[arg(long, env = "TIDEWATCH_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
    /// Print JSON
    #[arg(long)]
    pub(super) json: bool,
}

/// A running `tidewatch up`.
#[derive(Debug)]
pub(super) struct Page {
    http: reqwest::Client,
    url: Url,
}

impl PageArgs {
    /// The one that is meant; nothing is sent yet.
    pub(super) fn page(&self) -> Result<Page, Complaint> {
        let url = match &self.status_url {
            Some(url) => url.clone(),
            None => self.of_settings()?,
        };
        if url.scheme() != "http" || !url.has_host() {
            return Err(
                Complaint::usage(format!("`{url}` is not the address of a status page"))
                    .remedy("write it as http://127.0.0.1:8080"),
            );
        }
        // A proxy of the environment is for other machines.
        let http = reqwest::Client::builder().no_proxy().timeout(TIME_LIMIT);
        let http = http.build().map_err(|error| {
            Complaint::failed("the HTTP client cannot be set up").because(error)
        })?;
        Ok(Page { http, url })
    }

    fn of_settings(&self) -> Result<Url, Complaint> {
        let settings = settings::of_up(|of_up| UpArgs {
            config: self.config.clone().or(of_up.config),
            ..of_up
        })?;
        let url = format!("http://{}", settings.listen);
        Url::parse(&url).map_err(|error| {
            Complaint::failed(format!("`{url}` is not the address of a status page")).because(error)
        })
    }
}

impl Page {
    /// Sends a request to the path of `segments`; returns the JSON of a good answer.
    pub(super) async fn ask(
        &self,
        method: Method,
        segments: &[&str],
        body: Option<&Value>,
    ) -> Result<Value, Complaint> {
        let mut url = self.url.clone();
        url.path_segments_mut()
            .map_err(|()| Complaint::usage(format!("`{}` has no pages", self.url)))?
            .pop_if_empty()
            .extend(segments);
        let mut request = self
            .http
            .request(method, url)
            .header("content-type", "application/json");
        if let Some(body) = body {
            request = request.body(body.to_string());
        }
        let answer = request.send().await.map_err(|error| self.silent(error))?;
        let status = answer.status();
        let bytes = answer.bytes().await.map_err(|error| self.silent(error))?;
        let json: Result<Value, _> = serde_json::from_slice(&bytes);
        match json {
            Ok(json) if status.is_success() => Ok(json),
            Ok(json) if json["error"].is_string() => Err(refused(status, &json)),
            _ => Err(Complaint::failed(format!("{} answered {status}", self.url))
                .remedy("check that a tidewatch of this version serves its status page there")),
        }
    }

    fn silent(&self, error: reqwest::Error) -> Complaint {
        if error.is_connect() {
            return Complaint::failed(format!("no tidewatch answers at {}", self.url))
                .remedy("start it with `tidewatch up`, or name its page with --status-url");
        }
        Complaint::failed(format!("the connection to {} broke", self.url)).because(error)
    }
}

/// A refusal with the words of whoever refused.
fn refused(status: StatusCode, json: &Value) -> Complaint {
    let reason = json["error"].as_str().unwrap_or_default();
    match status {
        StatusCode::BAD_REQUEST => Complaint::usage(reason),
        _ => Complaint::failed(reason),
    }
}

/// The text of JSON for a terminal or a pipe.
pub(super) fn pretty(json: &Value) -> String {
    let text = serde_json::to_string_pretty(json).expect("a JSON value always has a text");
    text + "\n"
}

/// Who asks, where nobody says: the user of this machine.
pub(super) fn author(named: Option<&String>) -> Result<String, Complaint> {
    let named = named.cloned();
    let user = || std::env::var("USER").ok();
    let found = named.or_else(user).filter(|name| !name.trim().is_empty());
    found.ok_or_else(|| {
        Complaint::usage("nobody knows who asks: USER is not set")
            .remedy("name yourself with --author")
    })
}
