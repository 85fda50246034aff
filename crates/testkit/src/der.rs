//! Writes DER (X.690), as far as the tests' certificates and stapled responses need it.

/// An element with this tag and these parts as its content.
pub(crate) fn der(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let content = parts.concat();
    let length = u16::try_from(content.len()).expect("a test writes short elements");
    let [high, low] = length.to_be_bytes();
    let mut der = match length {
        0..0x80 => vec![tag, low],
        0x80..0x100 => vec![tag, 0x81, low],
        _ => vec![tag, 0x82, high, low],
    };
    der.extend(content);
    der
}
