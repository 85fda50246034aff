//! Messages as people read them.
//!
//! The subject says what happened to what and how bad it is, in ASCII and in fewer than 100
//! characters, so that it fits a mail's subject line, a telephone's screen and SNS. The body
//! answers, in this order: what, where, since when, why, how bad, what to do. Where it has to be
//! shortened, what matters least goes first.

mod body;
mod duration;
mod title;

pub use body::{Surroundings, body};
pub use duration::{in_words, minute_of};
pub use title::{headline, subject};

use super::alert::label;
use super::digest::Dispatch;
use super::notice::Notice;

/// What machines filter messages by, at most ten: name and value. Values are never empty.
pub fn attributes(dispatch: &Dispatch) -> Vec<(&'static str, String)> {
    let first = dispatch.first();
    let only = dispatch.only();
    let mut attributes = vec![
        ("severity", first.severity().name().to_owned()),
        (
            "status",
            if dispatch.is_firing() {
                "firing"
            } else {
                "resolved"
            }
            .to_owned(),
        ),
        ("kind", dispatch.kind().to_owned()),
        ("dedupe_id", dispatch.dedupe_id()),
    ];
    let of_one = |value: fn(&Notice) -> Option<&str>| only.and_then(value).map(str::to_owned);
    let optional = [
        ("tenant", first.tenant().map(str::to_owned)),
        ("team", first.team().map(str::to_owned)),
        (
            "monitor_id",
            of_one(|notice| notice.lead().label(label::MONITOR_ID)),
        ),
        (
            "alertname",
            of_one(|notice| Some(notice.lead().rule_name())),
        ),
        ("incident", only.map(Notice::incident)),
    ];
    attributes.extend(
        optional
            .into_iter()
            .filter_map(|(name, value)| Some((name, value?))),
    );
    attributes
}
