//! A name server that answers as it was told.

use std::collections::BTreeMap;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

use hickory_resolver::proto::op::{Message, ResponseCode};
use hickory_resolver::proto::rr::rdata::NS;
use hickory_resolver::proto::rr::{Name, RData, Record};
use parking_lot::Mutex;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UdpSocket};
use tokio::task::AbortHandle;

/// What a name server says about a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DnsAnswer {
    /// It has this address, and none of the other family.
    Address(IpAddr),
    /// It exists, without any address.
    NoData,
    /// NXDOMAIN.
    NxDomain,
    /// SERVFAIL.
    ServFail,
    /// REFUSED.
    Refused,
    /// Nothing at all.
    Silence,
    /// A packet that is no answer.
    Garbage,
    /// No answer, but the name servers of the root: what a server says that is not responsible
    /// for the zone (a lame delegation) and does not ask others.
    Referral,
    /// Over UDP: only the beginning of an answer. Over TCP: this address.
    LongerThanUdp(IpAddr),
    /// Over UDP and TCP: only the beginning of an answer.
    Truncated,
}

/// A name server on UDP and TCP that knows the names it was told; all others do not exist.
#[derive(Debug)]
pub struct DnsServer {
    address: SocketAddr,
    zone: Arc<Zone>,
    tasks: [AbortHandle; 2],
}

#[derive(Debug)]
struct Zone {
    names: BTreeMap<String, DnsAnswer>,
    questions: Mutex<Vec<String>>,
}

impl DnsServer {
    /// Starts a server that knows these names, written without a dot at the end.
    pub async fn start(names: &[(&str, DnsAnswer)]) -> io::Result<Self> {
        let (socket, listener) = bind().await?;
        let address = socket.local_addr()?;
        let names: BTreeMap<String, DnsAnswer> = names
            .iter()
            .map(|(name, answer)| (format!("{name}."), *answer))
            .collect();
        let zone = Arc::new(Zone {
            names,
            questions: Mutex::default(),
        });
        let tasks = [
            tokio::spawn(serve_udp(socket, zone.clone())).abort_handle(),
            tokio::spawn(serve_tcp(listener, zone.clone())).abort_handle(),
        ];
        Ok(DnsServer {
            address,
            zone,
            tasks,
        })
    }

    /// Where it is.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The questions asked so far: name, a space, type.
    pub fn questions(&self) -> Vec<String> {
        self.zone.questions.lock().clone()
    }
}

impl Drop for DnsServer {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

/// Both on the same port, which is free for both only after a few tries now and then.
async fn bind() -> io::Result<(UdpSocket, TcpListener)> {
    let mut tries = 10;
    loop {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        match UdpSocket::bind(listener.local_addr()?).await {
            Ok(socket) => return Ok((socket, listener)),
            Err(error) if tries == 0 => return Err(error),
            Err(_) => tries -= 1,
        }
    }
}

async fn serve_udp(socket: UdpSocket, zone: Arc<Zone>) {
    let mut buffer = [0; 1_500];
    while let Ok((length, asker)) = socket.recv_from(&mut buffer).await {
        if let Some(reply) = zone.reply(&buffer[..length], Over::Udp) {
            // A test that no longer waits for the answer does not need it.
            let _ = socket.send_to(&reply, asker).await;
        }
    }
}

/// One question for each connection is all that tests ask.
async fn serve_tcp(listener: TcpListener, zone: Arc<Zone>) {
    while let Ok((mut stream, _)) = listener.accept().await {
        let _ = answer_tcp(&mut stream, &zone).await;
    }
}

async fn answer_tcp(stream: &mut TcpStream, zone: &Zone) -> io::Result<()> {
    let length = stream.read_u16().await?;
    let mut question = vec![0; length.into()];
    stream.read_exact(&mut question).await?;
    if let Some(reply) = zone.reply(&question, Over::Tcp) {
        let length = u16::try_from(reply.len()).map_err(io::Error::other)?;
        stream.write_u16(length).await?;
        stream.write_all(&reply).await?;
    }
    Ok(())
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Over {
    Udp,
    Tcp,
}

impl Zone {
    fn reply(&self, question: &[u8], over: Over) -> Option<Vec<u8>> {
        let message = Message::from_vec(question).ok()?;
        let question = message.queries.first()?;
        let name = question.name().to_lowercase().to_string();
        if over == Over::Udp {
            self.questions
                .lock()
                .push(format!("{name} {}", question.query_type()));
        }
        let answer = self
            .names
            .get(&name)
            .copied()
            .unwrap_or(DnsAnswer::NxDomain);
        reply(message, answer, over)
    }
}

fn reply(message: Message, answer: DnsAnswer, over: Over) -> Option<Vec<u8>> {
    let question = message.queries.first()?.clone();
    let mut reply = message.into_response();
    reply.metadata.recursion_available = true;
    reply.metadata.response_code = match answer {
        DnsAnswer::Address(_) | DnsAnswer::NoData => ResponseCode::NoError,
        DnsAnswer::NxDomain => ResponseCode::NXDomain,
        DnsAnswer::ServFail => ResponseCode::ServFail,
        DnsAnswer::Refused => ResponseCode::Refused,
        DnsAnswer::Silence => return None,
        DnsAnswer::Garbage => {
            // The right number, then nonsense: otherwise it would not count as an answer.
            let mut bytes = reply.metadata.id.to_be_bytes().to_vec();
            bytes.extend([0xff; 10]);
            return Some(bytes);
        }
        DnsAnswer::Referral => {
            reply.metadata.recursion_available = false;
            let server = RData::NS(NS(Name::from_ascii("a.root-servers.net.").ok()?));
            reply.add_authority(Record::from_rdata(Name::root(), 60, server));
            ResponseCode::NoError
        }
        DnsAnswer::Truncated | DnsAnswer::LongerThanUdp(_) => {
            reply.metadata.truncation = over == Over::Udp || answer == DnsAnswer::Truncated;
            ResponseCode::NoError
        }
    };
    let address = match answer {
        DnsAnswer::Address(address) => Some(address),
        DnsAnswer::LongerThanUdp(address) if over == Over::Tcp => Some(address),
        _ => None,
    };
    if let Some(address) = address {
        let data = RData::from(address);
        if data.record_type() == question.query_type() {
            reply.add_answer(Record::from_rdata(question.name().clone(), 60, data));
        }
    }
    reply.to_vec().ok()
}
