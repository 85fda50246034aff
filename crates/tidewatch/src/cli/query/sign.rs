//! Signatures for bridges that ask for them, with the access key that AWS's tools use too.

use std::time::{Duration, UNIX_EPOCH};

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{
    SignableBody, SignableRequest, SigningParams, SigningSettings, sign,
};
use aws_sigv4::sign::v4;
use reqwest::Request;
use reqwest::header::{HOST, HeaderName, HeaderValue};
use tidewatch_store::Clock;

use crate::local::SystemClock;

/// The variables of the environment that hold an access key.
const ID: &str = "AWS_ACCESS_KEY_ID";
const SECRET: &str = "AWS_SECRET_ACCESS_KEY";
/// How AWS names the service in signatures.
const SERVICE: &str = "timestream";
/// Part of the signature only: a bridge takes any.
const REGION: &str = "us-east-1";

/// An access key. Its `Debug` form hides the secret.
#[derive(Clone, Debug)]
pub(super) struct Signer(Credentials);

impl Signer {
    /// The access key of the environment, if there is one.
    pub(super) fn from_environment() -> Option<Signer> {
        Signer::new(std::env::var(ID).ok()?, std::env::var(SECRET).ok()?)
    }

    fn new(id: String, secret: String) -> Option<Signer> {
        if id.is_empty() || secret.is_empty() {
            return None;
        }
        Some(Signer(Credentials::new(
            id,
            secret,
            None,
            None,
            "environment",
        )))
    }

    /// Adds a signature to a request whose body is at hand. `None` when it cannot be signed.
    pub(super) fn sign(&self, mut request: Request) -> Option<Request> {
        let url = request.url();
        let host = match url.port() {
            Some(port) => format!("{}:{port}", url.host_str()?),
            None => url.host_str()?.to_owned(),
        };
        request
            .headers_mut()
            .insert(HOST, HeaderValue::from_str(&host).ok()?);
        let identity = self.0.clone().into();
        let now = u64::try_from(SystemClock.now()).ok()?;
        let params: SigningParams<'_> = v4::SigningParams::builder()
            .identity(&identity)
            .region(REGION)
            .name(SERVICE)
            .time(UNIX_EPOCH + Duration::from_nanos(now))
            .settings(SigningSettings::default())
            .build()
            .ok()?
            .into();
        let mut headers = Vec::new();
        for (name, value) in request.headers() {
            headers.push((name.as_str(), value.to_str().ok()?));
        }
        let signable = SignableRequest::new(
            request.method().as_str(),
            request.url().as_str(),
            headers.into_iter(),
            SignableBody::Bytes(request.body()?.as_bytes()?),
        );
        let (instructions, _) = sign(signable.ok()?, &params).ok()?.into_parts();
        for header in instructions.into_parts().0 {
            let value = HeaderValue::from_str(header.value()).ok()?;
            request
                .headers_mut()
                .insert(HeaderName::from_static(header.name()), value);
        }
        Some(request)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signature_covers_host_time_and_operation() {
        let signer = Signer::new("TWKEY".into(), "0123456789abcdef".into()).unwrap();
        let request = reqwest::Client::new()
            .post("https://bridge.example:8443/")
            .header("x-amz-target", "Timestream_20181101.Query")
            .body("{}")
            .build()
            .unwrap();
        let signed = signer.sign(request).unwrap();
        let text = |name: &str| signed.headers()[name].to_str().unwrap().to_owned();
        assert_eq!(text("host"), "bridge.example:8443");
        let authorization = text("authorization");
        assert!(
            authorization.starts_with("AWS4-HMAC-SHA256 Credential=TWKEY/")
                && authorization.contains("SignedHeaders=host;x-amz-date;x-amz-target, Signature="),
            "{authorization}"
        );
        assert!(!format!("{signer:?}").contains("0123456789abcdef"));
    }

    #[test]
    fn half_a_key_is_none() {
        assert!(Signer::new("TWKEY".into(), String::new()).is_none());
    }
}
