//! Step 3: messages on their way through the channels, and the rows that say so.

use std::collections::BTreeSet;

use futures::future;
use tidewatch_domain::Record;
use tidewatch_domain::ports::Destination;
use tidewatch_domain::rows::{SendResult, Sending, notification_row};

use super::plan::Planned;
use super::{Consumer, Report};
use crate::channel::{ChannelError, Subscription};

impl Consumer {
    /// Hands messages over, to all channels at the same time.
    pub(super) async fn send(&self, planned: &mut [Planned], report: &mut Report) {
        let results = future::join_all(
            self.subscriptions
                .iter()
                .map(|subscription| self.send_through(subscription, planned)),
        )
        .await;
        let mut rows = Vec::new();
        for (name, sent) in results {
            for (position, result) in sent {
                let Some(one) = planned.get_mut(position) else {
                    continue;
                };
                let result = match result {
                    Ok(()) => {
                        report.sent += 1;
                        one.left.remove(name);
                        SendResult::Sent
                    }
                    Err(error) => {
                        report.failed += 1;
                        tracing::warn!(
                            channel = name,
                            message = one.message.dedupe_id(),
                            %error,
                            "a channel did not take a message; it is tried again"
                        );
                        one.problem = Some(format!("channel `{name}`: {error}"));
                        SendResult::Failed
                    }
                };
                rows.extend(self.rows_of(one, name, result));
            }
        }
        rows.extend(self.drop_unknown_channels(planned));
        if rows.is_empty() {
            return;
        }
        if let Err(error) = self.rows.write(Destination::Main, rows).await {
            tracing::warn!(%error, "notification rows were not written");
        }
    }

    async fn send_through<'a>(
        &self,
        subscription: &'a Subscription,
        planned: &[Planned],
    ) -> (&'a str, Vec<(usize, Result<(), ChannelError>)>) {
        let name = subscription.channel.name();
        let (positions, messages): (Vec<usize>, Vec<_>) = planned
            .iter()
            .enumerate()
            .filter(|(_, one)| one.left.contains(name))
            .map(|(position, one)| (position, one.message.clone()))
            .unzip();
        if messages.is_empty() {
            return (name, Vec::new());
        }
        let results = subscription.channel.send(&messages).await;
        (name, positions.into_iter().zip(results).collect())
    }

    fn rows_of(&self, one: &Planned, channel: &str, result: SendResult) -> Vec<Record> {
        let now = self.clock.now();
        let sending = Sending {
            channel: channel.to_owned(),
            kind: one.message.dispatch().kind(),
            result,
            delivery: now.since(one.message.received),
        };
        one.message
            .dispatch()
            .notices()
            .iter()
            .map(|notice| {
                let time = self.row_times.next(now);
                notification_row(notice, &sending, &self.options.location, time)
            })
            .collect()
    }

    /// A channel that is no longer configured will never take anything.
    fn drop_unknown_channels(&self, planned: &mut [Planned]) -> Vec<Record> {
        let known: BTreeSet<&str> = self
            .subscriptions
            .iter()
            .map(|subscription| subscription.channel.name())
            .collect();
        let mut rows = Vec::new();
        for one in planned {
            let gone: Vec<String> = one
                .left
                .iter()
                .filter(|name| !known.contains(name.as_str()))
                .cloned()
                .collect();
            for name in gone {
                tracing::warn!(
                    channel = %name,
                    message = one.message.dedupe_id(),
                    "a message was for a channel that is not configured any more"
                );
                one.left.remove(&name);
                rows.extend(self.rows_of(one, &name, SendResult::Dropped));
            }
        }
        rows
    }
}
