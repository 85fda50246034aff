//! Asking for TLS in the clear, as some protocols have it.

use tidewatch_domain::Cause;
use tidewatch_domain::ErrorClass;
use tidewatch_domain::monitor::StartTls;
use tidewatch_domain::probe::PhaseReached;

use crate::budget::Budget;
use crate::failure::Failure;
use crate::redact::line;
use crate::talk::{Found, Talk, Wire};

/// Who greets: a name that nobody else has (RFC 2606), because a prober behind address
/// translation does not know its own.
const EHLO: &[u8] = b"EHLO tidewatch.invalid\r\n";
/// `SSLRequest`: the message's length, then the code 1234 5679.
const SSL_REQUEST: [u8; 8] = [0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f];

/// Asks the server for TLS, so that the next byte on either side is one of the handshake.
pub(crate) async fn ask(
    protocol: StartTls,
    talk: &mut Talk<'_>,
    wire: &mut dyn Wire,
    budget: Budget,
) -> Result<(), Failure> {
    let from = talk.at();
    match protocol {
        StartTls::Smtp => smtp(talk, wire, budget).await?,
        StartTls::Imap => imap(talk, wire, budget).await?,
        StartTls::Pop3 => pop3(talk, wire, budget).await?,
        StartTls::Postgres => postgres(talk, wire, budget).await?,
    }
    if talk.has_more() {
        // Whoever sits in between could have put it there.
        let text = format!(
            "{} went on in the clear after it had agreed to TLS",
            talk.peer()
        );
        let cause = Cause::new(ErrorClass::ProtocolError, text);
        return Err(Failure::new(PhaseReached::Transfer, cause));
    }
    talk.step_done(format!("starttls {}", protocol.name()), from);
    Ok(())
}

async fn smtp(talk: &mut Talk<'_>, wire: &mut dyn Wire, budget: Budget) -> Result<(), Failure> {
    let reply = |wanted| move |received: &[u8], from: usize| smtp_reply(received, from, wanted);
    talk.until(wire, "the greeting of SMTP", budget, reply("220"))
        .await?;
    talk.send(wire, EHLO, budget).await?;
    talk.until(wire, "the answer to EHLO", budget, reply("250"))
        .await?;
    let offers = talk
        .reply()
        .split(|byte| *byte == b'\n')
        .any(|line| line.get(4..).is_some_and(|word| is(word, "STARTTLS")));
    if !offers {
        let text = format!("{} does not offer STARTTLS", talk.peer());
        let cause = Cause::new(ErrorClass::ProtocolError, text);
        return Err(Failure::new(PhaseReached::Transfer, cause));
    }
    talk.send(wire, b"STARTTLS\r\n", budget).await?;
    talk.until(wire, "the answer to STARTTLS", budget, reply("220"))
        .await
}

async fn imap(talk: &mut Talk<'_>, wire: &mut dyn Wire, budget: Budget) -> Result<(), Failure> {
    let greeting = |line: &[u8]| is_first(line, "* OK").then_some(true);
    talk.until(wire, "the greeting of IMAP", budget, lines(greeting))
        .await?;
    talk.send(wire, b"a1 STARTTLS\r\n", budget).await?;
    let tagged = |line: &[u8]| {
        if line.starts_with(b"* ") {
            Some(false)
        } else {
            is_first(line, "a1 OK").then_some(true)
        }
    };
    talk.until(wire, "the answer to STARTTLS", budget, lines(tagged))
        .await
}

async fn pop3(talk: &mut Talk<'_>, wire: &mut dyn Wire, budget: Budget) -> Result<(), Failure> {
    let good = |line: &[u8]| is_first(line, "+OK").then_some(true);
    talk.until(wire, "the greeting of POP3", budget, lines(good))
        .await?;
    talk.send(wire, b"STLS\r\n", budget).await?;
    talk.until(wire, "the answer to STLS", budget, lines(good))
        .await
}

async fn postgres(talk: &mut Talk<'_>, wire: &mut dyn Wire, budget: Budget) -> Result<(), Failure> {
    talk.send(wire, &SSL_REQUEST, budget).await?;
    let answer = |received: &[u8], from: usize| match received.get(from) {
        None => Found::NotYet,
        Some(b'S') => Found::Here(from + 1, ()),
        Some(b'N') => Found::Never("it does not do TLS".to_owned()),
        Some(b'E') => Found::Never("it answered with an error".to_owned()),
        Some(_) => Found::Never(format!("it said `{}`", line(&received[from..]))),
    };
    talk.until(wire, "PostgreSQL's answer to SSLRequest", budget, answer)
        .await
}

/// A reply of SMTP (RFC 5321, section 4.2): lines of one code, the last with a space after it.
fn smtp_reply(received: &[u8], from: usize, wanted: &str) -> Found<()> {
    let mut at = from;
    while let Some(length) = received[at..].iter().position(|byte| *byte == b'\n') {
        let line = &received[at..at + length];
        at += length + 1;
        if !line.starts_with(wanted.as_bytes()) {
            return misfit(line);
        }
        match line.get(wanted.len()) {
            Some(b'-') => {}
            None | Some(b' ' | b'\r') => return Found::Here(at, ()),
            Some(_) => return misfit(line),
        }
    }
    Found::NotYet
}

/// Reads lines until `judge` says `Some(true)`; `Some(false)` goes on, `None` refuses the line.
fn lines(judge: impl Fn(&[u8]) -> Option<bool>) -> impl Fn(&[u8], usize) -> Found<()> {
    move |received, from| {
        let mut at = from;
        while let Some(length) = received[at..].iter().position(|byte| *byte == b'\n') {
            let line = &received[at..at + length];
            at += length + 1;
            match judge(line) {
                Some(true) => return Found::Here(at, ()),
                Some(false) => {}
                None => return misfit(line),
            }
        }
        Found::NotYet
    }
}

fn misfit(whole: &[u8]) -> Found<()> {
    Found::Never(format!("it said `{}`", line(whole)))
}

/// Whether `line` is this word, in any case.
fn is(line: &[u8], word: &str) -> bool {
    line.trim_ascii().eq_ignore_ascii_case(word.as_bytes())
}

/// Whether `line` begins with these words, in any case.
fn is_first(line: &[u8], words: &str) -> bool {
    line.get(..words.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(words.as_bytes()))
        && matches!(line.get(words.len()), None | Some(b' ' | b'\r'))
}
