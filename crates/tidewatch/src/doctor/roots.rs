//! The certificates that this machine trusts.

use rustls_native_certs::load_native_certs;

use super::finding::Finding;

const NAME: &str = "trusted roots";

/// Counts them.
pub(super) fn examine() -> Finding {
    let found = load_native_certs();
    let errors: Vec<String> = found.errors.iter().map(ToString::to_string).collect();
    judge(found.certs.len(), &errors)
}

fn judge(count: usize, errors: &[String]) -> Finding {
    let remedy = "install the system's CA certificates (package ca-certificates)";
    let measured = format!("{count} certificates in the system's store");
    match errors.first() {
        _ if count == 0 => Finding::warn(
            NAME,
            format!("{measured}; the built-in ones are used"),
            remedy,
        ),
        None => Finding::ok(NAME, measured),
        Some(error) => Finding::warn(
            NAME,
            format!("{measured}, others are broken: {error}"),
            remedy,
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::finding::Status;

    #[test]
    fn an_empty_or_broken_store_is_a_warning() {
        assert_eq!(judge(140, &[]).status, Status::Ok);
        assert_eq!(judge(0, &[]).status, Status::Warn);
        assert_eq!(judge(140, &["unreadable".to_owned()]).status, Status::Warn);
    }
}
