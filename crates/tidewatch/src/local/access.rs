//! The door of the bridge: its access keys and its certificate, read again on SIGHUP.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use axum::Router;
use tidewatch_bridge::{Bridge, Keys, Tls, Transport};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::{UpError, listen, sentence};
use crate::settings::AccessSettings;

/// Who may reach the bridge, and how.
#[derive(Clone, Debug)]
pub(super) struct Access {
    keys: Option<PathBuf>,
    tls: Option<Tls>,
}

impl Access {
    /// Reads the certificate, if one is set.
    pub(super) fn load(settings: &AccessSettings) -> Result<Access, UpError> {
        let tls = match &settings.tls {
            Some((certificate, key)) => Some(Tls::load(certificate, key).map_err(sentence)?),
            None => None,
        };
        Ok(Access {
            keys: settings.keys.clone(),
            tls,
        })
    }

    /// How requests come to a bridge that listens on `address`.
    pub(super) fn transport(&self, address: SocketAddr) -> Transport {
        match &self.tls {
            Some(_) => Transport::Tls,
            None if address.ip().is_loopback() => Transport::Loopback,
            None => Transport::Open,
        }
    }

    /// Reads the keys, if there is a file of them, and has the bridge ask for them.
    pub(super) fn guard(&self, bridge: &Bridge) -> Result<(), UpError> {
        match &self.keys {
            Some(file) => guard(bridge, file),
            None => Ok(()),
        }
    }

    /// Serves the bridge until `stop` is cancelled and open requests are answered.
    pub(super) fn serve(
        &self,
        socket: TcpListener,
        router: Router,
        stop: CancellationToken,
    ) -> Result<JoinHandle<()>, UpError> {
        Ok(match &self.tls {
            Some(tls) => listen::serve(tls.listen(socket).map_err(sentence)?, router, stop),
            None => listen::serve(socket, router, stop),
        })
    }

    /// Reads keys and certificate again whenever SIGHUP comes. What cannot be used is told, and
    /// what was in force stays so. Without either, a SIGHUP ends the process as ever, because it
    /// then means that the terminal was closed.
    pub(super) fn follow(self, bridge: Bridge, stop: CancellationToken) -> Result<(), UpError> {
        if self.keys.is_none() && self.tls.is_none() {
            return Ok(());
        }
        let mut hangups = signal(SignalKind::hangup()).map_err(sentence)?;
        tokio::spawn(async move {
            loop {
                tokio::select! {
                    () = stop.cancelled() => return,
                    received = hangups.recv() => if received.is_none() { return },
                }
                self.reload(&bridge);
            }
        });
        Ok(())
    }

    fn reload(&self, bridge: &Bridge) {
        match self.guard(bridge) {
            Ok(()) if self.keys.is_some() => tracing::info!("the access keys were read again"),
            Ok(()) => {}
            Err(error) => tracing::error!("the access keys stay as they were: {error}"),
        }
        match self.tls.as_ref().map(Tls::reload) {
            Some(Ok(())) => tracing::info!("the certificate was read again"),
            Some(Err(error)) => tracing::error!("the certificate stays as it was: {error}"),
            None => {}
        }
    }
}

fn guard(bridge: &Bridge, file: &Path) -> Result<(), UpError> {
    bridge.require_keys(Keys::load(file).map_err(sentence)?);
    Ok(())
}
