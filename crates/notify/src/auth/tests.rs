use super::*;

const SECRET: &str = "0123456789abcdef0123456789abcdef";
const OLD: &str = "ffffffffffffffffffffffffffffffff";
const NOW: Timestamp = Timestamp::from_secs(1_700_000_000);

fn authenticator(timestamp_header: Option<&str>) -> Authenticator {
    let secrets = WebhookSecrets {
        hmac: vec![SECRET.to_owned(), OLD.to_owned()],
        bearer: vec!["b".repeat(40)],
        basic: vec![format!("grafana:{}", "p".repeat(32))],
    };
    Authenticator::new(&secrets, timestamp_header.map(str::to_owned)).unwrap()
}

fn headers(pairs: &[(&str, &str)]) -> HeaderMap {
    pairs
        .iter()
        .map(|(name, value)| {
            (
                http::HeaderName::try_from(*name).unwrap(),
                value.parse().unwrap(),
            )
        })
        .collect()
}

#[test]
fn the_signature_is_grafanas() {
    let body = br#"{"status":"firing"}"#;
    assert_eq!(
        signature(b"s3cret", None, body),
        "043737fa7d4b65306416549b14537adb753ed11a55b3fb6f50fec5192bbd3851"
    );
    assert_eq!(
        signature(b"s3cret", Some("1700000000"), body),
        "a1af856abf490a75085cc50538aa285b686a81e04e3e20b5ccf95d66e0b6aa36"
    );
}

#[test]
fn either_of_two_keys_will_do_and_any_change_is_noticed() {
    let plain = authenticator(None);
    for secret in [SECRET, OLD] {
        let signed = signature(secret.as_bytes(), None, b"body");
        let headers = headers(&[(SIGNATURE_HEADER, &signed)]);
        assert_eq!(plain.verify(&headers, b"body", NOW), Ok(()));
        assert_eq!(
            plain.verify(&headers, b"body ", NOW),
            Err(Refusal::Signature)
        );
    }
    let upper = signature(SECRET.as_bytes(), None, b"body").to_uppercase();
    for wrong in ["", "00", "zz", upper.as_str()] {
        let headers = headers(&[(SIGNATURE_HEADER, wrong)]);
        assert_eq!(
            plain.verify(&headers, b"body", NOW),
            Err(Refusal::Signature)
        );
    }
}

#[test]
fn a_configured_timestamp_is_part_of_the_signature_and_ages() {
    let strict = authenticator(Some(TIMESTAMP_HEADER));
    let verify = |timestamp: &str, signed_over: Option<&str>| {
        let signed = signature(SECRET.as_bytes(), signed_over, b"body");
        let headers = headers(&[(SIGNATURE_HEADER, &signed), (TIMESTAMP_HEADER, timestamp)]);
        strict.verify(&headers, b"body", NOW)
    };
    for within in ["1699999700", "1700000000", "1700000300"] {
        assert_eq!(verify(within, Some(within)), Ok(()));
    }
    for beyond in ["1699999699", "1700000301", "0", "-9223372036854775808"] {
        assert_eq!(verify(beyond, Some(beyond)), Err(Refusal::Stale));
    }
    assert_eq!(
        verify("1700000000", Some("1699999999")),
        Err(Refusal::Signature)
    );
    assert_eq!(verify("1700000000", None), Err(Refusal::Signature));
    assert_eq!(verify("now", Some("now")), Err(Refusal::NoTimestamp));
    let signed = signature(SECRET.as_bytes(), None, b"body");
    assert_eq!(
        strict.verify(&headers(&[(SIGNATURE_HEADER, &signed)]), b"body", NOW),
        Err(Refusal::NoTimestamp)
    );
}

#[test]
fn tokens_and_passwords_are_recognised() {
    let plain = authenticator(None);
    let verify = |value: &str| plain.verify(&headers(&[("authorization", value)]), b"", NOW);
    assert_eq!(verify(&format!("Bearer {}", "b".repeat(40))), Ok(()));
    assert_eq!(verify(&format!("bearer {}", "b".repeat(40))), Ok(()));
    assert_eq!(
        verify(&format!("Bearer {}", "b".repeat(41))),
        Err(Refusal::Credentials)
    );
    let basic = STANDARD.encode(format!("grafana:{}", "p".repeat(32)));
    assert_eq!(verify(&format!("Basic {basic}")), Ok(()));
    assert_eq!(verify("Basic ????"), Err(Refusal::Credentials));
    assert_eq!(verify("Digest x"), Err(Refusal::Missing));
    assert_eq!(
        plain.verify(&HeaderMap::new(), b"", NOW),
        Err(Refusal::Missing)
    );
}

#[test]
fn secrets_that_can_be_guessed_are_refused() {
    let refused = |secrets: WebhookSecrets| {
        Authenticator::new(&secrets, None)
            .map(|_| ())
            .unwrap_err()
            .to_string()
    };
    assert_eq!(
        refused(WebhookSecrets {
            hmac: vec![SECRET.to_owned(), "short".to_owned()],
            ..WebhookSecrets::default()
        }),
        "hmac secret number 2 has 5 bytes; use at least 32, for instance from `openssl rand -hex 32`"
    );
    assert_eq!(
        refused(WebhookSecrets {
            basic: vec!["x".repeat(40)],
            ..WebhookSecrets::default()
        }),
        "basic secret number 1 is not `user:password`"
    );
    assert!(refused(WebhookSecrets::default()).starts_with("there is no secret"));
    assert!(
        !format!(
            "{:?}",
            WebhookSecrets {
                hmac: vec![SECRET.to_owned()],
                ..WebhookSecrets::default()
            }
        )
        .contains(SECRET)
    );
}
