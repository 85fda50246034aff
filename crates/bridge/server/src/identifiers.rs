//! Random identifiers in the service's forms.

/// The digits of base 32.
const DIGITS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// How long a query id is.
pub(crate) const QUERY_ID_LENGTH: usize = 63;

/// An id of one query: 63 digits, the first two `AE`, as the service's are.
pub(crate) fn query_id() -> String {
    format!("AE{}", digits::<{ QUERY_ID_LENGTH - 2 }>())
}

/// An id of one request, for the header `x-amzn-RequestId`: 26 digits.
pub(crate) fn request_id() -> String {
    digits::<26>()
}

/// A text that cannot be guessed: 160 bits.
pub(crate) fn nonce() -> String {
    digits::<32>()
}

fn digits<const N: usize>() -> String {
    let mut bytes = [0_u8; N];
    rand::fill(&mut bytes);
    bytes
        .iter()
        .map(|byte| char::from(DIGITS[usize::from(byte % 32)]))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn query_ids_match_the_pattern_of_the_model() {
        let id = query_id();
        assert_eq!(id.len(), QUERY_ID_LENGTH);
        assert!(
            id.starts_with("AE") && id.bytes().all(|b| DIGITS.contains(&b)),
            "{id}"
        );
        assert_ne!(id, query_id());
    }
}
