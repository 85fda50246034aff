//! What a server says about the client's certificate after the handshake.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::Poll;

use tidewatch_domain::Cause;
use tokio::io::{AsyncRead, ReadBuf};
use tokio_rustls::client::TlsStream;

use super::failure::after_handshake;

/// Waits for the first sign of what the server thinks of the client's certificate.
///
/// In TLS 1.3 the client is done before the server has seen its certificate, or that there is
/// none. A refusal is an alert. Consent has no message of its own; session tickets, data or an
/// orderly end show it, and the caller limits how long they are waited for.
pub(crate) async fn verdict<S>(stream: &mut TlsStream<S>) -> Result<(), Cause>
where
    TlsStream<S>: AsyncRead + Unpin,
{
    let seen = poll_fn(|context| {
        let mut byte = [0];
        let mut buffer = ReadBuf::new(&mut byte);
        match Pin::new(&mut *stream).poll_read(context, &mut buffer) {
            Poll::Pending if stream.get_ref().1.tls13_tickets_received() == 0 => Poll::Pending,
            Poll::Pending => Poll::Ready(Ok(())),
            Poll::Ready(result) => Poll::Ready(result),
        }
    })
    .await;
    match seen {
        Ok(()) => Ok(()),
        Err(error) => after_handshake(&error).map_or(Ok(()), Err),
    }
}
