//! Misbehaviour in HTTP/2 (RFC 9113), frame by frame.

use std::time::Duration;

use crate::reply::Step;

/// The length of what a client sends before its first frame.
pub(crate) const PREFACE: usize = 24;
/// The length of the header of a frame.
pub(crate) const HEADER: usize = 9;
/// The flag of the last frame of a message.
pub(crate) const END_STREAM: u8 = 0x1;
const END_HEADERS: u8 = 0x4;
/// `:status: 200`, as the static table of RFC 7541 has it.
const STATUS_200: &[u8] = &[0x88];
/// The stream of a client's first request.
const FIRST: u32 = 1;

const NO_ERROR: u32 = 0x0;
const INTERNAL_ERROR: u32 = 0x2;
const REFUSED_STREAM: u32 = 0x7;
const ENHANCE_YOUR_CALM: u32 = 0xb;
const INITIAL_WINDOW_SIZE: u16 = 0x4;

/// A frame of any `kind`.
fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).expect("a test sends no frame of 4 GB");
    let mut frame = length.to_be_bytes()[1..].to_vec();
    frame.extend([kind, flags]);
    frame.extend(stream.to_be_bytes());
    frame.extend(payload);
    frame
}

/// `SETTINGS` with these values.
pub(crate) fn settings(values: &[(u16, u32)]) -> Vec<u8> {
    let mut payload = Vec::new();
    for (setting, value) in values {
        payload.extend(setting.to_be_bytes());
        payload.extend(value.to_be_bytes());
    }
    frame(0x4, 0, 0, &payload)
}

fn headers(flags: u8, block: &[u8]) -> Vec<u8> {
    frame(0x1, flags, FIRST, block)
}

fn data(flags: u8, payload: &[u8]) -> Vec<u8> {
    frame(0x0, flags, FIRST, payload)
}

fn go_away(code: u32, debug: &[u8]) -> Vec<u8> {
    let mut payload = 0_u32.to_be_bytes().to_vec();
    payload.extend(code.to_be_bytes());
    payload.extend(debug);
    frame(0x7, 0, 0, &payload)
}

fn reset_stream(code: u32) -> Vec<u8> {
    frame(0x3, 0, FIRST, &code.to_be_bytes())
}

/// A good header, and five bytes of a body that goes on.
fn begun() -> Step {
    let mut bytes = headers(END_HEADERS, STATUS_200);
    bytes.extend(data(0, b"12345"));
    Step::send(bytes)
}

/// Ends the connection: "calm down".
pub fn goes_away() -> Vec<Step> {
    vec![Step::send(go_away(ENHANCE_YOUR_CALM, b"")), Step::Close]
}

/// Ends the connection, with `text` as the reason for people.
pub fn goes_away_saying(text: &str) -> Vec<Step> {
    let frame = go_away(INTERNAL_ERROR, text.as_bytes());
    vec![Step::send(frame), Step::Close]
}

/// Ends the connection without an error, as a server does that is about to be restarted.
pub fn goes_away_gracefully() -> Vec<Step> {
    vec![Step::send(go_away(NO_ERROR, b"")), Step::Close]
}

/// Refuses the stream.
pub fn refuses_stream() -> Vec<Step> {
    vec![Step::send(reset_stream(REFUSED_STREAM)), Step::Hang]
}

/// Resets the stream within the body.
pub fn resets_stream_in_body() -> Vec<Step> {
    vec![
        begun(),
        Step::send(reset_stream(INTERNAL_ERROR)),
        Step::Hang,
    ]
}

/// Ends the connection within the body, once `read` says that its beginning was read.
pub fn goes_away_in_body(read: Step) -> Vec<Step> {
    vec![
        begun(),
        read,
        Step::send(go_away(INTERNAL_ERROR, b"")),
        Step::Close,
    ]
}

/// Closes without an answer.
pub fn closes() -> Vec<Step> {
    vec![Step::Close]
}

/// Resets the TCP connection without an answer.
pub fn resets() -> Vec<Step> {
    vec![Step::Reset]
}

/// Never answers.
pub fn hangs() -> Vec<Step> {
    vec![Step::Hang]
}

/// Stops within the header.
pub fn hangs_in_header() -> Vec<Step> {
    vec![Step::send(headers(0, STATUS_200)), Step::Hang]
}

/// Closes within the body.
pub fn closes_in_body() -> Vec<Step> {
    vec![begun(), Step::Close]
}

/// Resets the TCP connection within the body, once `read` says that its beginning was read.
pub fn resets_in_body(read: Step) -> Vec<Step> {
    vec![begun(), read, Step::Reset]
}

/// Stops within the body.
pub fn hangs_in_body() -> Vec<Step> {
    vec![begun(), Step::Hang]
}

/// Sends the body in frames of one byte, without end.
pub fn slow_body() -> Vec<Step> {
    let mut steps = vec![Step::send(headers(END_HEADERS, STATUS_200))];
    for _ in 0..10_000 {
        steps.push(Step::send(data(0, b"y")));
        steps.push(Step::Pause(Duration::from_millis(10)));
    }
    steps
}

/// Announces ten bytes and ends the body after five.
pub fn body_too_short() -> Vec<Step> {
    body_of(b"12345")
}

/// Announces ten bytes and sends twelve.
pub fn body_too_long() -> Vec<Step> {
    body_of(b"123456789012")
}

fn body_of(body: &[u8]) -> Vec<Step> {
    // `content-length: 10`: number 28 of the static table, with a value of its own.
    let block = [STATUS_200, &[0x0f, 0x0d, 2], b"10"].concat();
    let mut bytes = headers(END_HEADERS, &block);
    bytes.extend(data(END_STREAM, body));
    vec![Step::send(bytes), Step::Hang]
}

/// Sends a header of 70 kB.
pub fn huge_header() -> Vec<Step> {
    // `x: yyy...`, not to be remembered; its length in the form of RFC 7541, section 5.1.
    let value = vec![b'y'; 70_000];
    let rest = value.len() - 127;
    let seven = |shift: usize| u8::try_from(rest >> shift & 0x7f).expect("seven bits");
    let length = [0x7f, 0x80 | seven(0), 0x80 | seven(7), seven(14)];
    let block = [STATUS_200, &[0x00, 1, b'x'], &length, &value].concat();
    let mut parts = block.chunks(16_000).peekable();
    let mut bytes = Vec::new();
    let mut kind = 0x1;
    while let Some(part) = parts.next() {
        let flags = if parts.peek().is_some() {
            0
        } else {
            END_HEADERS
        };
        bytes.extend(frame(kind, flags, FIRST, part));
        // The rest comes in CONTINUATION frames.
        kind = 0x9;
    }
    vec![Step::send(bytes), Step::Hang]
}

/// Sends `SETTINGS` of a length that they cannot have.
pub fn bad_frame() -> Vec<Step> {
    vec![Step::send(frame(0x4, 0, 0, &[0; 5])), Step::Hang]
}

/// Sends a header block that is no HPACK.
pub fn bad_header_block() -> Vec<Step> {
    // Number 0 of the table does not exist.
    vec![Step::send(headers(END_HEADERS, &[0x80])), Step::Hang]
}

/// Sends the body before the header.
pub fn body_first() -> Vec<Step> {
    vec![Step::send(data(0, b"12345")), Step::Hang]
}

/// Chose HTTP/2 and answers with HTTP/1.1.
pub fn answers_in_http1() -> Vec<Step> {
    let answer = "HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n";
    vec![Step::send(answer), Step::Close]
}

/// What a server says at the beginning that never takes any byte of a body.
pub(crate) fn no_window() -> Vec<u8> {
    settings(&[(INITIAL_WINDOW_SIZE, 0)])
}
