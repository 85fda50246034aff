//! How single values are written: times and durations as whole nanoseconds, members of closed
//! lists by their stable names.
//!
//! Each module here is for serde's `with`.

use tidewatch_domain::monitor::{Connection, DnsTransport, Kind, RecordType};
use tidewatch_domain::probe::{DnsFlag, PhaseReached};
use tidewatch_domain::{ErrorClass, ErrorOwner};

/// A member of a closed list.
pub(super) trait Named: Copy + 'static {
    /// What the list is of, for messages.
    const WHAT: &'static str;
    /// The list.
    const MEMBERS: &'static [Self];

    /// The stable name.
    fn stable_name(self) -> &'static str;
}

macro_rules! named {
    ($($type:ty, $what:literal;)*) => {
        $(impl Named for $type {
            const WHAT: &'static str = $what;
            const MEMBERS: &'static [Self] = <$type>::ALL;

            fn stable_name(self) -> &'static str {
                self.name()
            }
        })*
    };
}

named! {
    Kind, "kind of check";
    ErrorClass, "error class";
    ErrorOwner, "owner of errors";
    PhaseReached, "phase";
    RecordType, "record type";
    DnsTransport, "transport";
    DnsFlag, "flag";
}

impl Named for Connection {
    const WHAT: &'static str = "sort of connection";
    const MEMBERS: &'static [Self] = &[Connection::Fresh, Connection::Reuse];

    fn stable_name(self) -> &'static str {
        match self {
            Connection::Fresh => "fresh",
            Connection::Reuse => "reuse",
        }
    }
}

fn find<T: Named, E: serde::de::Error>(name: &str) -> Result<T, E> {
    let mut members = T::MEMBERS.iter().copied();
    members
        .find(|member| member.stable_name() == name)
        .ok_or_else(|| E::custom(format!("`{name}` is not a known {}", T::WHAT)))
}

/// A member of a closed list.
pub(super) mod by_name {
    use std::borrow::Cow;

    use serde::{Deserialize, Deserializer, Serializer};

    use super::Named;

    pub(in super::super) fn serialize<T: Named, S: Serializer>(
        value: &T,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(value.stable_name())
    }

    pub(in super::super) fn deserialize<'de, T: Named, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<T, D::Error> {
        super::find(&Cow::<str>::deserialize(deserializer)?)
    }
}

/// Members of a closed list.
pub(super) mod by_names {
    use serde::{Deserialize, Deserializer, Serializer};

    use super::Named;

    pub(in super::super) fn serialize<T: Named, S: Serializer>(
        values: &[T],
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(values.iter().map(|value| value.stable_name()))
    }

    pub(in super::super) fn deserialize<'de, T: Named, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Vec<T>, D::Error> {
        let names = Vec::<String>::deserialize(deserializer)?;
        names.iter().map(|name| super::find(name)).collect()
    }
}

/// One of a few texts that the program knows, or none.
macro_rules! known_texts {
    ($module:ident, $what:literal, $known:expr) => {
        #[doc = $what]
        pub(super) mod $module {
            use serde::de::Error;
            use serde::{Deserialize, Deserializer, Serialize, Serializer};

            pub(in super::super) fn serialize<S: Serializer>(
                value: &Option<&'static str>,
                serializer: S,
            ) -> Result<S::Ok, S::Error> {
                value.serialize(serializer)
            }

            pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(
                deserializer: D,
            ) -> Result<Option<&'static str>, D::Error> {
                let Some(text) = Option::<String>::deserialize(deserializer)? else {
                    return Ok(None);
                };
                let known: &[&'static str] = &$known;
                let found = known.iter().find(|known| **known == text);
                found.copied().map(Some).ok_or_else(|| {
                    D::Error::custom(format!(concat!("`{}` is not a known ", $what), text))
                })
            }
        }
    };
}

known_texts!(http_version, "version of HTTP", ["1.0", "1.1", "2"]);
known_texts!(tls_version, "version of TLS", ["1.2", "1.3"]);
// RFC 5280, section 5.3.1.
known_texts!(
    revocation,
    "reason of revocation",
    [
        "keyCompromise",
        "cACompromise",
        "affiliationChanged",
        "superseded",
        "cessationOfOperation",
        "certificateHold",
        "removeFromCRL",
        "privilegeWithdrawn",
        "aACompromise",
    ]
);

/// A duration. None that Tidewatch measures comes near the 584 years that fit.
pub(super) mod nanos {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serializer};

    pub(in super::super) fn serialize<S: Serializer>(
        value: &Duration,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_u64(u64::try_from(value.as_nanos()).unwrap_or(u64::MAX))
    }

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Duration, D::Error> {
        u64::deserialize(deserializer).map(Duration::from_nanos)
    }
}

/// A duration, or none.
pub(super) mod some_nanos {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serializer};

    pub(in super::super) fn serialize<S: Serializer>(
        value: &Option<Duration>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match value {
            Some(value) => super::nanos::serialize(value, serializer),
            None => serializer.serialize_none(),
        }
    }

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Duration>, D::Error> {
        Ok(Option::<u64>::deserialize(deserializer)?.map(Duration::from_nanos))
    }
}

/// A point in time.
pub(super) mod time {
    use serde::{Deserialize, Deserializer, Serializer};
    use tidewatch_domain::Timestamp;

    pub(in super::super) fn serialize<S: Serializer>(
        value: &Timestamp,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_i64(value.as_nanos())
    }

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Timestamp, D::Error> {
        i64::deserialize(deserializer).map(Timestamp::from_nanos)
    }
}

/// Whether a truth value is the one that is left out.
#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde calls it with a reference"
)]
pub(super) fn is_false(value: &bool) -> bool {
    !*value
}
