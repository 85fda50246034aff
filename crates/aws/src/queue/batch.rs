//! Which messages travel in one request.

use super::Outgoing;
use crate::message::SINGLE_LIMIT;

/// The most messages in one request.
const MOST: usize = 10;

/// The positions of `waiting`, cut into requests of at most ten messages and as many bytes as SQS
/// takes at once. A message that is too long by itself has a request of its own, so that the
/// answer to it concerns no other.
pub(super) fn chunks(messages: &[Outgoing], waiting: &[usize]) -> Vec<Vec<usize>> {
    let mut chunks: Vec<Vec<usize>> = Vec::new();
    let mut bytes = 0;
    for &position in waiting {
        let length = messages[position].body.len();
        match chunks.last_mut() {
            Some(last) if last.len() < MOST && bytes + length <= SINGLE_LIMIT => {
                last.push(position);
                bytes += length;
            }
            _ => {
                chunks.push(vec![position]);
                bytes = length;
            }
        }
    }
    chunks
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_lengths(lengths: &[usize]) -> Vec<Outgoing> {
        let bodies = lengths.iter().map(|length| "x".repeat(*length));
        bodies.map(Outgoing::now).collect()
    }

    #[test]
    fn a_request_has_at_most_ten_messages_and_a_mebibyte() {
        let all = |count| (0..count).collect::<Vec<_>>();
        assert_eq!(chunks(&[], &[]), Vec::<Vec<usize>>::new());
        let small = of_lengths(&[1; 21]);
        let sizes: Vec<usize> = chunks(&small, &all(21)).iter().map(Vec::len).collect();
        assert_eq!(sizes, [10, 10, 1]);
        let half = SINGLE_LIMIT / 2;
        let large = of_lengths(&[half, half, 1, SINGLE_LIMIT + 1, 1]);
        assert_eq!(
            chunks(&large, &all(5)),
            [vec![0, 1], vec![2], vec![3], vec![4]]
        );
        assert_eq!(chunks(&large, &[4, 0]), [vec![4, 0]]);
    }
}
