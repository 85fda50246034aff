use std::sync::Arc;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use parking_lot::Mutex;
use rcgen::{CertificateParams, KeyPair, PKCS_RSA_SHA256};
use serde_json::{Value, json};

use super::*;

const TOPIC: &str = "arn:aws:sns:eu-west-1:123456789012:grafana-alerts";
const URL: &str = "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-0.pem";
/// 2026-11-22T07:00:00Z.
const NOW: Timestamp = Timestamp::from_secs(1_795_330_800);

/// SNS, with keys of the test's own.
struct Sns {
    key: RsaKeyPair,
    fetched: Arc<Fetched>,
}

struct Fetched {
    pem: String,
    urls: Mutex<Vec<String>>,
}

#[async_trait]
impl Fetch for Fetched {
    async fn get(&self, url: &Url) -> Result<Vec<u8>, String> {
        self.urls.lock().push(url.to_string());
        Ok(self.pem.clone().into_bytes())
    }
}

impl Sns {
    fn new() -> Self {
        let key = KeyPair::generate_for(&PKCS_RSA_SHA256).unwrap();
        let mut params = CertificateParams::new(vec!["sns.amazonaws.com".to_owned()]).unwrap();
        params.not_before = rcgen::date_time_ymd(2026, 1, 1);
        params.not_after = rcgen::date_time_ymd(2027, 1, 1);
        let pem = params.self_signed(&key).unwrap().pem();
        Sns {
            key: RsaKeyPair::from_pkcs8(key.serialized_der()).unwrap(),
            fetched: Arc::new(Fetched {
                pem,
                urls: Mutex::new(Vec::new()),
            }),
        }
    }

    fn verifier(&self) -> SnsVerifier {
        let own = format!("{TOPIC}-out");
        SnsVerifier::new([TOPIC.to_owned(), own.clone()], [own], self.fetched.clone())
    }

    fn sign(&self, text: &str) -> String {
        let mut signature = vec![0; self.key.public_modulus_len()];
        self.key
            .sign(
                &RSA_PKCS1_SHA256,
                &SystemRandom::new(),
                text.as_bytes(),
                &mut signature,
            )
            .unwrap();
        STANDARD.encode(signature)
    }

    fn notification(&self, message: &str, subject: Option<&str>) -> Value {
        let mut signed = format!("Message\n{message}\nMessageId\nm-1\n");
        if let Some(subject) = subject {
            signed.push_str(&format!("Subject\n{subject}\n"));
        }
        signed.push_str(&format!(
            "Timestamp\n2026-11-22T06:59:58.000Z\nTopicArn\n{TOPIC}\nType\nNotification\n"
        ));
        let mut delivery = json!({
            "Type": "Notification", "MessageId": "m-1", "TopicArn": TOPIC, "Message": message,
            "Timestamp": "2026-11-22T06:59:58.000Z", "SignatureVersion": "2",
            "Signature": self.sign(&signed), "SigningCertURL": URL,
            "UnsubscribeURL": "https://sns.eu-west-1.amazonaws.com/?Action=Unsubscribe",
        });
        if let Some(subject) = subject {
            delivery["Subject"] = json!(subject);
        }
        delivery
    }
}

async fn refused(verifier: &SnsVerifier, delivery: &Value) -> String {
    let body = delivery.to_string();
    verifier
        .verify(body.as_bytes(), NOW)
        .await
        .unwrap_err()
        .to_string()
}

#[tokio::test]
async fn what_sns_signed_is_accepted_and_its_certificate_remembered() {
    let sns = Sns::new();
    let verifier = sns.verifier();
    for subject in [None, Some("[FIRING:1] Monitor down")] {
        let body = sns.notification(r#"{"alerts":[]}"#, subject).to_string();
        let delivery = verifier.verify(body.as_bytes(), NOW).await.unwrap();
        assert_eq!(delivery.kind, DeliveryKind::Notification);
        assert_eq!(delivery.message, r#"{"alerts":[]}"#);
    }
    assert_eq!(*sns.fetched.urls.lock(), [URL]);
}

#[tokio::test]
async fn whatever_was_changed_is_refused() {
    let sns = Sns::new();
    let verifier = sns.verifier();
    for (field, value) in [
        ("Message", "{}"),
        ("MessageId", "m-2"),
        ("Subject", "added"),
        ("Timestamp", "2026-11-22T06:59:59.000Z"),
        ("Signature", "AAAA"),
        ("Signature", "not base64"),
        ("SignatureVersion", "1"),
    ] {
        let mut delivery = sns.notification("hello", None);
        delivery[field] = json!(value);
        assert_eq!(
            refused(&verifier, &delivery).await,
            "the signature of the delivery does not fit",
            "{field}"
        );
    }
    let mut delivery = sns.notification("hello", None);
    delivery["SignatureVersion"] = json!("3");
    assert!(refused(&verifier, &delivery).await.contains("version `3`"));
}

#[tokio::test]
async fn certificates_come_from_sns_of_the_topics_region_only() {
    let sns = Sns::new();
    let verifier = sns.verifier();
    for url in [
        "http://sns.eu-west-1.amazonaws.com/a.pem",
        "https://sns.eu-west-1.amazonaws.com.evil.example/a.pem",
        "https://sns.us-east-1.amazonaws.com/a.pem",
        "https://evil.example/sns.eu-west-1.amazonaws.com/a.pem",
        "https://sns.eu-west-1.amazonaws.com:444/a.pem",
        "https://u:p@sns.eu-west-1.amazonaws.com/a.pem",
        "https://sns.eu-west-1.amazonaws.com/a.txt",
        "nonsense",
    ] {
        let mut delivery = sns.notification("hello", None);
        delivery["SigningCertURL"] = json!(url);
        let reason = refused(&verifier, &delivery).await;
        assert!(
            reason.ends_with("is not an address of SNS"),
            "{url}: {reason}"
        );
    }
    assert!(sns.fetched.urls.lock().is_empty());
}

#[tokio::test]
async fn only_topics_on_the_list_count_and_our_own_never() {
    let sns = Sns::new();
    let verifier = sns.verifier();
    let mut foreign = sns.notification("hello", None);
    foreign["TopicArn"] = json!("arn:aws:sns:eu-west-1:999999999999:x");
    assert!(
        refused(&verifier, &foreign)
            .await
            .contains("TIDEWATCH_SNS_SOURCES")
    );
    let mut own = sns.notification("hello", None);
    own["TopicArn"] = json!(format!("{TOPIC}-out"));
    assert!(refused(&verifier, &own).await.contains("round in circles"));
    let ours = r#"{"v":1,"dedupe_id":"x","notices":[]}"#;
    assert!(
        refused(&verifier, &sns.notification(ours, None))
            .await
            .contains("round in circles")
    );
}

#[tokio::test]
async fn old_deliveries_and_certificates_are_refused() {
    let sns = Sns::new();
    let body = sns.notification("hello", None).to_string();
    let at = |now: Timestamp| {
        let verifier = sns.verifier();
        let body = body.clone();
        async move {
            verifier
                .verify(body.as_bytes(), now)
                .await
                .unwrap_err()
                .to_string()
        }
    };
    let day = Duration::from_secs(24 * 60 * 60);
    assert!(at(NOW.plus(day)).await.contains("more than a day"));
    assert!(at(NOW.plus(day * 60)).await.contains("not valid"));
}

#[tokio::test]
async fn a_subscription_is_confirmed_at_sns_only() {
    let sns = Sns::new();
    let verifier = sns.verifier();
    let confirmation = |url: &str| {
        let time = "2026-11-22T06:59:58.000Z";
        let signed = format!(
            "Message\nConfirm\nMessageId\nm-1\nSubscribeURL\n{url}\nTimestamp\n{time}\nToken\nt\nTopicArn\n{TOPIC}\nType\nSubscriptionConfirmation\n"
        );
        json!({
            "Type": "SubscriptionConfirmation", "MessageId": "m-1", "TopicArn": TOPIC,
            "Message": "Confirm", "Token": "t", "SubscribeURL": url, "Timestamp": time,
            "SignatureVersion": "2", "Signature": sns.sign(&signed), "SigningCertURL": URL,
        })
        .to_string()
    };
    let good = "https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&Token=t";
    let delivery = verifier
        .verify(confirmation(good).as_bytes(), NOW)
        .await
        .unwrap();
    verifier.confirm(&delivery).await.unwrap();
    assert_eq!(sns.fetched.urls.lock().last().unwrap(), good);
    let bad = confirmation("https://evil.example/");
    let delivery = verifier.verify(bad.as_bytes(), NOW).await.unwrap();
    assert!(verifier.confirm(&delivery).await.is_err());
    assert_eq!(sns.fetched.urls.lock().len(), 2);
}

#[tokio::test]
async fn what_is_no_delivery_is_refused() {
    let sns = Sns::new();
    for body in ["", "{}", r#"{"Type":"Odd"}"#, r#"{"alerts":[]}"#] {
        let refusal = sns
            .verifier()
            .verify(body.as_bytes(), NOW)
            .await
            .unwrap_err();
        assert!(matches!(refusal, SnsRefusal::Shape(_)), "{refusal}");
    }
}
