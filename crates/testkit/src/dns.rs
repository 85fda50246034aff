//! A name server that answers as it was told.

use std::collections::BTreeMap;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

use hickory_resolver::proto::op::{Message, ResponseCode};
use hickory_resolver::proto::rr::{RData, Record};
use parking_lot::Mutex;
use tokio::net::UdpSocket;
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
}

/// A name server on UDP that knows the names it was told; all others do not exist.
#[derive(Debug)]
pub struct DnsServer {
    address: SocketAddr,
    questions: Arc<Mutex<Vec<String>>>,
    task: AbortHandle,
}

impl DnsServer {
    /// Starts a server that knows these names, written without a dot at the end.
    pub async fn start(names: &[(&str, DnsAnswer)]) -> io::Result<Self> {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = socket.local_addr()?;
        let names: BTreeMap<String, DnsAnswer> = names
            .iter()
            .map(|(name, answer)| (format!("{name}."), *answer))
            .collect();
        let questions = Arc::new(Mutex::new(Vec::new()));
        let task = tokio::spawn(serve(socket, names, questions.clone())).abort_handle();
        Ok(DnsServer {
            address,
            questions,
            task,
        })
    }

    /// Where it is.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The questions asked so far: name, a space, type.
    pub fn questions(&self) -> Vec<String> {
        self.questions.lock().clone()
    }
}

impl Drop for DnsServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(
    socket: UdpSocket,
    names: BTreeMap<String, DnsAnswer>,
    questions: Arc<Mutex<Vec<String>>>,
) {
    let mut buffer = [0; 1_500];
    while let Ok((length, asker)) = socket.recv_from(&mut buffer).await {
        let Ok(message) = Message::from_vec(&buffer[..length]) else {
            continue;
        };
        let Some(question) = message.queries.first() else {
            continue;
        };
        let name = question.name().to_lowercase().to_string();
        questions
            .lock()
            .push(format!("{name} {}", question.query_type()));
        let answer = names.get(&name).copied().unwrap_or(DnsAnswer::NxDomain);
        if let Some(reply) = reply(message, answer) {
            // A test that no longer waits for the answer does not need it.
            let _ = socket.send_to(&reply, asker).await;
        }
    }
}

fn reply(message: Message, answer: DnsAnswer) -> Option<Vec<u8>> {
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
    };
    if let DnsAnswer::Address(address) = answer {
        let data = RData::from(address);
        if data.record_type() == question.query_type() {
            reply.add_answer(Record::from_rdata(question.name().clone(), 60, data));
        }
    }
    reply.to_vec().ok()
}
