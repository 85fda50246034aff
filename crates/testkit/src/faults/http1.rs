//! Misbehaviour in HTTP/1.1.

use std::time::Duration;

use crate::reply::Step;

/// A header that announces ten bytes.
const TEN: &str = "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n";
/// A header that announces chunks.
const CHUNKED: &str = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
/// A header that announces nothing: the body ends with the connection.
const ENDLESS: &str = "HTTP/1.1 200 OK\r\n\r\n";
/// Between two bytes of a slow server.
const SLOW: Duration = Duration::from_millis(10);

/// Closes without an answer, as nginx does for 444.
pub fn closes() -> Vec<Step> {
    vec![Step::Close]
}

/// Resets without an answer.
pub fn resets() -> Vec<Step> {
    vec![Step::Reset]
}

/// Never answers.
pub fn hangs() -> Vec<Step> {
    vec![Step::Hang]
}

/// Closes within the header.
pub fn closes_in_header() -> Vec<Step> {
    vec![Step::send("HTTP/1.1 200 OK\r\nserv"), Step::Close]
}

/// Resets within the header, once `read` says that its beginning was read: a reset overtakes the
/// bytes before it.
pub fn resets_in_header(read: Step) -> Vec<Step> {
    vec![Step::send("HTTP/1.1 200 OK\r\nserv"), read, Step::Reset]
}

/// Stops within the header.
pub fn hangs_in_header() -> Vec<Step> {
    vec![Step::send("HTTP/1.1 200 OK\r\nserv"), Step::Hang]
}

/// Sends a header byte by byte that has no end.
pub fn slow_header() -> Vec<Step> {
    let line = format!("HTTP/1.1 200 OK\r\nx: {}", "y".repeat(10_000));
    vec![Step::Drip(line.into(), SLOW)]
}

/// Speaks another protocol.
pub fn no_http() -> Vec<Step> {
    vec![Step::send("SSH-2.0-OpenSSH_9.6\r\n"), Step::Close]
}

/// Sends a status that is no number.
pub fn bad_status_line() -> Vec<Step> {
    vec![Step::send("HTTP/1.1 abc OK\r\n\r\n"), Step::Close]
}

/// Sends a header line that is none.
pub fn bad_header_line() -> Vec<Step> {
    let header = "HTTP/1.1 200 OK\r\nno colon in here\r\n\r\n";
    vec![Step::send(header), Step::Close]
}

/// Announces two lengths.
pub fn two_lengths() -> Vec<Step> {
    let header = "HTTP/1.1 200 OK\r\ncontent-length: 10\r\ncontent-length: 7\r\n\r\n";
    vec![Step::send(header), Step::Close]
}

/// Announces a length that is no number.
pub fn bad_length() -> Vec<Step> {
    let header = "HTTP/1.1 200 OK\r\ncontent-length: ten\r\n\r\n";
    vec![Step::send(header), Step::Close]
}

/// Sends a header of 70 kB.
pub fn huge_header() -> Vec<Step> {
    let header = format!("HTTP/1.1 200 OK\r\nx: {}\r\n\r\n", "y".repeat(70_000));
    vec![Step::send(header), Step::Close]
}

/// Sends 150 header lines.
pub fn many_header_lines() -> Vec<Step> {
    let header = format!("HTTP/1.1 200 OK\r\n{}\r\n", "x: y\r\n".repeat(150));
    vec![Step::send(header), Step::Close]
}

/// Sends five of ten bytes and closes.
pub fn body_too_short() -> Vec<Step> {
    vec![Step::send(format!("{TEN}12345")), Step::Close]
}

/// Sends twelve bytes where ten are announced.
pub fn body_too_long() -> Vec<Step> {
    vec![Step::send(format!("{TEN}123456789012")), Step::Close]
}

/// Sends five of ten bytes and resets, once `read` says that they were read.
pub fn resets_in_body(read: Step) -> Vec<Step> {
    vec![Step::send(format!("{TEN}12345")), read, Step::Reset]
}

/// Sends five of ten bytes and stops.
pub fn hangs_in_body() -> Vec<Step> {
    vec![Step::send(format!("{TEN}12345")), Step::Hang]
}

/// Sends a body byte by byte that has no end.
pub fn slow_body() -> Vec<Step> {
    vec![
        Step::send(ENDLESS),
        Step::Drip("y".repeat(10_000).into(), SLOW),
    ]
}

/// Sends a chunk whose length is no number.
pub fn bad_chunk_length() -> Vec<Step> {
    vec![Step::send(format!("{CHUNKED}zz\r\nhello\r\n")), Step::Close]
}

/// Sends a chunk that goes on beyond its length.
pub fn chunk_too_long() -> Vec<Step> {
    vec![
        Step::send(format!("{CHUNKED}5\r\nhelloXX0\r\n")),
        Step::Close,
    ]
}

/// Closes after a chunk, without the last one.
pub fn closes_between_chunks() -> Vec<Step> {
    vec![Step::send(format!("{CHUNKED}5\r\nhello\r\n")), Step::Close]
}

/// Closes within a chunk.
pub fn closes_in_chunk() -> Vec<Step> {
    vec![Step::send(format!("{CHUNKED}5\r\nhe")), Step::Close]
}

/// Ends a body of no announced length without telling TLS: nobody can know that this is all.
pub fn cuts_the_connection() -> Vec<Step> {
    vec![Step::send(format!("{ENDLESS}12345")), Step::Cut]
}
