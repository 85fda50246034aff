//! One datagram there, one back.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use rustix::io::Errno;
use tidewatch_domain::probe::PhaseReached;
use tidewatch_domain::{Cause, ErrorClass};
use tokio::io::Interest;
use tokio::net::UdpSocket;
use tokio::time::Instant;

use super::answer::{Answer, Refused};
use super::question::Message;
use crate::budget::Budget;
use crate::failure::{Failure, local};
use crate::kernel::{self, Look, Received};
use crate::timeline::Timeline;

/// Longer than any answer that a question of ours allows.
const LONGEST: usize = 4_096 + 1;

/// Sends the question once and waits for the answer.
///
/// The socket is a new one: the kernel chooses its port at random, and hands over only what comes
/// from `address`. Whatever is no answer to the question is passed over, as a resolver does it,
/// and named if nothing better comes.
pub(super) async fn ask(
    address: SocketAddr,
    message: &Message,
    timeline: &mut Timeline,
    budget: Budget,
) -> Result<Answer, Failure> {
    let in_send = |error: io::Error| Failure::new(PhaseReached::Send, cause(address, &error));
    let any: IpAddr = match address {
        SocketAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
        SocketAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
    };
    let socket = UdpSocket::bind((any, 0)).await.map_err(in_send)?;
    socket.connect(address).await.map_err(in_send)?;
    let stamped = kernel::stamp(&socket);
    socket.send(&message.bytes).await.map_err(in_send)?;
    timeline.sent = Some(Instant::now());

    let in_wait = |cause| Failure::new(PhaseReached::Wait, cause);
    let bad = |refused: &Refused| {
        let text = format!("{address} {}", refused.text());
        in_wait(Cause::new(ErrorClass::DnsBadAnswer, text))
    };
    let mut buffer = [0; LONGEST];
    let mut passed_over = None;
    loop {
        let Some(received) = budget.cut(receive(&socket, stamped, &mut buffer)).await else {
            return Err(passed_over.as_ref().map_or_else(
                || {
                    let doing = format!("waiting for an answer from {address} over UDP");
                    in_wait(budget.over(ErrorClass::DnsTimeout, &doing))
                },
                bad,
            ));
        };
        let now = Instant::now();
        let received = received.map_err(|error| in_wait(cause(address, &error)))?;
        let waited = received.waited.unwrap_or_default();
        match Answer::read(&buffer[..received.bytes], message) {
            Ok(answer) => {
                let came = now.checked_sub(waited).unwrap_or(now);
                timeline.exchanged(timeline.sent, Some(came));
                return Ok(answer);
            }
            Err(refused @ Refused::Foreign(_)) => passed_over = Some(refused),
            Err(refused @ Refused::Unusable(_)) => return Err(bad(&refused)),
        }
    }
}

/// Takes the next datagram, with its stamp where the kernel gives one.
async fn receive(socket: &UdpSocket, stamped: bool, buffer: &mut [u8]) -> io::Result<Received> {
    if stamped {
        let receive = || kernel::receive(socket, buffer, Look::Take);
        return socket.async_io(Interest::READABLE, receive).await;
    }
    let bytes = socket.recv(buffer).await?;
    Ok(Received {
        bytes,
        waited: None,
    })
}

fn cause(address: SocketAddr, error: &io::Error) -> Cause {
    if let Some(cause) = local(error) {
        return cause;
    }
    match Errno::from_io_error(error) {
        Some(Errno::CONNREFUSED) => Cause::new(
            ErrorClass::ConnectRefused,
            format!(
                "{address} refused the datagram: nothing listens on the port, or a firewall rejects it"
            ),
        ),
        Some(Errno::NETUNREACH) => Cause::new(
            ErrorClass::ConnectUnreachable,
            format!("{address} cannot be asked: the prober has no route to this network"),
        ),
        Some(Errno::HOSTUNREACH) => Cause::new(
            ErrorClass::ConnectUnreachable,
            format!("{address} cannot be asked: the host cannot be reached"),
        ),
        _ => Cause::new(
            ErrorClass::ConnectUnreachable,
            format!("{address} cannot be asked: {error}"),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_error_of_a_datagram_has_its_class() {
        let address: SocketAddr = "192.0.2.1:53".parse().unwrap();
        for (errno, class) in [
            (Errno::CONNREFUSED, ErrorClass::ConnectRefused),
            (Errno::NETUNREACH, ErrorClass::ConnectUnreachable),
            (Errno::HOSTUNREACH, ErrorClass::ConnectUnreachable),
            (Errno::PERM, ErrorClass::ConnectUnreachable),
            (Errno::MFILE, ErrorClass::LocalFd),
        ] {
            let error = io::Error::from(errno);
            assert_eq!(cause(address, &error).class, class, "{errno:?}");
        }
    }
}
