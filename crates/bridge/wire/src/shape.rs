//! Structures whose members may all be absent.

/// Declares structures of the model: JSON names in Pascal case, `null` read as absent, absent
/// members not written.
macro_rules! shapes {
    ($($(#[$meta:meta])* $name:ident { $($(#[$member_meta:meta])* $member:ident: Option<$type:ty>,)* })+) => {
        $(
            $(#[$meta])*
            #[derive(Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
            #[serde(rename_all = "PascalCase", default)]
            pub struct $name {
                $($(#[$member_meta])* #[serde(skip_serializing_if = "Option::is_none")] pub $member: Option<$type>,)*
            }
        )+
    };
}

pub(crate) use shapes;
