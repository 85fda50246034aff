//! Silences: alerts that people do not want to hear of for a while.

use tidewatch_domain::Timestamp;

/// One silence.
#[derive(Clone, Debug, PartialEq)]
pub struct Silence {
    /// Its name, made when it is created.
    pub id: String,
    /// All of them have to match.
    pub matchers: Vec<Matcher>,
    /// From when.
    pub starts_at: Timestamp,
    /// Until when.
    pub ends_at: Timestamp,
    /// Who made it.
    pub author: String,
    /// Why.
    pub comment: String,
    /// It ends by itself when the alert with this fingerprint does (an acknowledgement).
    pub until_resolved: Option<String>,
}

/// A condition on one label, such as `tenant="acme"` or `monitor_id=~"shop-.*"`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Matcher {
    /// The label; one that is missing counts as empty.
    pub name: String,
    /// How it is compared.
    pub operator: Operator,
    /// With what; a regular expression is anchored at both ends.
    pub value: String,
}

/// How a label is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// `=`
    Equal,
    /// `!=`
    NotEqual,
    /// `=~`
    Matches,
    /// `!~`
    MatchesNot,
}
