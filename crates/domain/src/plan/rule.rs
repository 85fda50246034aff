//! Rules and targets as values to compare.

use data_encoding::BASE32_NOPAD;
use sha2::{Digest, Sha256};

use super::limits;

/// A schedule rule, as it is or as it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Its name, at most [`limits::NAME`] characters.
    pub name: String,
    /// Its schedule expression.
    pub schedule: String,
    /// Whether it fires.
    pub enabled: bool,
    /// Whom it is for, for people who look at rules.
    pub description: String,
    /// Whom it calls, at most [`limits::TARGETS`].
    pub targets: Vec<Target>,
}

/// What a rule calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// Its id within the rule.
    pub id: String,
    /// The ARN of the function's alias.
    pub arn: String,
    /// The template of the input, in which `<slot>` stands for the instant of the tick.
    pub input: String,
    /// How long a tick that cannot be delivered is tried again, in seconds: one that comes later
    /// than that is of no use.
    pub max_age_s: u32,
    /// How often it is tried again.
    pub retries: u32,
}

/// What the names of all rules of one installation begin with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prefix(String);

/// A prefix that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no prefix of names; use 1 to {longest} of the characters A-Z a-z 0-9 . _ -", longest = Prefix::LONGEST)]
pub struct PrefixError(pub String);

/// `tidewatch`.
impl Default for Prefix {
    fn default() -> Self {
        Prefix("tidewatch".to_owned())
    }
}

impl Prefix {
    /// Characters of a name behind the prefix and the dash: 130 bits in base 32.
    const DIGEST: usize = 26;
    /// The longest prefix.
    const LONGEST: usize = limits::NAME - Self::DIGEST - 1;

    /// Accepts what rules may be called.
    pub fn try_new(prefix: impl Into<String>) -> Result<Self, PrefixError> {
        let prefix = prefix.into();
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
        if (1..=Self::LONGEST).contains(&prefix.len()) && prefix.bytes().all(plain) {
            Ok(Prefix(prefix))
        } else {
            Err(PrefixError(prefix))
        }
    }

    /// The prefix with the dash that follows it in every name.
    pub fn with_dash(&self) -> String {
        format!("{}-", self.0)
    }

    /// Whether `name` is one that [`Prefix::name`] could give. The prefix alone does not tell: what
    /// else an installation is made of, and other installations, have names that begin alike.
    pub fn owns(&self, name: &str) -> bool {
        let digest = name.strip_prefix(&self.with_dash()).unwrap_or_default();
        digest.len() == Self::DIGEST
            && digest
                .bytes()
                .all(|byte| matches!(byte, b'a'..=b'z' | b'2'..=b'7'))
    }

    /// The name of a rule, or the id of a target, for what `key` names: never the key itself,
    /// which may be longer or have other characters than names take.
    pub fn name(&self, key: &str) -> String {
        let digest = BASE32_NOPAD.encode(&Sha256::digest(key)).to_lowercase();
        let digest = digest.get(..Self::DIGEST).unwrap_or(&digest);
        format!("{}-{digest}", self.0)
    }
}
