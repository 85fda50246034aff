//! A site to monitor whose health a test decides.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};

use axum::Router;
use axum::http::StatusCode;
use tokio::net::TcpListener;

/// A web server that answers every request with the status code of the moment.
pub(crate) struct Site {
    address: SocketAddr,
    status: Arc<AtomicU16>,
}

impl Site {
    /// A healthy site.
    pub(crate) async fn start() -> Self {
        let status = Arc::new(AtomicU16::new(200));
        let answer = Arc::clone(&status);
        let router = Router::new().fallback(move || {
            let code = StatusCode::from_u16(answer.load(Ordering::SeqCst));
            async move { (code.expect("a status code"), "hello") }
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("it is bound");
        tokio::spawn(async move { axum::serve(listener, router).await });
        Site { address, status }
    }

    /// Answers with `code` from now on.
    pub(crate) fn answer(&self, code: u16) {
        self.status.store(code, Ordering::SeqCst);
    }

    /// Its address.
    pub(crate) fn url(&self) -> String {
        format!("http://{}/", self.address)
    }
}

/// An address where nobody listens.
pub(crate) async fn nobody() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("it is bound");
    drop(listener);
    format!("http://{address}/")
}
