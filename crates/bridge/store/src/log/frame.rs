//! Segment headers and frames, as bytes.

/// First bytes of a segment.
const MAGIC: [u8; 8] = *b"TIDELOG\0";
/// Version of the segment format.
const VERSION: u32 = 1;
/// Magic, version, four zero bytes, segment number.
pub(super) const HEADER_LEN: usize = 24;

/// First bytes of a frame; they make it cheap to look for frames behind a damaged one.
const MARKER: [u8; 4] = *b"TWFR";
/// Marker, payload length, CRC32C of length and payload.
pub(super) const FRAME_HEADER_LEN: usize = 12;

/// The header of segment `number`.
pub(super) fn segment_header(number: u64) -> [u8; HEADER_LEN] {
    let mut header = [0; HEADER_LEN];
    header[..8].copy_from_slice(&MAGIC);
    header[8..12].copy_from_slice(&VERSION.to_le_bytes());
    header[16..].copy_from_slice(&number.to_le_bytes());
    header
}

/// Says what is wrong with the header of segment `number`, if anything is.
pub(super) fn check_header(bytes: &[u8], number: u64) -> Result<(), String> {
    let expected = segment_header(number);
    if bytes.len() < HEADER_LEN || bytes[..8] != MAGIC {
        return Err("this is not a segment of the write-ahead log".to_owned());
    }
    if bytes[8..12] != expected[8..12] {
        return Err("the segment's version is not the one this program writes".to_owned());
    }
    if bytes[..HEADER_LEN] != expected {
        return Err("the segment's number is not that of its file name".to_owned());
    }
    Ok(())
}

/// A frame being put together. Reused from group to group.
#[derive(Debug)]
pub(crate) struct FrameBuffer {
    bytes: Vec<u8>,
}

impl FrameBuffer {
    pub(crate) fn new() -> FrameBuffer {
        let mut buffer = FrameBuffer { bytes: Vec::new() };
        buffer.clear();
        buffer
    }

    /// Forgets the payload.
    pub(crate) fn clear(&mut self) {
        self.bytes.clear();
        self.bytes.resize(FRAME_HEADER_LEN, 0);
    }

    /// Where the payload is appended.
    pub(crate) fn payload(&mut self) -> &mut Vec<u8> {
        &mut self.bytes
    }

    /// Whether there is no payload.
    pub(crate) fn is_empty(&self) -> bool {
        self.bytes.len() == FRAME_HEADER_LEN
    }

    /// The frame with its header filled in; `None` when the payload exceeds 4 GiB.
    pub(crate) fn seal(&mut self) -> Option<&[u8]> {
        let len = u32::try_from(self.bytes.len() - FRAME_HEADER_LEN).ok()?;
        let (header, payload) = self.bytes.split_at_mut(FRAME_HEADER_LEN);
        header[..4].copy_from_slice(&MARKER);
        header[4..8].copy_from_slice(&len.to_le_bytes());
        header[8..].copy_from_slice(&checksum(len, payload).to_le_bytes());
        Some(&self.bytes)
    }
}

fn checksum(len: u32, payload: &[u8]) -> u32 {
    crc32c::crc32c_append(crc32c::crc32c(&len.to_le_bytes()), payload)
}

/// The payload of the frame at the start of `bytes`, if there is a whole and sound one.
pub(super) fn payload(bytes: &[u8]) -> Option<&[u8]> {
    let (header, rest) = bytes.split_at_checked(FRAME_HEADER_LEN)?;
    let (marker, header) = header.split_first_chunk::<4>()?;
    let (len, crc) = header.split_first_chunk::<4>()?;
    let len = u32::from_le_bytes(*len);
    let payload = rest.get(..usize::try_from(len).ok()?)?;
    let sound = *marker == MARKER && crc == checksum(len, payload).to_le_bytes();
    sound.then_some(payload)
}

/// Whether a sound frame begins anywhere in `bytes`.
pub(super) fn any_frame(bytes: &[u8]) -> bool {
    let mut at = 0;
    while let Some(found) = bytes[at..]
        .windows(MARKER.len())
        .position(|window| window == MARKER)
    {
        if payload(&bytes[at + found..]).is_some() {
            return true;
        }
        at += found + 1;
    }
    false
}
