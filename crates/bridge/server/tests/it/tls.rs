//! TLS: real certificates of an authority of the test's own.

use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt, Full};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore};
use tempfile::TempDir;
use tidewatch_bridge::{Tls, TlsError};
use tidewatch_testkit::{Authority, Validity};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::server::Server;

/// A certificate for 127.0.0.1 in a folder.
pub(super) fn write(folder: &Path, authority: &Authority) {
    let identity = authority.server(&["127.0.0.1"], Validity::default());
    std::fs::write(folder.join("cert.pem"), identity.certificates_pem()).unwrap();
    std::fs::write(folder.join("key.pem"), identity.key_pem()).unwrap();
}

pub(super) fn load(folder: &Path) -> Result<Tls, TlsError> {
    Tls::load(&folder.join("cert.pem"), &folder.join("key.pem"))
}

async fn connect(
    address: std::net::SocketAddr,
    authority: &Authority,
    protocol: &[u8],
) -> std::io::Result<TlsStream<TcpStream>> {
    let mut roots = RootCertStore::empty();
    roots.add(authority.certificate()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![protocol.to_vec()];
    let stream = TcpStream::connect(address).await.unwrap();
    let name = ServerName::try_from("127.0.0.1").unwrap();
    TlsConnector::from(Arc::new(config))
        .connect(name, stream)
        .await
}

/// Serves the router of a new server over TLS; gives what has to be kept, and the address.
async fn serve(tls: &Tls) -> (Server, std::net::SocketAddr) {
    let server = Server::start().await;
    let address = serve_also(&server, tls).await;
    (server, address)
}

/// Serves a server's router over TLS, too.
pub(super) async fn serve_also(server: &Server, tls: &Tls) -> std::net::SocketAddr {
    let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = socket.local_addr().unwrap();
    let listener = tls.listen(socket).unwrap();
    let router = server.bridge.router();
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    address
}

fn health(uri: String) -> Request<Full<Bytes>> {
    Request::get(uri)
        .header("host", "localhost")
        .body(Full::default())
        .unwrap()
}

#[tokio::test]
async fn both_versions_of_http_are_served() {
    let folder = TempDir::new().unwrap();
    let authority = Authority::root();
    write(folder.path(), &authority);
    let (_server, address) = serve(&load(folder.path()).unwrap()).await;

    let stream = connect(address, &authority, b"http/1.1").await.unwrap();
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
        .await
        .unwrap();
    tokio::spawn(connection);
    let answer = sender
        .send_request(health("/healthz".into()))
        .await
        .unwrap();
    assert_eq!(answer.status(), 200);

    let stream = connect(address, &authority, b"h2").await.unwrap();
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
    let (mut sender, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream))
            .await
            .unwrap();
    tokio::spawn(connection);
    let answer = sender
        .send_request(health(format!("https://{address}/healthz")))
        .await
        .unwrap();
    assert_eq!(answer.status(), 200);
    let body = answer.into_body().collect().await.unwrap().to_bytes();
    assert!(body.starts_with(b"{\"status\":\"ok\""));
}

#[tokio::test]
async fn a_client_that_says_nothing_keeps_nobody_waiting() {
    let folder = TempDir::new().unwrap();
    let authority = Authority::root();
    write(folder.path(), &authority);
    let (_server, address) = serve(&load(folder.path()).unwrap()).await;
    let _silent = TcpStream::connect(address).await.unwrap();
    let mut plain = TcpStream::connect(address).await.unwrap();
    tokio::io::AsyncWriteExt::write_all(&mut plain, b"GET / HTTP/1.1\r\n\r\n")
        .await
        .unwrap();
    assert!(connect(address, &authority, b"h2").await.is_ok());
}

#[tokio::test]
async fn a_new_certificate_is_presented_after_a_reload() {
    let folder = TempDir::new().unwrap();
    let (old, new) = (Authority::root(), Authority::root());
    write(folder.path(), &old);
    let tls = load(folder.path()).unwrap();
    let (_server, address) = serve(&tls).await;
    assert!(connect(address, &old, b"h2").await.is_ok());
    assert!(connect(address, &new, b"h2").await.is_err());

    std::fs::write(folder.path().join("cert.pem"), "half a file").unwrap();
    assert!(matches!(tls.reload(), Err(TlsError::Pem { .. })));
    assert!(connect(address, &old, b"h2").await.is_ok());

    write(folder.path(), &new);
    tls.reload().unwrap();
    assert!(connect(address, &new, b"h2").await.is_ok());
    assert!(connect(address, &old, b"h2").await.is_err());
}

#[tokio::test]
async fn files_that_cannot_be_used_are_named() {
    let folder = TempDir::new().unwrap();
    let says = |part: &str| {
        let error = load(folder.path()).unwrap_err().to_string();
        assert!(error.contains(part), "{error}");
    };
    says("cert.pem cannot be read");
    write(folder.path(), &Authority::root());
    let key = std::fs::read(folder.path().join("key.pem")).unwrap();
    write(folder.path(), &Authority::root());
    std::fs::write(folder.path().join("key.pem"), key).unwrap();
    says("cannot be served with the key");
    std::fs::write(folder.path().join("key.pem"), "no key").unwrap();
    says("key.pem has no private key in PEM form");
}
