use serde_json::json;

use super::*;

const RECEIVED: Timestamp = Timestamp::from_millis(1_795_330_800_123);

fn envelope(body: &str) -> Envelope {
    let (envelope, _) = Envelope::of_bytes(Source::Grafana, RECEIVED, body.as_bytes()).unwrap();
    envelope
}

fn payload(envelope: &Envelope) -> Value {
    envelope.payload().unwrap()
}

#[test]
fn an_envelope_is_read_as_it_was_written() {
    // The body as it came, to the space.
    let body = "{ \"alerts\": [],\n \"new\": 1e2 }";
    let text = envelope(body).to_json();
    let head = r#"{"v":1,"source":"grafana","received":"2026-11-22T07:00:00.123Z","id":""#;
    assert!(text.starts_with(head), "{text}");
    assert!(text.ends_with(&format!(r#","payload":{body}}}"#)), "{text}");
    let read = Envelope::read(text.as_bytes()).unwrap();
    assert_eq!(read, envelope(body));
    assert_eq!(payload(&read), json!({ "alerts": [], "new": 1e2 }));
    assert_eq!(read.split(text.len()).unwrap(), [text.as_str()]);
    let later = text.replace("\"v\":1", "\"v\":2");
    assert!(matches!(
        Envelope::read(later.as_bytes()),
        Err(EnvelopeError::Version(2))
    ));
}

#[test]
fn every_source_is_read_by_its_name() {
    for source in [
        Source::Grafana,
        Source::Sns,
        Source::Writer,
        Source::Local,
        Source::Timer,
    ] {
        let envelope = Envelope::of_payload(source, RECEIVED, &json!({}));
        let read = Envelope::read(envelope.to_json().as_bytes()).unwrap();
        assert_eq!(read, envelope);
    }
}

#[test]
fn bytes_that_are_not_json_are_refused() {
    for bytes in [
        &b""[..],
        b"alerts=1",
        b"{",
        b"{} {}",
        b"\"\xff\"",
        b"{\"a\":\"\\ud800\"}",
    ] {
        let refused = Envelope::of_bytes(Source::Grafana, RECEIVED, bytes);
        assert!(refused.is_err(), "{bytes:?}");
        assert!(matches!(
            Envelope::read(bytes),
            Err(EnvelopeError::Shape(_))
        ));
    }
}

#[test]
fn a_large_envelope_is_divided_and_no_alert_is_lost() {
    let alerts: Vec<Value> = (0..100)
        .map(|n| json!({ "n": n, "text": "x".repeat(n) }))
        .collect();
    let title = "t".repeat(900);
    let body = json!({ "title": title, "truncatedAlerts": 7, "alerts": alerts }).to_string();
    let envelope = envelope(&body);
    for limit in [300, 1_000, 5_000] {
        let parts = envelope.split(limit).unwrap();
        assert!(parts.len() > 1 && parts.iter().all(|part| part.len() <= limit));
        let read: Vec<Value> = parts
            .iter()
            .map(|part| {
                let part = Envelope::read(part.as_bytes()).unwrap();
                assert_eq!(part.id, envelope.id);
                payload(&part)
            })
            .collect();
        let found: Vec<Value> = read
            .iter()
            .flat_map(|part| part["alerts"].as_array().unwrap().clone())
            .collect();
        assert_eq!(found, alerts);
        let truncated: u64 = read
            .iter()
            .map(|part| part["truncatedAlerts"].as_u64().unwrap())
            .sum();
        assert_eq!(truncated, 7);
    }
    assert!(envelope.split(100).is_err());
}

#[test]
fn parts_are_as_large_as_they_may_be() {
    let body = json!({ "alerts": [1, 2, 3, 4], "more": "x".repeat(100) }).to_string();
    let envelope = envelope(&body);
    let two = envelope.around(&payload_of_part(0, &[])).len() + "1,2".len();
    assert_eq!(envelope.split(two).unwrap().len(), 2);
    assert_eq!(envelope.split(two - 1).unwrap().len(), 4);
}
