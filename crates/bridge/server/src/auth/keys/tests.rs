use std::os::unix::fs::PermissionsExt;

use super::*;

fn parse(text: &str) -> Result<Keys, Vec<String>> {
    Keys::parse(text, |name| {
        (name == "TIDEWATCH_SECRET_WRITER").then(|| "from-the-environment".to_owned())
    })
}

#[track_caller]
fn refuses(text: &str, faults: &[&str]) {
    assert_eq!(parse(text).unwrap_err(), faults);
}

const TWO: &str = r#"
    [[key]]
    name = "writer"
    access_key_id = "TWWRITER"
    secret_access_key = "${env:TIDEWATCH_SECRET_WRITER}"
    actions = ["read", "write", "admin"]
    databases = ["*"]

    [[key]]
    name = "acme-grafana"
    access_key_id = "TW_ACME_1"
    secret_access_key = "0123456789abcdef"
    actions = ["read"]
    databases = ["acme", "acme-2"]
    tables = ["shared/Results.v1"]
"#;

#[test]
fn keys_are_found_by_their_id() {
    let keys = parse(TWO).unwrap();
    let writer = keys.get("TWWRITER").unwrap();
    assert_eq!(
        (&*writer.name, &writer.scope),
        ("writer", &Scope::Everything)
    );
    assert!(writer.has_secret(b"from-the-environment") && writer.actions.len() == 3);
    let acme = keys.get("TW_ACME_1").unwrap();
    assert!(acme.has_secret(b"0123456789abcdef") && !acme.has_secret(b"0123456789abcdeF"));
    assert!(!acme.has_secret(b""));
    assert_eq!(acme.actions, BTreeSet::from([Action::Read]));
    assert!(acme.scope.has_table("acme-2", "any") && acme.scope.has_table("shared", "Results.v1"));
    assert!(keys.get("twwriter").is_none());
}

/// One key with members changed.
fn changed(member: &str, value: &str) -> String {
    let mut members = vec![
        ("name", r#""k""#),
        ("access_key_id", r#""TWKEY""#),
        ("secret_access_key", r#""0123456789abcdef""#),
        ("actions", r#"["read"]"#),
        ("databases", r#"["d"]"#),
    ];
    members.retain(|(name, _)| *name != member);
    members.push((member, value));
    let lines = members
        .iter()
        .map(|(name, value)| format!("{name} = {value}"));
    format!("[[key]]\n{}", lines.collect::<Vec<_>>().join("\n"))
}

#[test]
fn what_is_wrong_is_named_with_its_remedy() {
    let cases = [
        (
            "name",
            r#""a b""#,
            "key `a b`: a name has 1 to 64 letters, digits and `_+=,.@-`",
        ),
        (
            "access_key_id",
            r#""a/b/c""#,
            "key `k`: `access_key_id` is `a/b/c`; it has 4 to 128 letters, digits and `_`",
        ),
        (
            "secret_access_key",
            r#""short""#,
            "key `k`: `secret_access_key` has 5 characters; a secret has 16 or more, as from \
             `openssl rand -hex 20`",
        ),
        (
            "secret_access_key",
            r#""${env:PATH}""#,
            "key `k`: `secret_access_key` is a reference that is not of the form \
             ${env:TIDEWATCH_SECRET_NAME}",
        ),
        (
            "secret_access_key",
            r#""${env:TIDEWATCH_SECRET_X}""#,
            "key `k`: the environment variable TIDEWATCH_SECRET_X is not set; set it before starting",
        ),
        (
            "actions",
            "[]",
            "key `k`: `actions` is empty; name read, write or admin",
        ),
        (
            "databases",
            "[]",
            "key `k`: neither `databases` nor `tables` names anything; write databases = [\"*\"] \
             for all",
        ),
        (
            "databases",
            r#"["*", "d"]"#,
            "key `k`: `databases` has `*`, so no other database or table can be named",
        ),
        (
            "databases",
            r#"["d/t"]"#,
            "key `k`: `databases` has `d/t`, which can be no database; a single table is written as \
             DATABASE/TABLE in `tables`",
        ),
        (
            "tables",
            r#"["t"]"#,
            "key `k`: `tables` has `t`, which is not of the form DATABASE/TABLE",
        ),
    ];
    for (member, value, fault) in cases {
        refuses(&changed(member, value), &[fault]);
    }
    refuses("", &["it has no key, so nobody could call; add a [[key]]"]);
    refuses(
        &changed("actions", r#"["drop"]"#),
        &["line 6: unknown variant `drop`, expected one of `read`, `write`, `admin`"],
    );
}

#[test]
fn all_faults_are_told_at_once_and_keys_are_told_apart() {
    let twice = format!("{0}\n{0}", changed("name", r#""k""#));
    refuses(
        &twice,
        &[
            "key `k`: another key has this name; choose a new one",
            "key `k`: another key has the `access_key_id` TWKEY; choose a new one",
        ],
    );
}

#[test]
fn a_fault_of_form_does_not_show_the_line() {
    let text = changed("secret_access_key", "\"0123456789secret");
    let faults = parse(&text).unwrap_err();
    assert!(
        !faults[0].contains("0123456789") && faults[0].starts_with("line "),
        "{faults:?}"
    );
}

#[test]
fn a_file_that_others_may_read_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("keys.toml");
    std::fs::write(
        &file,
        TWO.replace("${env:TIDEWATCH_SECRET_WRITER}", "0123456789abcdef"),
    )
    .unwrap();
    for (mode, accepted) in [(0o600, true), (0o400, true), (0o640, false), (0o604, false)] {
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(mode)).unwrap();
        match Keys::load(&file) {
            Ok(_) => assert!(accepted, "{mode:o}"),
            Err(error) => {
                let text = error.to_string();
                assert!(!accepted && text.contains("chmod 600"), "{text}");
            }
        }
    }
    let missing = Keys::load(&folder.path().join("none.toml")).unwrap_err();
    assert!(missing.to_string().contains("none.toml"), "{missing}");
}
