//! DER as PEM text (RFC 7468), as definitions have certificates and keys.

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// `der` in a block of this label.
pub(crate) fn block(label: &str, der: &[u8]) -> String {
    let digits: Vec<u8> = der.chunks(3).flat_map(quartet).collect();
    let mut text = format!("-----BEGIN {label}-----\n");
    for line in digits.chunks(64) {
        text.extend(line.iter().map(|digit| char::from(*digit)));
        text.push('\n');
    }
    text.push_str(&format!("-----END {label}-----\n"));
    text
}

/// Up to three bytes in base64.
fn quartet(bytes: &[u8]) -> [u8; 4] {
    let byte = |index: usize| u32::from(bytes.get(index).copied().unwrap_or_default());
    let number = (byte(0) << 16) | (byte(1) << 8) | byte(2);
    let mut digits = [b'='; 4];
    for (index, digit) in digits.iter_mut().enumerate().take(bytes.len() + 1) {
        *digit = ALPHABET[(number >> (18 - 6 * index)) as usize & 0x3f];
    }
    digits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodes_with_padding() {
        for (bytes, wanted) in [("M", "TQ=="), ("Ma", "TWE="), ("Man", "TWFu")] {
            let wanted = format!("-----BEGIN X-----\n{wanted}\n-----END X-----\n");
            assert_eq!(block("X", bytes.as_bytes()), wanted);
        }
    }
}
