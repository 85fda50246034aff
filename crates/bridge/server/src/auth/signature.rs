//! AWS Signature Version 4, in the `Authorization` header.
//!
//! The signature is computed again with the library that AWS clients sign with, from the headers
//! that the client says it signed and from the body that came. Signatures in the query string
//! (presigned URLs) are not taken: both APIs are `POST /` with a body, which no client presigns.

use std::time::{Duration, UNIX_EPOCH};

use aws_credential_types::Credentials;
use aws_lc_rs::{constant_time, digest};
use aws_sigv4::http_request::{
    SignableBody, SignableRequest, SigningParams, SigningSettings, sign,
};
use aws_sigv4::sign::v4;
use data_encoding::HEXLOWER;
use http::request::Parts;
use http::{HeaderName, header};
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use tidewatch_wire::{ApiError, ErrorCode};

use super::host;
use super::key::Key;

/// The only algorithm.
const ALGORITHM: &str = "AWS4-HMAC-SHA256";
/// How AWS names both services in signatures.
const SERVICE: &str = "timestream";
/// What ends a credential scope.
const TERMINATOR: &str = "aws4_request";
/// How far the clocks of client and server may be apart, in seconds.
const SKEW: i64 = 15 * 60;
/// How instants are written.
const INSTANT: &str = "%Y%m%dT%H%M%SZ";

const DATE: HeaderName = HeaderName::from_static("x-amz-date");
const TARGET: HeaderName = HeaderName::from_static("x-amz-target");
const TOKEN: HeaderName = HeaderName::from_static("x-amz-security-token");
const CONTENT_HASH: HeaderName = HeaderName::from_static("x-amz-content-sha256");

/// What a request says about its signature. Nothing of it is proved before [`Claim::verify`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Claim {
    access_key_id: String,
    region: String,
    /// In seconds since the Unix epoch.
    signed_at: i64,
    /// Names of the signed headers.
    headers: Vec<HeaderName>,
    signature: String,
}

impl Claim {
    /// Reads the headers of a request. `now` is in nanoseconds since the Unix epoch.
    pub(super) fn read(parts: &Parts, now: i64) -> Result<Claim, ApiError> {
        if parts.headers.contains_key(TOKEN) {
            return Err(ApiError::new(
                ErrorCode::UnrecognizedClient,
                "The security token included in the request is invalid. Keys of this server have \
                 no session token; use an access key of its keys file, not those of a role.",
            ));
        }
        let authorization = match parts.headers.get(header::AUTHORIZATION) {
            Some(value) => value
                .to_str()
                .map_err(|_| incomplete("Authorization header has characters beyond ASCII."))?,
            None => {
                return Err(ApiError::new(
                    ErrorCode::MissingAuthenticationToken,
                    "Request is missing Authentication Token",
                ));
            }
        };
        let Some(members) = authorization.strip_prefix(ALGORITHM) else {
            let algorithm = authorization
                .split_ascii_whitespace()
                .next()
                .unwrap_or_default();
            return Err(incomplete(&format!(
                "Unsupported AWS 'algorithm': '{algorithm}'; {ALGORITHM} is the only one."
            )));
        };
        let member = |name: &str| {
            members
                .split(',')
                .filter_map(|member| member.trim().split_once('='))
                .find(|(found, _)| *found == name)
                .map(|(_, value)| value)
                .ok_or_else(|| {
                    incomplete(&format!(
                        "Authorization header requires '{name}' parameter."
                    ))
                })
        };
        let (access_key_id, day, region) = scope(member("Credential")?)?;
        let headers = signed_headers(member("SignedHeaders")?, parts)?;
        let signature = member("Signature")?.to_owned();

        let mut dates = parts.headers.get_all(DATE).iter();
        let written = dates
            .next()
            .and_then(|value| value.to_str().ok())
            .ok_or_else(|| {
                incomplete("Authorization header requires existence of an 'X-Amz-Date' header.")
            })?;
        // The signature is made of one instant, so that nobody would have signed a second.
        if dates.next().is_some() {
            return Err(incomplete(
                "The request has more than one 'X-Amz-Date' header.",
            ));
        }
        let signed_at = instant(written)?;
        if written.get(..8) != Some(day) {
            return Err(invalid(&format!(
                "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date \
                 from HTTP: '{day}' != '{}'.",
                written.get(..8).unwrap_or_default()
            )));
        }
        check_age(written, signed_at, now)?;
        Ok(Claim {
            access_key_id: access_key_id.to_owned(),
            region: region.to_owned(),
            signed_at,
            headers,
            signature,
        })
    }

    pub(super) fn access_key_id(&self) -> &str {
        &self.access_key_id
    }

    /// Computes the signature with the secret of `key` and compares.
    pub(super) fn verify(&self, key: &Key, parts: &Parts, body: &[u8]) -> Result<(), ApiError> {
        let hash = HEXLOWER.encode(digest::digest(&digest::SHA256, body).as_ref());
        if let Some(claimed) = parts.headers.get(CONTENT_HASH)
            && claimed.as_bytes() != hash.as_bytes()
        {
            return Err(invalid(
                "The provided 'x-amz-content-sha256' header does not match what was computed.",
            ));
        }
        let expected = self
            .expected(&key.credentials, parts, hash)
            .ok_or_else(mismatch)?;
        constant_time::verify_slices_are_equal(expected.as_bytes(), self.signature.as_bytes())
            .map_err(|_| mismatch())
    }

    /// The right signature; `None` when the request cannot be signed at all.
    fn expected(&self, credentials: &Credentials, parts: &Parts, hash: String) -> Option<String> {
        let mut headers = Vec::with_capacity(self.headers.len());
        for name in &self.headers {
            if name == header::HOST {
                headers.push((name.as_str(), host::of(parts)?));
                continue;
            }
            for value in parts.headers.get_all(name) {
                headers.push((name.as_str(), value.to_str().ok()?));
            }
        }
        // Everything that the client signed, and nothing else, is in the list already.
        let mut settings = SigningSettings::default();
        settings.excluded_headers = None;
        let identity = credentials.clone().into();
        let at = UNIX_EPOCH + Duration::from_secs(u64::try_from(self.signed_at).ok()?);
        let params: SigningParams<'_> = v4::SigningParams::builder()
            .identity(&identity)
            .region(&self.region)
            .name(SERVICE)
            .time(at)
            .settings(settings)
            .build()
            .ok()?
            .into();
        let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
        let request = SignableRequest::new(
            parts.method.as_str(),
            path,
            headers.into_iter(),
            SignableBody::Precomputed(hash),
        )
        .ok()?;
        Some(sign(request, &params).ok()?.into_parts().1)
    }
}

/// Access key id, day and region of `<id>/<day>/<region>/timestream/aws4_request`.
fn scope(credential: &str) -> Result<(&str, &str, &str), ApiError> {
    let parts: Vec<&str> = credential.split('/').collect();
    let [id, day, region, service, terminator] = parts[..] else {
        return Err(incomplete(
            "Credential must have exactly 5 slash-delimited elements, e.g. \
             keyid/date/region/service/term.",
        ));
    };
    if service != SERVICE {
        return Err(invalid(&format!(
            "Credential should be scoped to correct service: '{SERVICE}'."
        )));
    }
    if terminator != TERMINATOR {
        return Err(invalid(&format!(
            "Credential should be scoped with a valid terminator: '{TERMINATOR}', not '{terminator}'."
        )));
    }
    Ok((id, day, region))
}

/// The headers of a list like `host;x-amz-date`. All of them must be there, and those that say
/// where, when and what must be among them: else a signed body could be sent for another purpose.
fn signed_headers(list: &str, parts: &Parts) -> Result<Vec<HeaderName>, ApiError> {
    let mut headers = Vec::new();
    for name in list.split(';') {
        let header = HeaderName::try_from(name)
            .ok()
            .filter(|header| header == header::HOST || parts.headers.contains_key(header));
        let Some(header) = header else {
            return Err(invalid(&format!(
                "The signed header '{name}' is not in the request."
            )));
        };
        if headers.contains(&header) {
            return Err(invalid(&format!("The header '{name}' is signed twice.")));
        }
        headers.push(header);
    }
    for needed in [header::HOST, DATE, TARGET] {
        if !headers.contains(&needed) && (needed != TARGET || parts.headers.contains_key(&needed)) {
            return Err(invalid(&format!(
                "'{needed}' must be a 'SignedHeader' in the AWS Authorization."
            )));
        }
    }
    Ok(headers)
}

fn instant(written: &str) -> Result<i64, ApiError> {
    DateTime::strptime(INSTANT, written)
        .ok()
        // Blanks may stand for zeros there, and the signature is made of the instant's one spelling.
        .filter(|moment| moment.strftime(INSTANT).to_string() == written)
        .and_then(|moment| TimeZone::UTC.to_timestamp(moment).ok())
        .map(|moment| moment.as_second())
        .ok_or_else(|| {
            incomplete(&format!(
                "Date must be in ISO-8601 'basic format'. Got '{written}'."
            ))
        })
}

fn check_age(written: &str, signed_at: i64, now: i64) -> Result<(), ApiError> {
    let now = now.div_euclid(1_000_000_000);
    let text = |seconds: i64| {
        jiff::Timestamp::from_second(seconds)
            .map(|moment| moment.strftime(INSTANT).to_string())
            .unwrap_or_default()
    };
    if signed_at < now - SKEW {
        return Err(invalid(&format!(
            "Signature expired: {written} is now earlier than {} ({} - 15 min.)",
            text(now - SKEW),
            text(now)
        )));
    }
    if signed_at > now + SKEW {
        return Err(invalid(&format!(
            "Signature not yet current: {written} is still later than {} ({} + 15 min.)",
            text(now + SKEW),
            text(now)
        )));
    }
    Ok(())
}

fn incomplete(text: &str) -> ApiError {
    ApiError::new(ErrorCode::IncompleteSignature, text)
}

fn invalid(text: &str) -> ApiError {
    ApiError::new(ErrorCode::InvalidSignature, text)
}

fn mismatch() -> ApiError {
    invalid(
        "The request signature we calculated does not match the signature you provided. Check your \
         AWS Secret Access Key and signing method. Consult the service documentation for details.",
    )
}

#[cfg(test)]
mod tests;
