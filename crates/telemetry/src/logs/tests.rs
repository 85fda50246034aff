use serde_json::Value;
use tracing::subscriber::DefaultGuard;

use crate::output::captured::Captured;
use crate::settings::Settings;
use crate::subscriber::subscriber;

fn capture(variables: &[(&str, &str)]) -> (Captured, DefaultGuard) {
    let captured = Captured::default();
    let mut settings = Settings::read(&|name| match name {
        "AWS_LAMBDA_FUNCTION_NAME" => Some("tidewatch-writer".to_owned()),
        "AWS_LAMBDA_FUNCTION_VERSION" => Some("7".to_owned()),
        _ => {
            let found = variables.iter().find(|(variable, _)| *variable == name);
            found.map(|(_, value)| (*value).to_owned())
        }
    });
    let subscriber = subscriber(&mut settings, &captured.output());
    (captured, tracing::subscriber::set_default(subscriber))
}

#[test]
fn a_line_has_what_its_spans_and_its_event_say() {
    let (captured, _guard) = capture(&[]);
    let invocation = tracing::info_span!("invocation", requestId = "r-1", cold_start = true);
    invocation.in_scope(|| {
        let probe = tracing::info_span!(
            "remote",
            otel.name = "shop.example.com",
            tenant = "acme",
            monitor = tracing::field::Empty,
        );
        probe.record("monitor", "shop");
        probe.in_scope(|| {
            tracing::warn!(rows = 3_u64, late = 1.5, "stored {} of {}", 3, 4);
        });
    });
    let objects = captured.objects();
    let [line] = &objects[..] else {
        panic!("{objects:?}");
    };
    let mut line = line.clone();
    let stamp = line.remove("timestamp").unwrap();
    let stamp = stamp.as_str().unwrap();
    assert!(stamp.parse::<jiff::Timestamp>().is_ok() && stamp.len() == 24 && stamp.ends_with('Z'));
    let expected = serde_json::json!({
        "level": "WARN",
        "message": "stored 3 of 4",
        "target": "tidewatch_telemetry::logs::tests",
        "function": "tidewatch-writer",
        "version": "7",
        "requestId": "r-1",
        "cold_start": true,
        "tenant": "acme",
        "monitor": "shop",
        "rows": 3,
        "late": 1.5,
    });
    assert_eq!(Value::Object(line), expected);
}

#[test]
fn an_event_cannot_replace_what_lambda_reads() {
    let (captured, _guard) = capture(&[]);
    tracing::info_span!("invocation", requestId = "r-1").in_scope(|| {
        tracing::info!(level = "none", requestId = "r-2", "said");
    });
    let line = &captured.objects()[0];
    assert_eq!(line["level"], "INFO");
    assert_eq!(line["requestId"], "r-1");
}

#[test]
fn an_error_is_told_with_its_causes() {
    #[derive(Debug, thiserror::Error)]
    #[error("the table cannot be read")]
    struct Outer(#[source] std::io::Error);

    let (captured, _guard) = capture(&[]);
    let error = Outer(std::io::Error::other("connection reset"));
    tracing::error!(
        error = &error as &(dyn std::error::Error + 'static),
        "failed"
    );
    assert_eq!(
        captured.objects()[0]["error"],
        "the table cannot be read: connection reset"
    );
}

#[test]
fn levels_are_kept_and_lines_still_know_their_request() {
    let (captured, _guard) = capture(&[("AWS_LAMBDA_LOG_LEVEL", "ERROR")]);
    tracing::info_span!("invocation", requestId = "r-1").in_scope(|| {
        tracing::warn!("not worth a line");
        tracing::error!("worth one");
    });
    tracing::info!(target: "aws_smithy_runtime", "chatter");
    let objects = captured.objects();
    let [line] = &objects[..] else {
        panic!("{objects:?}");
    };
    assert_eq!(line["message"], "worth one");
    assert_eq!(line["requestId"], "r-1");
}

#[test]
fn text_is_one_line_an_event_without_colours() {
    let (captured, _guard) = capture(&[("AWS_LAMBDA_LOG_FORMAT", "Text")]);
    tracing::info_span!("invocation", requestId = "r-1").in_scope(|| {
        tracing::info!(rows = 3, "stored");
    });
    let lines = captured.lines();
    let [line] = &lines[..] else {
        panic!("{lines:?}");
    };
    for part in ["INFO", "r-1", "stored", "rows=3"] {
        assert!(line.contains(part), "{line}");
    }
    assert!(!line.contains('\u{1b}'), "{line}");
}
