//! The row of instants that an attempt passes through.

use tidewatch_domain::Phases;
use tokio::time::Instant;

/// The instants of one request, each set when it was passed.
///
/// Phases are differences of neighbours in this row, which is why they add up to the total
/// exactly. A request over a kept connection has no instants between start and sending, one to an
/// address that was given is not resolved, and one in a datagram has neither connection nor
/// transfer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Timeline {
    /// The request began; where redirects are followed, the hop before it ended.
    pub(crate) start: Instant,
    /// An address was chosen.
    pub(crate) resolved: Option<Instant>,
    /// TCP stood.
    pub(crate) connected: Option<Instant>,
    /// TLS stood.
    pub(crate) secured: Option<Instant>,
    /// The last byte of the request was handed to the kernel.
    pub(crate) sent: Option<Instant>,
    /// The first byte of the response came.
    pub(crate) first_byte: Option<Instant>,
    /// The last byte of the body came, or as much of it as is read.
    pub(crate) done: Option<Instant>,
}

impl Timeline {
    /// A request that began at `start`.
    pub(crate) fn new(start: Instant) -> Self {
        Timeline {
            start,
            resolved: None,
            connected: None,
            secured: None,
            sent: None,
            first_byte: None,
            done: None,
        }
    }

    /// Sets the two instants of the exchange. A server may answer before it has the whole
    /// request; then sending ended, as far as the answer is concerned, when the answer came.
    pub(crate) fn exchanged(&mut self, sent: Option<Instant>, first_byte: Option<Instant>) {
        self.first_byte = first_byte;
        self.sent = match (sent, first_byte) {
            (Some(sent), Some(first)) => Some(sent.min(first)),
            (None, first) => first,
            (sent, None) => sent,
        };
    }

    /// The phases of a request that ended, well or not, at `end`.
    pub(crate) fn phases(&self, end: Instant) -> Phases {
        let between = |from: Option<Instant>, to: Option<Instant>| Some(to? - from?);
        let addressed = self.resolved.or(Some(self.start));
        let ready = self.secured.or(self.connected).or(addressed);
        Phases {
            resolve: between(Some(self.start), self.resolved),
            connect: between(addressed, self.connected),
            tls: between(self.connected, self.secured),
            send: between(ready, self.sent),
            wait: between(self.sent, self.first_byte),
            transfer: between(self.first_byte, self.done),
            total: end - self.start,
        }
    }
}

/// Adds the phases of one more hop to the sums of a chain of redirects.
pub(crate) fn add(sums: &mut Phases, hop: &Phases) {
    let pairs = [
        (&mut sums.resolve, hop.resolve),
        (&mut sums.connect, hop.connect),
        (&mut sums.tls, hop.tls),
        (&mut sums.send, hop.send),
        (&mut sums.wait, hop.wait),
        (&mut sums.transfer, hop.transfer),
    ];
    for (sum, phase) in pairs {
        if let Some(phase) = phase {
            *sum = Some(sum.unwrap_or_default() + phase);
        }
    }
    sums.total += hop.total;
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::time::Duration;

    proptest! {
        /// Whatever the instants are, and however many hops there were.
        #[test]
        fn phases_add_up_to_the_total_exactly(
            hops in prop::collection::vec((prop::collection::vec(0_u64..5_000_000, 6), any::<bool>()), 1..5)
        ) {
            let mut sums = Phases::default();
            let first = Instant::now();
            let mut at = first;
            for (gaps, secure) in hops {
                let mut timeline = Timeline::new(at);
                let mut pass = |gap: u64| {
                    at += Duration::from_nanos(gap);
                    Some(at)
                };
                timeline.resolved = pass(gaps[0]);
                timeline.connected = pass(gaps[1]);
                if secure {
                    timeline.secured = pass(gaps[2]);
                }
                let sent = pass(gaps[3]);
                let first_byte = pass(gaps[4]);
                timeline.exchanged(sent, first_byte);
                timeline.done = pass(gaps[5]);
                add(&mut sums, &timeline.phases(at));
            }
            prop_assert_eq!(sums.total, at - first);
            prop_assert_eq!(sums.unfinished(), Duration::ZERO);
            let parts: Duration = sums.named().into_iter().filter_map(|(_, phase)| phase).sum();
            prop_assert_eq!(parts, sums.total);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn an_early_answer_keeps_the_row_in_order() {
        let start = Instant::now();
        let ms = |millis| start + Duration::from_millis(millis);
        let mut timeline = Timeline::new(start);
        timeline.exchanged(Some(ms(9)), Some(ms(4)));
        timeline.done = Some(ms(10));
        let phases = timeline.phases(ms(10));
        assert_eq!(phases.send, Some(Duration::from_millis(4)));
        assert_eq!(phases.wait, Some(Duration::ZERO));
        assert_eq!(phases.unfinished(), Duration::ZERO);
    }

    #[tokio::test(start_paused = true)]
    async fn what_did_not_happen_leaves_no_gap() {
        let start = Instant::now();
        let ms = |millis| start + Duration::from_millis(millis);
        // A datagram to an address that was looked up.
        let mut datagram = Timeline::new(start);
        datagram.resolved = Some(ms(2));
        datagram.exchanged(Some(ms(3)), Some(ms(9)));
        let phases = datagram.phases(ms(9));
        assert_eq!(phases.send, Some(Duration::from_millis(1)));
        assert_eq!((phases.connect, phases.transfer), (None, None));
        assert_eq!(phases.unfinished(), Duration::ZERO);
        assert_eq!(phases.ttfb(), Some(Duration::from_millis(9)));
        // A connection to an address that was given.
        let mut given = Timeline::new(start);
        given.connected = Some(ms(4));
        let phases = given.phases(ms(4));
        assert_eq!(phases.resolve, None);
        assert_eq!(phases.connect, Some(Duration::from_millis(4)));
    }

    #[tokio::test(start_paused = true)]
    async fn what_did_not_end_is_absent() {
        let start = Instant::now();
        let mut timeline = Timeline::new(start);
        timeline.resolved = Some(start + Duration::from_millis(2));
        let phases = timeline.phases(start + Duration::from_millis(7));
        assert_eq!(phases.resolve, Some(Duration::from_millis(2)));
        assert_eq!(phases.connect, None);
        assert_eq!(phases.send, None);
        assert_eq!(phases.unfinished(), Duration::from_millis(5));
    }
}
