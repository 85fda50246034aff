//! The ports to listen on, and those for connections of our own.

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::TcpListener;

use super::finding::Finding;

const RANGE: &str = "local ports";
const RANGE_FILE: &str = "/proc/sys/net/ipv4/ip_local_port_range";
/// Every fresh connection occupies one for a minute or so after its end.
const ENOUGH: u32 = 10_000;
const TIMEOUT: Duration = Duration::from_secs(2);

/// The port of the status page.
pub(super) async fn status_page(address: SocketAddr) -> Finding {
    let ours = Ours {
        path: "/api/status?page=1&probes=0",
        member: "headline",
    };
    listening("status page port", "--listen", address, ours).await
}

/// The port of the bridge.
pub(super) async fn bridge(address: SocketAddr) -> Finding {
    let ours = Ours {
        path: "/healthz",
        member: "status",
    };
    listening("bridge port", "--bridge-listen", address, ours).await
}

/// How to tell that a running Tidewatch has the port: the JSON at a path has this member. Its
/// version is there unless it is kept from strangers.
struct Ours {
    path: &'static str,
    member: &'static str,
}

async fn listening(
    check: &'static str,
    argument: &str,
    address: SocketAddr,
    ours: Ours,
) -> Finding {
    let error = match TcpListener::bind(address).await {
        Ok(_) => return Finding::ok(check, format!("{address} is free")),
        Err(error) => error,
    };
    let other = format!("choose another address with {argument}");
    if error.kind() != ErrorKind::AddrInUse {
        return Finding::fail(check, format!("{address} cannot be used: {error}"), other);
    }
    match version(address, ours).await {
        Some(version) => {
            let found = format!("{address} is in use by a running Tidewatch {version}");
            Finding::ok(check, found.trim_end().to_owned())
        }
        None => Finding::fail(
            check,
            format!("{address} is in use by another program"),
            format!("stop that program, or {other}"),
        ),
    }
}

async fn version(address: SocketAddr, ours: Ours) -> Option<String> {
    let client = reqwest::Client::builder()
        .no_proxy()
        .timeout(TIMEOUT)
        // The certificate is for the name that clients use, not for this address. Nothing is sent
        // but the question who is there.
        .tls_danger_accept_invalid_certs(true)
        .build()
        .ok()?;
    let ask = async |scheme: &str| {
        let url = format!("{scheme}://{address}{}", ours.path);
        let response = client.get(url).send().await.ok()?;
        response.json::<serde_json::Value>().await.ok()
    };
    let answer = match ask("http").await {
        Some(answer) => answer,
        None => ask("https").await?,
    };
    answer.get(ours.member)?;
    let version = answer.get("version").and_then(serde_json::Value::as_str);
    Some(version.unwrap_or_default().to_owned())
}

/// The range that connections of this machine come from; `None` where the system does not tell.
pub(super) fn local_range() -> Option<Finding> {
    judge(&std::fs::read_to_string(RANGE_FILE).ok()?)
}

fn judge(range: &str) -> Option<Finding> {
    let mut ends = range.split_whitespace().map(str::parse::<u32>);
    let (first, last) = (ends.next()?.ok()?, ends.next()?.ok()?);
    let count = (last + 1).saturating_sub(first);
    let measured = format!("{count} ports ({first} to {last}) for outgoing connections");
    if count >= ENOUGH {
        return Some(Finding::ok(RANGE, measured));
    }
    let remedy = "widen the range: sysctl net.ipv4.ip_local_port_range=\"10240 65535\"";
    Some(Finding::warn(RANGE, measured, remedy))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::finding::Status;

    #[tokio::test]
    async fn a_free_port_is_fine_and_a_strangers_is_not() {
        let stranger = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = stranger.local_addr().unwrap();
        // Answers with nothing, as a program does that speaks another protocol.
        let hangs_up = async {
            for _ in ["http", "https"] {
                drop(stranger.accept().await.unwrap());
            }
        };
        let (finding, ()) = tokio::join!(bridge(address), hangs_up);
        assert_eq!(finding.status, Status::Fail, "{finding:?}");
        let any = SocketAddr::from(([127, 0, 0, 1], 0));
        assert_eq!(bridge(any).await.status, Status::Ok);
    }

    #[tokio::test]
    async fn a_running_bridge_is_recognised() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let answer = r#"{"status":"ok","version":"9.9.9","rows":7}"#;
        let router = axum::Router::new().route(
            "/healthz",
            axum::routing::get(move || async move { answer }),
        );
        let server = tokio::spawn(async move { axum::serve(listener, router).await });
        let finding = bridge(address).await;
        server.abort();
        assert_eq!(finding.status, Status::Ok);
        assert!(
            finding.measured.ends_with("a running Tidewatch 9.9.9"),
            "{finding:?}"
        );
    }

    #[tokio::test]
    async fn a_running_bridge_with_tls_is_recognised() {
        let folder = tempfile::tempdir().unwrap();
        let (certificate, key) = (
            folder.path().join("cert.pem"),
            folder.path().join("key.pem"),
        );
        // For the name that clients use, of an authority that this machine does not know.
        let authority = tidewatch_testkit::Authority::root();
        let validity = tidewatch_testkit::Validity::default();
        let identity = authority.server(&["bridge.example"], validity);
        std::fs::write(&certificate, identity.certificates_pem()).unwrap();
        std::fs::write(&key, identity.key_pem()).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let tls = tidewatch_bridge::Tls::load(&certificate, &key).unwrap();
        let listener = tls.listen(listener).unwrap();
        let router = axum::Router::new().route(
            "/healthz",
            axum::routing::get(|| async { r#"{"status":"ok"}"# }),
        );
        let server = tokio::spawn(async move { axum::serve(listener, router).await });
        let finding = bridge(address).await;
        server.abort();
        assert_eq!(finding.status, Status::Ok, "{finding:?}");
        assert!(
            finding.measured.ends_with("a running Tidewatch"),
            "{finding:?}"
        );
    }

    #[test]
    fn a_narrow_range_is_a_warning() {
        assert_eq!(judge("32768\t60999\n").unwrap().status, Status::Ok);
        let narrow = judge("60000 60999").unwrap();
        assert_eq!(narrow.status, Status::Warn);
        assert!(narrow.measured.starts_with("1000 ports"), "{narrow:?}");
        assert_eq!(judge("unknown"), None);
    }
}
