//! Listening sockets and the HTTP servers behind them.

use std::io;
use std::net::SocketAddr;

use axum::Router;
use axum::serve::Listener;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// An address cannot be listened on; the text says what to do.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ListenError {
    /// Somebody else has the port.
    #[error(
        "port {port} for the {what} is in use by another program; stop that program (maybe another \
         tidewatch), or choose a free port with {flag} 127.0.0.1:PORT"
    )]
    InUse {
        /// The port.
        port: u16,
        /// What was to be served there.
        what: &'static str,
        /// The flag that changes it.
        flag: &'static str,
    },
    /// Anything else.
    #[error(
        "cannot listen on {address} for the {what}: {source}; choose another address with {flag}"
    )]
    Other {
        /// The address.
        address: SocketAddr,
        /// What was to be served there.
        what: &'static str,
        /// The flag that changes it.
        flag: &'static str,
        /// What the system said.
        source: io::Error,
    },
}

/// Binds `address`; port 0 lets the system choose.
pub(crate) async fn bind(
    address: SocketAddr,
    what: &'static str,
    flag: &'static str,
) -> Result<TcpListener, ListenError> {
    TcpListener::bind(address)
        .await
        .map_err(|source| match source.kind() {
            io::ErrorKind::AddrInUse => ListenError::InUse {
                port: address.port(),
                what,
                flag,
            },
            _ => ListenError::Other {
                address,
                what,
                flag,
                source,
            },
        })
}

/// Serves `router` until `stop` is cancelled and open requests are answered.
pub(crate) fn serve<L>(listener: L, router: Router, stop: CancellationToken) -> JoinHandle<()>
where
    L: Listener,
    L::Addr: std::fmt::Debug,
{
    tokio::spawn(async move {
        let served = axum::serve(listener, router)
            .with_graceful_shutdown(async move { stop.cancelled().await })
            .await;
        if let Err(error) = served {
            tracing::error!("a server ended: {error}");
        }
    })
}
