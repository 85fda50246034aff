//! Whether a record may be stored: Timestream's rules, one record at a time.

mod columns;
mod window;

pub(crate) use columns::{Columns, NEW};
pub(crate) use window::Window;

/// What the versions of a stored and an incoming record of one identity lead to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It is what is stored already; nothing is to be done.
    Repeat,
    /// It takes the place of what is stored.
    Replace,
    /// It is refused.
    Reject(String),
}

/// Judges a record of `version` against a stored one; `same` tells whether their measures agree.
pub(crate) fn versions(existing: i64, version: i64, same: impl FnOnce() -> bool) -> Verdict {
    if version < existing {
        return Verdict::Reject(format!(
            "The record version {version} is lower than the existing version {existing}. \
             A higher version is required to update the measure value."
        ));
    }
    if version > existing {
        return Verdict::Replace;
    }
    if same() {
        return Verdict::Repeat;
    }
    Verdict::Reject(
        "A record already exists with the same time, dimensions, measure name, and record \
         version. A higher record version must be specified in order to update the measure \
         value. Specifying record version is supported by the latest SDKs."
            .to_owned(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The table of the service's developer guide.
    #[test]
    fn versions_decide() {
        for (existing, incoming, same, expected) in [
            (1, 1, true, Some(Verdict::Repeat)),
            (1, 2, true, Some(Verdict::Replace)),
            (1, 1, false, None),
            (200, 2, true, None),
            (200, 2, false, None),
            (1, 2, false, Some(Verdict::Replace)),
        ] {
            let verdict = versions(existing, incoming, || same);
            match expected {
                Some(expected) => assert_eq!(verdict, expected),
                None => assert!(
                    matches!(verdict, Verdict::Reject(_)),
                    "{existing} {incoming} {same}: {verdict:?}"
                ),
            }
        }
    }

    #[test]
    fn reasons_are_the_service_s() {
        assert_eq!(
            versions(200, 2, || true),
            Verdict::Reject(
                "The record version 2 is lower than the existing version 200. A higher version is \
                 required to update the measure value."
                    .to_owned()
            )
        );
        assert_eq!(
            versions(1, 1, || false),
            Verdict::Reject(
                "A record already exists with the same time, dimensions, measure name, and record \
                 version. A higher record version must be specified in order to update the measure \
                 value. Specifying record version is supported by the latest SDKs."
                    .to_owned()
            )
        );
    }
}
