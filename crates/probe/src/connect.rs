//! The TCP handshake.

use std::io;
use std::net::SocketAddr;

use tidewatch_domain::{Cause, ErrorClass};
use tokio::net::TcpStream;

use crate::failure::local;
use crate::socket::Socket;

/// Opens a connection to `address`, without Nagle's algorithm: a request written in two parts
/// would otherwise wait for the peer's delayed acknowledgement.
pub(crate) async fn connect(address: SocketAddr) -> Result<Socket, Cause> {
    let stream = TcpStream::connect(address)
        .await
        .map_err(|error| cause(address, &error))?;
    // It fails where the peer has already reset the connection; what follows will say so.
    let _ = stream.set_nodelay(true);
    Ok(Socket::new(stream))
}

fn cause(address: SocketAddr, error: &io::Error) -> Cause {
    if let Some(cause) = local(error) {
        return cause;
    }
    match error.kind() {
        io::ErrorKind::ConnectionRefused => Cause::new(
            ErrorClass::ConnectRefused,
            format!(
                "connect to {address} was refused: nothing listens on the port, or a firewall rejects it"
            ),
        ),
        io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionAborted => Cause::new(
            ErrorClass::ConnectReset,
            format!("connect to {address} was reset during the handshake"),
        ),
        io::ErrorKind::TimedOut => Cause::new(
            ErrorClass::ConnectTimeout,
            format!("connect to {address} was given up by the kernel: no answer"),
        ),
        io::ErrorKind::NetworkUnreachable => Cause::new(
            ErrorClass::ConnectUnreachable,
            format!("connect to {address} failed: the prober has no route to this network"),
        ),
        io::ErrorKind::HostUnreachable => Cause::new(
            ErrorClass::ConnectUnreachable,
            format!("connect to {address} failed: the host cannot be reached"),
        ),
        _ => Cause::new(
            ErrorClass::ConnectUnreachable,
            format!("connect to {address} failed: {error}"),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustix::io::Errno;

    #[test]
    fn every_error_of_the_handshake_has_its_class() {
        let address: SocketAddr = "192.0.2.1:443".parse().unwrap();
        let cases = [
            (Errno::CONNREFUSED, ErrorClass::ConnectRefused),
            (Errno::CONNRESET, ErrorClass::ConnectReset),
            (Errno::TIMEDOUT, ErrorClass::ConnectTimeout),
            (Errno::NETUNREACH, ErrorClass::ConnectUnreachable),
            (Errno::HOSTUNREACH, ErrorClass::ConnectUnreachable),
            (Errno::ACCESS, ErrorClass::ConnectUnreachable),
            (Errno::MFILE, ErrorClass::LocalFd),
            (Errno::ADDRNOTAVAIL, ErrorClass::LocalPort),
        ];
        for (errno, class) in cases {
            assert_eq!(
                cause(address, &io::Error::from(errno)).class,
                class,
                "{errno:?}"
            );
        }
    }
}
