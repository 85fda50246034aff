//! The Query API of the bridge, as an AWS client speaks it: AWS JSON 1.0 over HTTP.

use std::path::{Path, PathBuf};
use std::time::Duration;

use reqwest::StatusCode;
use serde::{Deserialize, Serialize};
use tidewatch_wire::{CancelQueryRequest, Operation, QueryRequest, QueryResponse, TARGET_PREFIX};
use url::{Host, Url};

use super::Failure;
use super::sign::Signer;
use crate::cli::exit::Complaint;

/// The most rows that a page can have.
const PAGE: usize = 1_000;
/// Whoever listens answers the handshake at once; a query itself may take its time.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// A bridge that can be asked.
#[derive(Debug)]
pub(in crate::cli) struct Bridge {
    http: reqwest::Client,
    url: Url,
    /// Signs every request when the environment has an access key.
    signer: Option<Signer>,
}

impl Bridge {
    /// A client for the bridge at `url`, which trusts the certificates in the file
    /// `authorities`, too; nothing is sent yet.
    pub(in crate::cli) fn new(url: Url, authorities: Option<&Path>) -> Result<Self, Complaint> {
        if !matches!(url.scheme(), "http" | "https") {
            return Err(
                Complaint::usage(format!("`{url}` is not the address of a bridge"))
                    .remedy("write it as http://127.0.0.1:8086"),
            );
        }
        let mut http = reqwest::Client::builder().connect_timeout(CONNECT_TIMEOUT);
        if is_this_machine(&url) {
            http = http.no_proxy();
        }
        if let Some(file) = authorities {
            http = http.tls_certs_merge(certificates(file)?);
        }
        let http = http.build().map_err(|error| {
            Complaint::failed("the HTTP client cannot be set up").because(error)
        })?;
        Ok(Bridge {
            http,
            url,
            signer: Signer::from_environment(),
        })
    }

    /// A page of the answer to `sql` with at most `rows` rows: the first one, or the one that
    /// `token` stands for.
    pub(in crate::cli) async fn query(
        &self,
        sql: &str,
        token: Option<String>,
        rows: usize,
    ) -> Result<QueryResponse, Failure> {
        let request = QueryRequest {
            query_string: Some(sql.to_owned()),
            next_token: token,
            max_rows: i64::try_from(rows.clamp(1, PAGE)).ok(),
            ..QueryRequest::default()
        };
        let response = self
            .send(Operation::Query, &request)
            .await
            .map_err(Failure::Unusable)?;
        let status = response.status();
        let body = response
            .bytes()
            .await
            .map_err(|error| Failure::Unusable(self.broken(error)))?;
        if status != StatusCode::OK {
            return Err(self.refusal(status, &body));
        }
        serde_json::from_slice(&body).map_err(|error| Failure::Unusable(self.unknown(error)))
    }

    /// Tells the bridge that the rest of an answer is not wanted. Best effort: an answer that
    /// nobody reads ends by itself, only later.
    pub(super) async fn cancel(&self, query_id: &str) {
        let request = CancelQueryRequest {
            query_id: Some(query_id.to_owned()),
        };
        let _ = self.send(Operation::CancelQuery, &request).await;
    }

    /// Has the bridge copy everything it stores into a folder of this name; gives the folder, a
    /// path on the bridge's machine.
    pub(in crate::cli) async fn back_up(&self, name: &str) -> Result<PathBuf, Complaint> {
        let url = self.url.join("/backup").map_err(|error| {
            Complaint::usage(format!("`{}` is not the address of a bridge", self.url))
                .because(error)
        })?;
        let request = self
            .http
            .post(url)
            .header("content-type", "application/json")
            .body(serde_json::json!({ "Name": name }).to_string());
        let response = self.execute(request).await?;
        let status = response.status();
        let body = response.bytes().await.map_err(|error| self.broken(error))?;
        if status != StatusCode::OK {
            return Err(match self.refusal(status, &body) {
                Failure::Refused(message) => {
                    Complaint::failed(format!("the bridge made no copy: {message}"))
                }
                Failure::Unusable(complaint) => complaint,
            });
        }
        let made: BackedUp = serde_json::from_slice(&body).map_err(|error| self.unknown(error))?;
        Ok(made.folder)
    }

    async fn send(
        &self,
        operation: Operation,
        request: &impl Serialize,
    ) -> Result<reqwest::Response, Complaint> {
        let body = serde_json::to_vec(request)
            .expect("a structure of texts and integers always has a JSON form");
        let request = self
            .http
            .post(self.url.clone())
            .header("content-type", "application/x-amz-json-1.0")
            .header("x-amz-target", format!("{TARGET_PREFIX}{operation}"))
            .body(body);
        self.execute(request).await
    }

    /// Signs a request and sends it.
    async fn execute(
        &self,
        request: reqwest::RequestBuilder,
    ) -> Result<reqwest::Response, Complaint> {
        let request = request.build().map_err(|error| self.broken(error))?;
        let request = match &self.signer {
            Some(signer) => signer
                .sign(request)
                .ok_or_else(|| Complaint::failed("the request cannot be signed"))?,
            None => request,
        };
        let sent = self.http.execute(request).await;
        sent.map_err(|error| {
            if error.is_connect() {
                Complaint::failed(format!("no bridge answers at {}", self.url)).remedy(
                    "start it with `tidewatch up`, or name the one to ask with --endpoint-url",
                )
            } else {
                self.broken(error)
            }
        })
    }

    /// An error in AWS's form: the code, for instance `ValidationException`, is no news for the
    /// reader where the message speaks about the statement.
    fn refusal(&self, status: StatusCode, body: &[u8]) -> Failure {
        let body: serde_json::Value = serde_json::from_slice(body).unwrap_or_default();
        let member = |name: &str| body.get(name).and_then(serde_json::Value::as_str);
        let Some(kind) = member("__type") else {
            let complaint = Complaint::failed(format!("{} answered {status}", self.url));
            return Failure::Unusable(
                complaint.remedy("check that a Tidewatch bridge listens there"),
            );
        };
        let kind = kind.rsplit('#').next().unwrap_or(kind);
        let text = member("message").or(member("Message")).unwrap_or_default();
        let message = match kind {
            "ValidationException" | "QueryExecutionException" if !text.is_empty() => {
                text.to_owned()
            }
            _ if text.is_empty() => kind.to_owned(),
            _ => format!("{kind}: {text}"),
        };
        Failure::Refused(message)
    }

    fn broken(&self, error: reqwest::Error) -> Complaint {
        Complaint::failed(format!("the connection to {} broke", self.url)).because(error)
    }

    fn unknown(&self, error: serde_json::Error) -> Complaint {
        Complaint::failed(format!("{} gave no answer of a bridge", self.url))
            .remedy("check that a Tidewatch bridge listens there")
            .because(error)
    }
}

/// What `POST /backup` answers, as far as it is used.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct BackedUp {
    folder: PathBuf,
}

/// The certificates of a PEM file.
fn certificates(file: &Path) -> Result<Vec<reqwest::Certificate>, Complaint> {
    let unfit = |error: Box<dyn std::error::Error + Send + Sync>| {
        Complaint::usage(format!(
            "no certificates can be read from {}",
            file.display()
        ))
        .remedy("name a PEM file with the certificate of the authority")
        .because(error)
    };
    let pem = std::fs::read(file).map_err(|error| unfit(error.into()))?;
    reqwest::Certificate::from_pem_bundle(&pem).map_err(|error| unfit(error.into()))
}

/// A proxy of the environment is for other machines.
fn is_this_machine(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}
