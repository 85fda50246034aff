//! Requests signed as AWS clients sign them.

use std::time::{Duration, UNIX_EPOCH};

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{
    SignableBody, SignableRequest, SigningParams, SigningSettings, sign,
};
use aws_sigv4::sign::v4;
use bytes::Bytes;
use http::{Request, StatusCode};
use http_body_util::Full;
use serde_json::Value;
use tidewatch_bridge::Keys;
use tidewatch_store::Clock;

use super::server::{Answer, Server};

/// Keys of two tenants, of one table, and of the owner; `id` and secret of each are alike.
pub(super) const KEYS: &str = r#"
    [[key]]
    name = "owner"
    access_key_id = "OWNER"
    secret_access_key = "secret-of-OWNER-0123"
    actions = ["read", "write", "admin"]
    databases = ["*"]

    [[key]]
    name = "acme"
    access_key_id = "ACME"
    secret_access_key = "secret-of-ACME-0123"
    actions = ["read", "write", "admin"]
    databases = ["acme"]

    [[key]]
    name = "globex"
    access_key_id = "GLOBEX"
    secret_access_key = "secret-of-GLOBEX-0123"
    actions = ["read", "write", "admin"]
    databases = ["globex"]

    [[key]]
    name = "one-table"
    access_key_id = "TABLE"
    secret_access_key = "secret-of-TABLE-0123"
    actions = ["read"]
    tables = ["acme/one"]

    [[key]]
    name = "writer"
    access_key_id = "WRITER"
    secret_access_key = "secret-of-WRITER-0123"
    actions = ["write"]
    databases = ["acme"]
"#;

impl Server {
    /// Asks for keys from now on.
    pub(super) fn guarded(self) -> Server {
        self.bridge
            .require_keys(Keys::parse(KEYS, |_| None).unwrap());
        self
    }

    /// A request that is signed with the key `id` at the server's own time.
    pub(super) fn signed(&self, id: &str, operation: &str, body: &Value) -> Request<Full<Bytes>> {
        let secret = format!("secret-of-{id}-0123");
        self.signed_with(id, &secret, operation, body)
    }

    pub(super) fn signed_with(
        &self,
        id: &str,
        secret: &str,
        operation: &str,
        body: &Value,
    ) -> Request<Full<Bytes>> {
        let body = body.to_string();
        let request = Request::post("/")
            .header("host", self.url().trim_start_matches("http://"))
            .header("x-amz-target", format!("Timestream_20181101.{operation}"))
            .header("content-type", "application/x-amz-json-1.0")
            .body(Full::from(body.clone()))
            .unwrap();
        self.sign(request, id, secret, body.as_bytes())
    }

    /// Signs all headers of a request.
    pub(super) fn sign(
        &self,
        mut request: Request<Full<Bytes>>,
        id: &str,
        secret: &str,
        body: &[u8],
    ) -> Request<Full<Bytes>> {
        let identity = Credentials::new(id, secret, None, None, "test").into();
        let now = u64::try_from(self.clock.now()).unwrap();
        let params: SigningParams<'_> = v4::SigningParams::builder()
            .identity(&identity)
            .region("eu-central-1")
            .name("timestream")
            .time(UNIX_EPOCH + Duration::from_nanos(now))
            .settings(SigningSettings::default())
            .build()
            .unwrap()
            .into();
        let headers = request
            .headers()
            .iter()
            .map(|(name, value)| (name.as_str(), value.to_str().unwrap()));
        let signable = SignableRequest::new(
            request.method().as_str(),
            request.uri().to_string(),
            headers,
            SignableBody::Bytes(body),
        );
        let (instructions, _) = sign(signable.unwrap(), &params).unwrap().into_parts();
        instructions.apply_to_request_http1x(&mut request);
        request
    }

    /// Calls an operation with the key `id`.
    pub(super) async fn call_as(&self, id: &str, operation: &str, body: Value) -> Answer {
        self.send(self.signed(id, operation, &body)).await
    }

    /// Calls an operation that must succeed.
    pub(super) async fn ok_as(&self, id: &str, operation: &str, body: Value) -> Value {
        let answer = self.call_as(id, operation, body).await;
        let json = answer.json();
        assert_eq!(answer.status, StatusCode::OK, "{id} {operation}: {json}");
        json
    }

    /// Calls an operation that must fail; gives code and message.
    pub(super) async fn refused_as(
        &self,
        id: &str,
        operation: &str,
        body: Value,
    ) -> (String, String) {
        code_and_message(&self.call_as(id, operation, body).await)
    }
}

/// What a failed call says.
pub(super) fn code_and_message(answer: &Answer) -> (String, String) {
    assert_eq!(answer.status, 400, "{:?}", answer.json());
    let json = answer.json();
    let member = |name: &str| json[name].as_str().unwrap_or_default().to_owned();
    let code = member("__type");
    let code = code.rsplit('#').next().unwrap_or_default().to_owned();
    (code, member("message"))
}
