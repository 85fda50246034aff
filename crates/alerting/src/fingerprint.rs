//! The identity of an alert: a hash of its labels, as Alertmanager computes it.

use crate::evaluate::Labels;

const OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
const PRIME: u64 = 0x0100_0000_01b3;
/// A byte that no text in UTF-8 contains.
const SEPARATOR: u8 = 0xff;

/// The fingerprint over `labels`, 16 hexadecimal digits: FNV-1a with 64 bits over names and values
/// in the order of names, a byte 0xff after each (prometheus/common `model/signature.go`,
/// `LabelSet.Fingerprint`).
pub fn fingerprint(labels: &Labels) -> String {
    let mut hash = OFFSET;
    let mut add = |byte: u8| hash = (hash ^ u64::from(byte)).wrapping_mul(PRIME);
    for (name, value) in labels {
        for text in [name, value] {
            text.bytes().for_each(&mut add);
            add(SEPARATOR);
        }
    }
    format!("{hash:016x}")
}

/// FNV-1 with 64 bits, which multiplies before it adds (Go's `fnv.New64`).
#[derive(Debug)]
pub(crate) struct Fnv1(u64);

impl Fnv1 {
    pub(crate) fn new() -> Self {
        Fnv1(OFFSET)
    }

    pub(crate) fn bytes(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.wrapping_mul(PRIME) ^ u64::from(*byte);
        }
    }

    /// Bytes and the separator after them.
    pub(crate) fn part(&mut self, bytes: &[u8]) {
        self.bytes(bytes);
        self.bytes(&[SEPARATOR]);
    }

    pub(crate) fn sum(&self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(pairs: &[(&str, &str)]) -> Labels {
        pairs
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect()
    }

    /// The sums come from `model.LabelSet.Fingerprint` of prometheus/common.
    #[test]
    fn is_that_of_prometheus() {
        assert_eq!(fingerprint(&Labels::new()), "cbf29ce484222325");
        assert_eq!(
            fingerprint(&labels(&[
                ("alertname", "Monitor down"),
                ("tenant", "acme")
            ])),
            "e76c5ca352cf54a2"
        );
        assert_eq!(
            fingerprint(&labels(&[("a", "ü"), ("b", "")])),
            "12bd14b7a409f5c9"
        );
    }

    /// The sum comes from Go's `hash/fnv`.
    #[test]
    fn fnv_1_multiplies_first() {
        let mut hash = Fnv1::new();
        hash.part(b"tidewatch");
        assert_eq!(format!("{:016x}", hash.sum()), "9473a701224ddfad");
    }
}
