//! The JSON of attempts and what they hold. Each form mirrors a type of `tidewatch_domain::probe`
//! field by field, which the compiler checks.

use std::net::SocketAddr;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tidewatch_domain::monitor::{AssertionResult, Connection};
use tidewatch_domain::probe::{DnsFacts, Hop, PhaseReached, Staple, StepFacts, TlsFacts};
use tidewatch_domain::{Attempt, Cause, ErrorClass, ErrorOwner, Phases, Timestamp};

use super::dns::DnsFactsForm;
use super::scalar::{
    by_name, http_version, is_false, nanos, revocation, some_nanos, time, tls_version,
};

/// Modules for serde's `with` on lists of mirrored types.
macro_rules! lists {
    ($($module:ident $type:ty, $form:literal;)*) => {
        $(pub(super) mod $module {
            use super::*;

            #[derive(Serialize)]
            struct Borrowed<'a>(#[serde(with = $form)] &'a $type);

            #[derive(Deserialize)]
            struct Owned(#[serde(with = $form)] $type);

            pub(in super::super) fn serialize<S: serde::Serializer>(
                items: &[$type],
                serializer: S,
            ) -> Result<S::Ok, S::Error> {
                serializer.collect_seq(items.iter().map(Borrowed))
            }

            pub(in super::super) fn deserialize<'de, D: serde::Deserializer<'de>>(
                deserializer: D,
            ) -> Result<Vec<$type>, D::Error> {
                let items = Vec::<Owned>::deserialize(deserializer)?;
                Ok(items.into_iter().map(|Owned(item)| item).collect())
            }
        })*
    };
}
pub(super) use lists;

/// Modules for serde's `with` on mirrored types that may be absent.
macro_rules! options {
    ($($module:ident $type:ty, $form:literal;)*) => {
        $(pub(super) mod $module {
            use super::*;

            #[derive(Serialize)]
            struct Borrowed<'a>(#[serde(with = $form)] &'a $type);

            #[derive(Deserialize)]
            struct Owned(#[serde(with = $form)] $type);

            pub(in super::super) fn serialize<S: serde::Serializer>(
                value: &Option<$type>,
                serializer: S,
            ) -> Result<S::Ok, S::Error> {
                value.as_ref().map(Borrowed).serialize(serializer)
            }

            pub(in super::super) fn deserialize<'de, D: serde::Deserializer<'de>>(
                deserializer: D,
            ) -> Result<Option<$type>, D::Error> {
                let value = Option::<Owned>::deserialize(deserializer)?;
                Ok(value.map(|Owned(value)| value))
            }
        })*
    };
}

lists! {
    attempts Attempt, "AttemptForm";
    causes Cause, "CauseForm";
    hops Hop, "HopForm";
    steps StepFacts, "StepFactsForm";
    assertions AssertionResult, "AssertionResultForm";
}
options! {
    some_attempt Attempt, "AttemptForm";
    some_tls TlsFacts, "TlsFactsForm";
    some_staple Staple, "StapleForm";
    some_dns DnsFacts, "DnsFactsForm";
}

/// A text that the program knows, so that nothing is borrowed from the message: serde takes any
/// reference for a borrowed one.
type KnownText = &'static str;

#[derive(Serialize, Deserialize)]
#[serde(remote = "Attempt")]
struct AttemptForm {
    number: u8,
    #[serde(with = "time")]
    started_at: Timestamp,
    #[serde(with = "by_name")]
    connection: Connection,
    #[serde(with = "PhasesForm")]
    phases: Phases,
    #[serde(with = "by_name")]
    reached: PhaseReached,
    #[serde(with = "causes", default, skip_serializing_if = "Vec::is_empty")]
    causes: Vec<Cause>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    status_code: Option<u16>,
    #[serde(
        with = "http_version",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    http_version: Option<KnownText>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    remote_addr: Option<SocketAddr>,
    body_bytes: u64,
    #[serde(default, skip_serializing_if = "is_false")]
    body_cut: bool,
    #[serde(with = "some_tls", default, skip_serializing_if = "Option::is_none")]
    tls: Option<TlsFacts>,
    #[serde(with = "some_dns", default, skip_serializing_if = "Option::is_none")]
    dns: Option<DnsFacts>,
    #[serde(with = "hops", default, skip_serializing_if = "Vec::is_empty")]
    hops: Vec<Hop>,
    #[serde(with = "steps", default, skip_serializing_if = "Vec::is_empty")]
    steps: Vec<StepFacts>,
    #[serde(with = "assertions", default, skip_serializing_if = "Vec::is_empty")]
    assertions: Vec<AssertionResult>,
    #[serde(with = "some_nanos", default, skip_serializing_if = "Option::is_none")]
    rtt: Option<Duration>,
    #[serde(with = "some_nanos", default, skip_serializing_if = "Option::is_none")]
    prober_lag: Option<Duration>,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Phases")]
struct PhasesForm {
    #[serde(with = "some_nanos", default, skip_serializing_if = "Option::is_none")]
    resolve: Option<Duration>,
    #[serde(with = "some_nanos", default, skip_serializing_if = "Option::is_none")]
    connect: Option<Duration>,
    #[serde(with = "some_nanos", default, skip_serializing_if = "Option::is_none")]
    proxy: Option<Duration>,
    #[serde(with = "some_nanos", default, skip_serializing_if = "Option::is_none")]
    tls: Option<Duration>,
    #[serde(with = "some_nanos", default, skip_serializing_if = "Option::is_none")]
    send: Option<Duration>,
    #[serde(with = "some_nanos", default, skip_serializing_if = "Option::is_none")]
    wait: Option<Duration>,
    #[serde(with = "some_nanos", default, skip_serializing_if = "Option::is_none")]
    transfer: Option<Duration>,
    #[serde(with = "nanos")]
    total: Duration,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Cause")]
struct CauseForm {
    #[serde(with = "by_name")]
    class: ErrorClass,
    #[serde(with = "by_name")]
    owner: ErrorOwner,
    text: String,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Hop")]
struct HopForm {
    url: String,
    status_code: u16,
    #[serde(with = "PhasesForm")]
    phases: Phases,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "StepFacts")]
struct StepFactsForm {
    step: String,
    #[serde(with = "nanos")]
    took: Duration,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "AssertionResult")]
struct AssertionResultForm {
    expression: String,
    expected: String,
    actual: String,
    passed: bool,
    #[serde(with = "by_name")]
    class: ErrorClass,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "TlsFacts")]
struct TlsFactsForm {
    #[serde(with = "tls_version", default, skip_serializing_if = "Option::is_none")]
    version: Option<KnownText>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    cipher: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    group: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    alpn: Option<String>,
    #[serde(default, skip_serializing_if = "is_false")]
    resumed: bool,
    /// Written once for all attempts that met it, by [`super::certificates`].
    #[serde(skip)]
    certificate: Option<tidewatch_domain::probe::CertificateFacts>,
    #[serde(with = "some_staple", default, skip_serializing_if = "Option::is_none")]
    staple: Option<Staple>,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Staple", rename_all = "snake_case")]
enum StapleForm {
    Good,
    Revoked {
        #[serde(with = "time")]
        at: Timestamp,
        #[serde(with = "revocation", default, skip_serializing_if = "Option::is_none")]
        reason: Option<KnownText>,
    },
    Unusable(String),
}
