//! An assertion as JSON.

use serde_json::{Map, Value, json};
use tidewatch_domain::monitor::{
    AddressTest, Assertion, CertificateTest, DnsAssertion, JsonTest, NumberTest, TextTest,
};

use super::millis;

pub(super) fn assertion(assertion: &Assertion) -> Value {
    match assertion {
        Assertion::Status(set) => {
            let ranges = set.to_string();
            json!({ "on": "status", "is": ranges.split(", ").collect::<Vec<_>>() })
        }
        Assertion::HttpVersion(versions) => {
            let names: Vec<&str> = versions.iter().map(|version| version.name()).collect();
            json!({ "on": "http_version", "is": names })
        }
        Assertion::Header { name, test } => {
            with(json!({ "on": "header", "name": name }), text(test))
        }
        Assertion::HeaderPresent { name, present } => {
            json!({ "on": "header", "name": name, "present": present })
        }
        Assertion::Body(test) => with(json!({ "on": "body" }), text(test)),
        Assertion::BodyLength(test) => with(json!({ "on": "body_length" }), number(*test)),
        Assertion::BodySha256(digest) => {
            json!({ "on": "body_sha256", "equals": digest.to_string() })
        }
        Assertion::Json { path, test } => with(
            json!({ "on": "json", "path": path.to_string() }),
            on_json(test),
        ),
        Assertion::FinalUrl(test) => with(json!({ "on": "final_url" }), text(test)),
        Assertion::Timing { timing, at_most } => {
            json!({ "on": "timing", "phase": timing.name(), "at_most_ms": millis(*at_most) })
        }
        Assertion::Certificate(test) => {
            let head = json!({ "on": "certificate", "field": test.field() });
            with(head, on_certificate(test))
        }
        Assertion::Tls { field, test } => {
            with(json!({ "on": "tls", "field": field.name() }), text(test))
        }
        Assertion::RemoteAddr(AddressTest::Text(test)) => {
            with(json!({ "on": "remote_addr" }), text(test))
        }
        Assertion::RemoteAddr(AddressTest::In(ranges)) => {
            let ranges: Vec<String> = ranges.iter().map(ToString::to_string).collect();
            json!({ "on": "remote_addr", "in": ranges })
        }
        Assertion::Dns(assertion) => on_dns(assertion),
        Assertion::Reply(test) => with(json!({ "on": "reply" }), text(test)),
    }
}

fn on_dns(assertion: &DnsAssertion) -> Value {
    match assertion {
        DnsAssertion::Rcode(codes) => {
            let codes: Vec<String> = codes.iter().map(ToString::to_string).collect();
            json!({ "on": "dns_rcode", "is": codes })
        }
        DnsAssertion::Answer { which, test } => {
            json!({ "on": "dns_answer", which.name(): text(test) })
        }
        DnsAssertion::Count(test) => with(json!({ "on": "dns_count" }), number(*test)),
        DnsAssertion::Ttl(test) => with(json!({ "on": "dns_ttl" }), number(*test)),
        DnsAssertion::Flag { flag, is } => {
            json!({ "on": "dns_flag", "flag": flag.name(), "is": is })
        }
    }
}

fn on_json(test: &JsonTest) -> Value {
    match test {
        JsonTest::Exists(exists) => json!({ "exists": exists }),
        JsonTest::Equals(value) => json!({ "equals": value }),
        JsonTest::Number(test) => number(*test),
        JsonTest::Text(test) => text(test),
        JsonTest::Count(test) => json!({ "count": number(*test) }),
    }
}

fn on_certificate(test: &CertificateTest) -> Value {
    match test {
        CertificateTest::DaysLeft(test) | CertificateTest::KeyBits(test) => number(*test),
        CertificateTest::NotAfter(instant) => json!({ "at_least": instant.to_string() }),
        CertificateTest::Issuer(test)
        | CertificateTest::Subject(test)
        | CertificateTest::Names(test) => text(test),
        CertificateTest::Fingerprint(digests) => {
            let digests: Vec<String> = digests.iter().map(ToString::to_string).collect();
            json!({ "is": digests })
        }
    }
}

fn text(test: &TextTest) -> Value {
    json!({ test.verb(): test.wanted() })
}

fn number(test: NumberTest) -> Value {
    let bounds = [("at_least", test.at_least()), ("at_most", test.at_most())];
    let given = bounds
        .into_iter()
        .filter_map(|(name, bound)| Some((name.to_owned(), plain(bound?))));
    Value::Object(given.collect::<Map<_, _>>())
}

/// A number without a fraction, where it has none.
fn plain(number: f64) -> Value {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if number.fract() == 0.0 && number.abs() < EXACT {
        json!(number as i64)
    } else {
        json!(number)
    }
}

/// `head` with the fields of `test` after its own.
fn with(mut head: Value, test: Value) -> Value {
    if let (Value::Object(head), Value::Object(test)) = (&mut head, test) {
        head.extend(test);
    }
    head
}
