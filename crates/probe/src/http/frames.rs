//! Finds the frames in a stream of HTTP/2 bytes (RFC 9113, section 4.1).
//!
//! Settings, pings and window updates come and go on their own; what counts for the timings are
//! the frames of requests and responses. Only the nine bytes of each frame's header are looked
//! at, so that bytes can be handed over in any pieces.

const HEADER: usize = 9;
const DATA: u8 = 0x0;
const HEADERS: u8 = 0x1;
const CONTINUATION: u8 = 0x9;
const END_STREAM: u8 = 0x1;

/// The length of what a client sends before its first frame.
pub(super) const PREFACE: usize = 24;

/// Follows one direction of a connection.
#[derive(Debug)]
pub(super) struct Frames {
    /// Bytes still to be passed over before the next frame header.
    skip: usize,
    header: [u8; HEADER],
    filled: usize,
    /// The frame whose payload is being passed over.
    current: Option<Frame>,
}

/// What is known of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Frame {
    carries_message: bool,
    is_headers: bool,
    ends_stream: bool,
}

/// What a piece of the stream had in it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Found {
    /// Part of a frame of a request or response.
    pub(super) message: bool,
    /// The beginning of a message's header.
    pub(super) headers: bool,
    /// The end of a frame that is the last of its message.
    pub(super) end: bool,
}

impl Frames {
    /// A direction in which frames begin after `preface` bytes.
    pub(super) fn after(preface: usize) -> Self {
        Frames {
            skip: preface,
            header: [0; HEADER],
            filled: 0,
            current: None,
        }
    }

    /// Takes the next piece of the stream.
    pub(super) fn take(&mut self, mut bytes: &[u8], found: &mut Found) {
        loop {
            if self.skip > 0 {
                let passed = self.skip.min(bytes.len());
                if passed > 0 && self.current.is_some_and(|frame| frame.carries_message) {
                    found.message = true;
                }
                self.skip -= passed;
                bytes = &bytes[passed..];
                if self.skip > 0 {
                    return;
                }
            }
            if let Some(frame) = self.current.take() {
                found.end |= frame.carries_message && frame.ends_stream;
            }
            let copied = (HEADER - self.filled).min(bytes.len());
            self.header[self.filled..self.filled + copied].copy_from_slice(&bytes[..copied]);
            self.filled += copied;
            bytes = &bytes[copied..];
            if self.filled < HEADER {
                return;
            }
            self.filled = 0;
            let frame = self.frame();
            found.message |= frame.carries_message;
            found.headers |= frame.is_headers;
            self.current = Some(frame);
        }
    }

    /// Reads a complete header and prepares to pass over the payload.
    fn frame(&mut self) -> Frame {
        let [a, b, c, kind, flags, stream @ ..] = self.header;
        self.skip = usize::from(a) << 16 | usize::from(b) << 8 | usize::from(c);
        let on_stream = stream != [0; 4];
        Frame {
            carries_message: on_stream && matches!(kind, DATA | HEADERS | CONTINUATION),
            is_headers: on_stream && kind == HEADERS,
            ends_stream: matches!(kind, DATA | HEADERS) && flags & END_STREAM != 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn frame(kind: u8, flags: u8, stream: u8, payload: usize) -> Vec<u8> {
        let length = u8::try_from(payload).unwrap();
        let mut bytes = vec![0, 0, length, kind, flags, 0, 0, 0, stream];
        bytes.resize(HEADER + payload, 0xff);
        bytes
    }

    fn take(frames: &mut Frames, bytes: &[u8]) -> (bool, bool, bool) {
        let mut found = Found::default();
        frames.take(bytes, &mut found);
        (found.message, found.headers, found.end)
    }

    #[test]
    fn tells_messages_from_the_connections_own_frames() {
        let mut frames = Frames::after(PREFACE);
        assert_eq!(take(&mut frames, &[b'P'; PREFACE]), (false, false, false));
        assert_eq!(
            take(&mut frames, &frame(0x4, 0, 0, 18)),
            (false, false, false)
        );
        assert_eq!(
            take(&mut frames, &frame(HEADERS, 0x4, 1, 30)),
            (true, true, false)
        );
        assert_eq!(
            take(&mut frames, &frame(0x8, 0, 1, 4)),
            (false, false, false)
        );
        assert_eq!(
            take(&mut frames, &frame(DATA, 0, 1, 200)),
            (true, false, false)
        );
        assert_eq!(
            take(&mut frames, &frame(DATA, END_STREAM, 1, 0)),
            (true, false, true)
        );
        assert_eq!(
            take(&mut frames, &frame(HEADERS, 0x5, 3, 9)),
            (true, true, true)
        );
    }

    #[test]
    fn a_message_ends_with_the_last_byte_of_its_last_frame() {
        let mut frames = Frames::after(0);
        let bytes = frame(DATA, END_STREAM, 1, 10);
        assert_eq!(take(&mut frames, &bytes[..5]), (false, false, false));
        assert_eq!(take(&mut frames, &bytes[5..18]), (true, false, false));
        assert_eq!(take(&mut frames, &bytes[18..]), (true, false, true));
    }

    proptest! {
        #[test]
        fn pieces_make_no_difference(cuts in prop::collection::vec(1_usize..40, 0..30)) {
            let mut stream = vec![b'P'; PREFACE];
            for part in [frame(0x4, 0, 0, 6), frame(HEADERS, 0x4, 1, 50), frame(DATA, 1, 1, 99)] {
                stream.extend(part);
            }
            let mut frames = Frames::after(PREFACE);
            let mut found = Found::default();
            let mut rest = stream.as_slice();
            for cut in cuts {
                let (piece, after) = rest.split_at(cut.min(rest.len()));
                frames.take(piece, &mut found);
                rest = after;
                prop_assert!(rest.is_empty() || !found.end);
            }
            frames.take(rest, &mut found);
            prop_assert_eq!(found, Found { message: true, headers: true, end: true });
        }
    }
}
