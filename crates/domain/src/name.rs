//! The names by which monitors, tenants and locations are addressed.

use std::fmt;

/// A name was refused: what it was, and what is allowed instead.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{value}` is not a usable name: {rule}")]
pub struct NameError {
    /// The text that was given.
    pub value: String,
    /// The rule that it breaks, as a sentence part a person can act on.
    pub rule: &'static str,
}

macro_rules! name {
    ($(#[$meta:meta])* $type:ident, $check:path) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $type(String);

        impl $type {
            /// Accepts `value` when it follows the naming rule of this kind of name.
            pub fn try_new(value: impl Into<String>) -> Result<Self, NameError> {
                let value = value.into();
                match $check(&value) {
                    None => Ok($type(value)),
                    Some(rule) => Err(NameError { value, rule }),
                }
            }

            /// The name as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(&self.0)
            }
        }
    };
}

name!(
    /// Who a monitor belongs to; the partition key of the definitions.
    ///
    /// 1 to 64 of `A-Z a-z 0-9 . _ -`; a leading `_` is kept for Tidewatch itself.
    Tenant,
    check_tenant
);
name!(
    /// The name of a monitor within its tenant; the sort key of the definitions.
    ///
    /// 1 to 128 of `A-Z a-z 0-9 . _ -`.
    MonitorId,
    check_monitor_id
);
name!(
    /// Where a probe runs: an AWS region or a local name.
    ///
    /// 1 to 64 of `A-Z a-z 0-9 . _ -`; a leading `_` is kept for verdicts over all locations.
    Location,
    check_tenant
);

impl Tenant {
    /// The tenant of the rows that Tidewatch writes about itself.
    pub fn system() -> Self {
        Tenant("_system".to_owned())
    }
}

impl Location {
    /// The location of the verdict over all locations of a monitor.
    pub fn all() -> Self {
        Location("_all".to_owned())
    }
}

impl MonitorId {
    /// The monitor id under which a component of Tidewatch reports about itself.
    pub fn component(name: &'static str) -> Self {
        MonitorId(name.to_owned())
    }
}

/// The identity of a monitor: tenant and monitor id.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MonitorKey {
    /// Who it belongs to.
    pub tenant: Tenant,
    /// Its name within the tenant.
    pub monitor_id: MonitorId,
}

/// `tenant/monitor_id`.
impl fmt::Display for MonitorKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.tenant, self.monitor_id)
    }
}

fn check_tenant(value: &str) -> Option<&'static str> {
    if value.starts_with('_') {
        return Some("names that begin with `_` are kept for Tidewatch itself");
    }
    (!plain(value, 64)).then_some("use 1 to 64 of the characters A-Z a-z 0-9 . _ -")
}

fn check_monitor_id(value: &str) -> Option<&'static str> {
    (!plain(value, 128)).then_some("use 1 to 128 of the characters A-Z a-z 0-9 . _ -")
}

/// `.` and `..` would mean something else in the path of a URL.
fn plain(value: &str, longest: usize) -> bool {
    (1..=longest).contains(&value.len())
        && !matches!(value, "." | "..")
        && value
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts_ordinary_names_and_refuses_the_rest_with_the_rule() {
        assert_eq!(
            MonitorId::try_new("shop-home.v2_a").unwrap().as_str(),
            "shop-home.v2_a"
        );
        let refused = MonitorId::try_new("shop home").unwrap_err();
        assert_eq!(
            refused.to_string(),
            "`shop home` is not a usable name: use 1 to 128 of the characters A-Z a-z 0-9 . _ -"
        );
        assert!(MonitorId::try_new("").is_err());
        assert!(MonitorId::try_new("..").is_err());
        assert!(MonitorId::try_new("x".repeat(129)).is_err());
        assert!(Tenant::try_new("_system").is_err());
        assert!(Location::try_new("_all").is_err());
    }
}
