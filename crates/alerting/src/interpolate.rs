//! Environment variables in provisioning files, as Grafana replaces them
//! (`pkg/services/provisioning/values/values.go`, `pkg/setting/expanders.go`, Go's `os.Expand`).

use std::sync::LazyLock;

use regex::{Captures, Regex};

/// A text with its variables replaced.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Interpolated {
    /// The text.
    pub text: String,
    /// Names that no variable has; each became nothing, as in Grafana.
    pub unset: Vec<String>,
}

/// Replaces `$__env{NAME}`, `$__file{/path}`, `${NAME}` and `$NAME` in each part of `text` between
/// `$$`, which become `$`. An unset variable becomes nothing. The error names a file that cannot
/// be read.
pub fn interpolate(
    text: &str,
    variables: &dyn Fn(&str) -> Option<String>,
) -> Result<Interpolated, String> {
    let mut unset = Vec::new();
    let mut value = |name: &str| {
        variables(name).unwrap_or_else(|| {
            unset.push(name.to_owned());
            String::new()
        })
    };
    let mut parts = Vec::new();
    for part in text.split("$$") {
        let part = of_environment(part, &mut value);
        let part = of_files(&part)?;
        parts.push(shell(&part, &mut value));
    }
    let text = parts.join("$");
    Ok(Interpolated { text, unset })
}

static EXPANDERS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"\$(|__[0-9A-Za-z_]+)\{([^}]+)\}").expect("the expression is constant and right")
});

fn of_environment(part: &str, value: &mut impl FnMut(&str) -> String) -> String {
    let replaced = EXPANDERS.replace_all(part, |found: &Captures<'_>| match &found[1] {
        "" | "__env" => value(&found[2]),
        _ => found[0].to_owned(),
    });
    replaced.into_owned()
}

fn of_files(part: &str) -> Result<String, String> {
    let mut error = None;
    let replaced = EXPANDERS.replace_all(part, |found: &Captures<'_>| match &found[1] {
        "__file" => match std::fs::read_to_string(&found[2]) {
            Ok(content) => content.trim().to_owned(),
            Err(cause) => {
                error.get_or_insert_with(|| {
                    let path = &found[2];
                    format!("`$__file{{{path}}}` cannot be read: {cause}; make the file readable or name another")
                });
                String::new()
            }
        },
        _ => found[0].to_owned(),
    });
    match error {
        None => Ok(replaced.into_owned()),
        Some(error) => Err(error),
    }
}

/// `$NAME` and `${NAME}` as Go's `os.Expand` reads them.
fn shell(part: &str, value: &mut impl FnMut(&str) -> String) -> String {
    let mut expanded = String::new();
    let mut rest = part;
    while let Some(dollar) = rest.find('$') {
        expanded.push_str(&rest[..dollar]);
        let after = &rest[dollar + 1..];
        rest = match name(after) {
            Name::Found(name, rest) => {
                expanded.push_str(&value(name));
                rest
            }
            Name::None => {
                expanded.push('$');
                after
            }
            Name::Broken(rest) => rest,
        };
    }
    expanded.push_str(rest);
    expanded
}

/// What follows a dollar, and what follows that.
enum Name<'t> {
    Found(&'t str, &'t str),
    None,
    /// Braces without a name or without an end are eaten.
    Broken(&'t str),
}

fn name(after: &str) -> Name<'_> {
    if let Some(braced) = after.strip_prefix('{') {
        return match braced.split_once('}') {
            Some(("", rest)) => Name::Broken(rest),
            Some((name, rest)) => Name::Found(name, rest),
            None => Name::Broken(braced),
        };
    }
    if after.starts_with(['*', '#', '$', '@', '!', '?', '-']) || after.starts_with(is_digit) {
        let (name, rest) = after.split_at(1);
        return Name::Found(name, rest);
    }
    let end = after
        .find(|letter: char| letter != '_' && !letter.is_ascii_alphanumeric())
        .unwrap_or(after.len());
    match after.split_at(end) {
        ("", _) => Name::None,
        (name, rest) => Name::Found(name, rest),
    }
}

fn is_digit(letter: char) -> bool {
    letter.is_ascii_digit()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variables(name: &str) -> Option<String> {
        match name {
            "TEAM" => Some("web".to_owned()),
            "EMPTY" => Some(String::new()),
            "1" => Some("one".to_owned()),
            _ => None,
        }
    }

    fn text(text: &str) -> String {
        interpolate(text, &variables).unwrap().text
    }

    /// The right side was printed by a program of Go 1.26 that does what
    /// `interpolateValue` of Grafana does.
    #[test]
    fn replaces_as_grafana_does() {
        for (given, wanted) in [
            ("plain", "plain"),
            ("$TEAM", "web"),
            ("${TEAM}!", "web!"),
            ("$__env{TEAM}", "web"),
            ("a$TEAM-b", "aweb-b"),
            ("$TEAMS", ""),
            ("$$TEAM", "$TEAM"),
            ("$$$TEAM", "$web"),
            ("$$$$", "$$"),
            ("{{ $$labels.x }}", "{{ $labels.x }}"),
            ("{{ $labels.x }}", "{{ .x }}"),
            ("$", "$"),
            ("$ x", "$ x"),
            ("5$", "5$"),
            ("$1x", "onex"),
            ("${}x", "x"),
            ("${TEAM", "TEAM"),
            ("$__other{TEAM}", "{TEAM}"),
            ("x$?y", "xy"),
            ("ü$TEAMü", "üwebü"),
        ] {
            assert_eq!(text(given), wanted, "{given}");
        }
    }

    #[test]
    fn says_what_was_not_set() {
        let found = interpolate("$TEAM $EMPTY $labels ${NONE}", &variables).unwrap();
        assert_eq!(found.unset, ["NONE", "labels"]);
        assert_eq!(found.text, "web   ");
    }

    #[test]
    fn files_are_read_and_trimmed() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");
        let found = text(&format!("<$__file{{{path}}}>"));
        assert!(
            found.starts_with("<[package]") && !found.ends_with("\n>"),
            "{found}"
        );
        let error = interpolate("$__file{/none/there}", &variables).unwrap_err();
        assert!(
            error.starts_with("`$__file{/none/there}` cannot be read: "),
            "{error}"
        );
    }
}
