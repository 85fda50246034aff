//! What a target does with a request.

use std::fmt::Write;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::Semaphore;

/// A request as a target saw it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// The method.
    pub method: String,
    /// Path and query.
    pub path: String,
    /// The headers in order, names in lower case. HTTP/2's authority is the header `host`.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
    /// The number of the connection that it came over, from 1.
    pub connection: usize,
}

impl Seen {
    /// The value of a header, the first if there are several.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(found, _)| found == name)
            .map(|(_, value)| value.as_str())
    }
}

/// What a target does with a request.
#[derive(Clone, Debug)]
pub struct Reply {
    pub(crate) message: Option<Message>,
    pub(crate) before: Vec<Step>,
    pub(crate) after: Vec<Step>,
}

/// A well-formed response.
#[derive(Clone, Debug)]
pub(crate) struct Message {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Bytes,
}

/// Something that a target does.
#[derive(Clone, Debug)]
pub enum Step {
    /// Sends these bytes.
    Send(Bytes),
    /// Sends these bytes one by one, with a pause after each.
    Drip(Bytes, Duration),
    /// Lets time pass: only for tests about how long something takes.
    Pause(Duration),
    /// Waits until the gate is opened.
    Wait(Gate),
    /// Does nothing any more and keeps the connection open.
    Hang,
    /// Closes the connection in order.
    Close,
    /// Closes the connection without telling TLS.
    Cut,
    /// Resets the connection.
    Reset,
}

impl Step {
    /// Sends `text`.
    pub fn send(text: impl Into<Bytes>) -> Self {
        Step::Send(text.into())
    }
}

impl Reply {
    /// Answers with `status` and an empty body.
    pub fn status(status: u16) -> Self {
        let message = Message {
            status,
            headers: Vec::new(),
            body: Bytes::new(),
        };
        Reply {
            message: Some(message),
            before: Vec::new(),
            after: Vec::new(),
        }
    }

    /// Answers 200 with `body`.
    pub fn ok(body: impl Into<Bytes>) -> Self {
        Reply::status(200).body(body)
    }

    /// Answers with a redirect.
    pub fn redirect(status: u16, location: &str) -> Self {
        Reply::status(status).header("location", location)
    }

    /// Does these steps instead of answering.
    pub fn steps(steps: impl IntoIterator<Item = Step>) -> Self {
        Reply {
            message: None,
            before: steps.into_iter().collect(),
            after: Vec::new(),
        }
    }

    /// One more response header.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        if let Some(message) = &mut self.message {
            message.headers.push((name.to_owned(), value.to_owned()));
        }
        self
    }

    /// The response body.
    #[must_use]
    pub fn body(mut self, body: impl Into<Bytes>) -> Self {
        if let Some(message) = &mut self.message {
            message.body = body.into();
        }
        self
    }

    /// Does `step` before answering.
    #[must_use]
    pub fn after(mut self, step: Step) -> Self {
        self.before.push(step);
        self
    }

    /// Does `step` once the answer is sent.
    #[must_use]
    pub fn then(mut self, step: Step) -> Self {
        self.after.push(step);
        self
    }
}

impl Message {
    /// The response as HTTP/1.1 has it; a `HEAD` request gets no body.
    pub(crate) fn http1(&self, with_body: bool) -> Vec<u8> {
        let mut head = format!("HTTP/1.1 {} Test\r\n", self.status);
        let mut line = |name: &str, value: &str| {
            // Writing to a string does not fail.
            let _ = write!(head, "{name}: {value}\r\n");
        };
        for (name, value) in &self.headers {
            line(name, value);
        }
        line("content-length", &self.body.len().to_string());
        head.push_str("\r\n");
        let mut bytes = head.into_bytes();
        if with_body {
            bytes.extend_from_slice(&self.body);
        }
        bytes
    }
}

/// Holds back targets until it is opened.
#[derive(Clone, Debug)]
pub struct Gate {
    open: Arc<Semaphore>,
}

impl Gate {
    /// A closed gate.
    pub fn closed() -> Self {
        Gate {
            open: Arc::new(Semaphore::new(0)),
        }
    }

    /// Opens the gate for all who wait and will come.
    pub fn open(&self) {
        self.open.close();
    }

    pub(crate) async fn passed(&self) {
        // A closed semaphore is an open gate.
        let _ = self.open.acquire().await;
    }
}
