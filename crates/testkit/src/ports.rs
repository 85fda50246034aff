//! Ports without anybody behind them.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

use socket2::{Domain, SockRef, Socket, Type};

/// An address at which connections are refused: it was bound a moment ago and is free again.
pub fn refused_port() -> io::Result<SocketAddr> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()
}

/// A port at which a connection is neither accepted nor refused: whoever listens there does not
/// accept, and the queue of those who wait is full, so that the kernel drops every further SYN.
#[derive(Debug)]
pub struct SilentPort {
    address: SocketAddr,
    _listener: Socket,
    _waiting: TcpStream,
}

impl SilentPort {
    /// Opens such a port.
    pub fn open() -> io::Result<Self> {
        let listener = Socket::new(Domain::IPV4, Type::STREAM, None)?;
        listener.bind(&SocketAddr::from((Ipv4Addr::LOCALHOST, 0)).into())?;
        // Linux lets one more connection wait than the backlog says.
        listener.listen(0)?;
        let address = listener.local_addr()?.as_socket().ok_or_else(|| {
            io::Error::other("the address of an IPv4 socket is not a socket address")
        })?;
        let waiting = TcpStream::connect(address)?;
        Ok(SilentPort {
            address,
            _listener: listener,
            _waiting: waiting,
        })
    }

    /// Where it is.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

/// A port whose connections are reset as soon as they stand.
#[derive(Debug)]
pub struct ResettingPort(TcpListener);

impl ResettingPort {
    /// Opens such a port.
    pub fn open() -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        SockRef::from(&listener).set_read_timeout(Some(Duration::from_secs(5)))?;
        Ok(ResettingPort(listener))
    }

    /// Where it is.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.0.local_addr()
    }

    /// Resets the connection that somebody on this thread has just asked the kernel for, before
    /// that somebody has looked at what became of it. Blocks the thread, and fails when nobody
    /// comes within five seconds.
    pub fn reset_one(self) -> io::Result<()> {
        let (stream, _) = self.0.accept()?;
        SockRef::from(&stream).set_linger(Some(Duration::ZERO))
    }
}
