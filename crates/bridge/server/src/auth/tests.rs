//! What keys may do, operation by operation.

use std::collections::BTreeSet;

use aws_credential_types::Credentials;
use tidewatch_wire::Operation;

use super::key::{Action, Key};
use super::scope::Scope;
use super::*;
use crate::arn::Resource;
use crate::settings::Settings;

fn caller(actions: &[Action], scope: Scope) -> Caller {
    Caller::Key(Arc::new(Key {
        name: "acme".into(),
        credentials: Credentials::new("TWACME", "0123456789abcdef", None, None, "test"),
        actions: actions.iter().copied().collect(),
        scope,
    }))
}

fn acme() -> Scope {
    Scope::Only {
        databases: BTreeSet::from(["acme".to_owned()]),
        tables: BTreeSet::from([("shared".to_owned(), "t".to_owned())]),
    }
}

fn permits(caller: &Caller, operation: Operation, target: &Target<'_>) -> bool {
    caller
        .permit(operation, target, &Settings::new("."))
        .is_ok()
}

#[test]
fn each_action_has_its_operations_and_no_others() {
    let target = Target::Resource(Resource::table("acme", "t"));
    for granted in [Action::Read, Action::Write, Action::Admin] {
        let caller = caller(&[granted], acme());
        for operation in Operation::ALL {
            let expected = Action::of(*operation).is_none_or(|action| action == granted);
            assert_eq!(
                permits(&caller, *operation, &target),
                expected,
                "{granted} {operation}"
            );
        }
    }
}

#[test]
fn a_key_reaches_nothing_beyond_its_scope() {
    let all = [Action::Read, Action::Write, Action::Admin];
    let limited = caller(&all, acme());
    let unlimited = caller(&all, Scope::Everything);
    let cases = [
        (Target::Resource(Resource::database("acme")), true),
        (Target::Resource(Resource::table("acme", "any")), true),
        (Target::Resource(Resource::table("shared", "t")), true),
        (Target::Resource(Resource::table("shared", "u")), false),
        (Target::Resource(Resource::database("shared")), false),
        (Target::Resource(Resource::database("other")), false),
        (Target::Resource(Resource::database("")), false),
        (Target::Listing("shared"), true),
        (Target::Listing("other"), false),
        (Target::Server, false),
        (Target::Visible, true),
    ];
    for (target, expected) in cases {
        for operation in Operation::ALL {
            assert_eq!(
                permits(&limited, *operation, &target),
                expected,
                "{operation} {target:?}"
            );
            assert!(permits(&unlimited, *operation, &target));
            assert!(permits(&Caller::Owner, *operation, &target));
        }
    }
}

#[test]
fn a_refusal_names_user_action_and_resource() {
    let reader = caller(&[Action::Read], acme());
    let settings = Settings::new(".");
    let target = Target::Resource(Resource::table("acme", "t"));
    let refused = reader.permit(Operation::WriteRecords, &target, &settings);
    assert_eq!(
        refused.unwrap_err().to_string(),
        "AccessDeniedException: User: arn:aws:iam::000000000000:user/acme is not authorized to \
         perform: timestream:WriteRecords on resource: \
         arn:aws:timestream:us-east-1:000000000000:database/acme/table/t because its key does not \
         allow the action write"
    );
    let target = Target::Resource(Resource::database("other"));
    let refused = reader.permit(Operation::DescribeDatabase, &target, &settings);
    assert_eq!(
        refused.unwrap_err().message,
        "User: arn:aws:iam::000000000000:user/acme is not authorized to perform: \
         timestream:DescribeDatabase on resource: \
         arn:aws:timestream:us-east-1:000000000000:database/other because its key is not for this \
         resource"
    );
}

#[test]
fn callers_are_told_apart_by_their_keys() {
    let one = caller(&[Action::Read], Scope::Everything);
    assert!(
        one.is(&caller(&[], acme())),
        "the id of a key is its identity"
    );
    assert!(!one.is(&Caller::Owner) && !Caller::Owner.is(&one));
    assert!(Caller::Owner.is(&Caller::Owner));
}
