//! Signatures: from the head and body of a request to whether it is answered.
//!
//! An input is the server's clock, in seconds after the instant of signing, and a request as HTTP/1.1
//! writes it. The seeds are signed with the one key that the server has. Nobody else knows its
//! secret, so whatever else is answered must say the same in all that a seed's signature covers.

mod request;

use std::time::{Duration, UNIX_EPOCH};

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{
    SignableBody, SignableRequest, SigningParams, SigningSettings, sign,
};
use aws_sigv4::sign::v4;
use libfuzzer_sys::Corpus;
use tidewatch_bridge::Keys;
use tokio::runtime::{Builder, Runtime};

use self::request::{Covered, Text};
use super::Target;
use crate::server::{Answer, Server};

/// 2026-03-01T12:00:00Z, when the seeds were signed, in seconds since the Unix epoch.
const NOON: u32 = 1_772_366_400;
/// How far the clocks may be apart, in seconds.
const SKEW: u64 = 15 * 60;
const KEY: &str = "AKIDEXAMPLE";
const SECRET: &str = "a-secret-that-is-in-no-input-7Vn4wqKx02Jr";
/// Codes of those who did not get past the signature, or whose request did not arrive.
const REFUSALS: [&str; 8] = [
    "AccessDeniedException",
    "IncompleteSignatureException",
    "InvalidSignatureException",
    "MissingAuthenticationTokenException",
    "RequestEntityTooLargeException",
    "RequestTimeoutException",
    "SerializationException",
    "UnrecognizedClientException",
];

pub(crate) struct SigV4 {
    runtime: Runtime,
    server: Server,
    seeds: Vec<Text>,
    covered: Vec<Covered>,
}

impl SigV4 {
    pub(crate) fn new() -> SigV4 {
        let runtime = Builder::new_current_thread().enable_all().build();
        let runtime = runtime.expect("a runtime can be made");
        let server = runtime.block_on(Server::start(0));
        let keys = format!(
            "[[key]]\nname = \"key\"\naccess_key_id = \"{KEY}\"\nsecret_access_key = \"{SECRET}\"\n\
             actions = [\"read\"]\ndatabases = [\"*\"]\n"
        );
        let keys = Keys::parse(&keys, |_| None).expect("the keys are right");
        server.bridge.require_keys(keys);
        let seeds: Vec<Text> = UNSIGNED.iter().map(|text| signed(text)).collect();
        let covered = seeds.iter().map(Covered::by_its_own_list).collect();
        let target = SigV4 {
            runtime,
            server,
            seeds,
            covered,
        };
        for seed in &target.seeds {
            assert!(target.is_answered(seed), "a seed is refused:\n{seed}");
        }
        target
    }

    fn is_answered(&self, text: &Text) -> bool {
        let Some(request) = text.request() else {
            return false;
        };
        self.server
            .clock
            .set((i64::from(NOON) + text.clock) * 1_000_000_000);
        let answer: Answer = self.runtime.block_on(self.server.call(request));
        let error = answer.error();
        assert_ne!(error, "InternalServerException");
        match text.path().as_str() {
            // Open to everybody.
            "/healthz" => false,
            "/" if text.method == "POST" => !REFUSALS.contains(&error.as_str()),
            _ => answer.status.is_success(),
        }
    }
}

/// Requests of every kind that is signed, without their signatures.
const UNSIGNED: [&str; 5] = [
    "0\nPOST /\nhost: localhost:8086\nx-amz-target: Timestream_20181101.ListDatabases\ncontent-type: application/x-amz-json-1.0\n\n{}",
    "0\nPOST /\nhost: localhost:8086\nx-amz-target: Timestream_20181101.Query\ncontent-type: application/x-amz-json-1.0\n\n{\"QueryString\":\"SELECT 1\"}",
    "0\nPOST /?a=b%20c&d=&a=a\nhost: LOCALHOST\nx-amz-target: Timestream_20181101.ListDatabases\nx-many: a  b\nx-many: c\n\n{\"MaxResults\":1}",
    "0\nPOST /\nhost: localhost\nx-amz-target: Timestream_20181101.ListTables\ncontent-length: 2\nuser-agent: aws-cli/2\namz-sdk-request: attempt=1\n\n{}",
    "0\nGET /metrics\nhost: localhost:8086\n\n",
];

/// A request with the headers of its signature.
fn signed(unsigned: &str) -> Text {
    let mut text = Text::parse(unsigned.as_bytes()).expect("the request is written rightly");
    let identity = Credentials::new(KEY, SECRET, None, None, "fuzz").into();
    let mut settings = SigningSettings::default();
    settings.excluded_headers = None;
    let params: SigningParams<'_> = v4::SigningParams::builder()
        .identity(&identity)
        .region("eu-central-1")
        .name("timestream")
        .time(UNIX_EPOCH + Duration::from_secs(u64::from(NOON)))
        .settings(settings)
        .build()
        .expect("all parameters are given")
        .into();
    let request = SignableRequest::new(
        text.method.as_str(),
        text.target.as_str(),
        text.headers
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str())),
        SignableBody::Bytes(&text.body),
    );
    let signing = sign(request.expect("the request is written rightly"), &params);
    let (instructions, _) = signing.expect("the request can be signed").into_parts();
    let added: Vec<(String, String)> = instructions
        .headers()
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    text.headers.extend(added);
    text
}

impl Target for SigV4 {
    fn run(&self, input: &[u8]) -> Corpus {
        let Some(text) = Text::parse(input) else {
            return Corpus::Reject;
        };
        if self.is_answered(&text) {
            assert!(
                text.clock.unsigned_abs() <= SKEW,
                "too old or too new:\n{text}"
            );
            let is_a_seed = self.covered.iter().any(|seed| *seed == seed.same_of(&text));
            assert!(is_a_seed, "nobody has signed this:\n{text}");
        }
        Corpus::Keep
    }

    fn seeds(&self) -> Vec<Vec<u8>> {
        self.seeds
            .iter()
            .map(|seed| seed.to_string().into_bytes())
            .collect()
    }

    fn words(&self) -> Vec<Vec<u8>> {
        let mut words: Vec<Vec<u8>> = self
            .seeds
            .iter()
            .flat_map(|seed| &seed.headers)
            .flat_map(|(name, value)| {
                let parts = value.split([' ', ',', ';', '/', '=']);
                std::iter::once(format!("{name}: ")).chain(parts.map(str::to_owned))
            })
            .map(String::into_bytes)
            .collect();
        let more: [&[u8]; 12] = [
            b"x-amz-content-sha256: ",
            b"UNSIGNED-PAYLOAD",
            b"x-amz-security-token: ",
            b"date: ",
            b"authorization: Basic ",
            b"transfer-encoding: chunked",
            b"X-Amz-Signature=",
            b"%2F",
            b"http://localhost:8086/",
            b"/./",
            b"//",
            b"PUT ",
        ];
        words.extend(more.map(<[u8]>::to_vec));
        words.sort();
        words.dedup();
        words
    }
}
