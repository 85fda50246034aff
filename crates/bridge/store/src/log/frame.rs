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

/// Whether one bit, if it were another, would make the frame at the start of `bytes` sound. A
/// write that was torn lacks whole sectors; such a frame was sound once.
pub(super) fn is_one_bit_off(bytes: &[u8]) -> bool {
    let Some((header, rest)) = bytes.split_at_checked(FRAME_HEADER_LEN) else {
        return false;
    };
    let word = |at: usize| {
        let four = header[at..].first_chunk::<4>();
        four.map_or(0, |four| u32::from_le_bytes(*four))
    };
    let (len, crc) = (word(4), word(8));
    let payload = |len: u32| rest.get(..usize::try_from(len).ok()?);
    let other_bits = (word(0) ^ u32::from_le_bytes(MARKER)).count_ones();
    if other_bits > 1 {
        return false;
    }
    if let Some(payload) = payload(len) {
        let difference = checksum(len, payload) ^ crc;
        if other_bits == 1 {
            return difference == 0;
        }
        if difference.count_ones() == 1 || !has_hole(payload) && is_flip(difference, payload.len())
        {
            return true;
        }
    }
    let mut lengths = (0..u32::BITS).map(|bit| len ^ (1 << bit));
    lengths.any(|len| payload(len).is_some_and(|payload| checksum(len, payload) == crc))
}

/// Whether a sector of zeros may lie in `payload`, as where the disk had not got to writing it.
fn has_hole(payload: &[u8]) -> bool {
    // A sector has at least 512 bytes, and so one whole piece in it.
    let mut pieces = payload.chunks_exact(256);
    pieces.any(|piece| piece.iter().all(|byte| *byte == 0))
}

/// Whether `difference` is what one other bit in `len` bytes makes of their CRC32C.
fn is_flip(difference: u32, len: usize) -> bool {
    /// The polynomial of CRC32C, its bits in reverse order.
    const POLYNOMIAL: u32 = 0x82f6_3b78;
    let mut effect = 1;
    // From the last bit to the first: each is carried one step further than the one behind it.
    for _ in 0..len.saturating_mul(8) {
        let carry = effect & 1;
        effect = (effect >> 1) ^ (POLYNOMIAL * carry);
        if effect == difference {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame() -> Vec<u8> {
        let mut buffer = FrameBuffer::new();
        let payload = (0..1000u32).map(|n| (n * 31 % 251) as u8);
        buffer.payload().extend(payload);
        buffer.seal().unwrap().to_vec()
    }

    #[test]
    fn every_flipped_bit_is_told_from_a_torn_write() {
        let sound = frame();
        for bit in 0..sound.len() * 8 {
            let mut flipped = sound.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert!(payload(&flipped).is_none(), "bit {bit}");
            assert!(is_one_bit_off(&flipped), "bit {bit}");
        }
    }

    #[test]
    fn a_torn_write_is_none() {
        let sound = frame();
        for len in 0..sound.len() {
            assert!(!is_one_bit_off(&sound[..len]), "{len}");
        }
        for hole in 0..sound.len() - 512 {
            let mut torn = sound.clone();
            torn[hole..hole + 512].fill(0);
            assert!(!is_one_bit_off(&torn), "{hole}");
        }
    }
}
