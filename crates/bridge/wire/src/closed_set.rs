//! Members whose text must be one of a fixed set.

/// An enumeration of the model that also keeps a text outside its set, so that the refusal can
/// name the place and the value.
pub(crate) trait ClosedSet {
    /// The texts of the set, in the model's order.
    const TEXTS: &'static [&'static str];

    /// The text, when it is outside the set.
    fn unrecognized(&self) -> Option<&str>;
}

/// Declares an enumeration of the model with its JSON texts.
macro_rules! closed_set {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $text:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        pub enum $name {
            $($(#[$variant_doc])* $variant,)+
            /// A text outside the model's set; validation refuses it.
            Unrecognized(String),
        }

        impl $name {
            /// The text on the wire.
            pub fn as_str(&self) -> &str {
                match self {
                    $($name::$variant => $text,)+
                    $name::Unrecognized(text) => text,
                }
            }
        }

        impl crate::closed_set::ClosedSet for $name {
            const TEXTS: &'static [&'static str] = &[$($text),+];

            fn unrecognized(&self) -> Option<&str> {
                match self {
                    $name::Unrecognized(text) => Some(text),
                    _ => None,
                }
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> $name {
                match text {
                    $($text => $name::$variant,)+
                    other => $name::Unrecognized(other.to_owned()),
                }
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<$name, D::Error> {
                struct Text;
                impl serde::de::Visitor<'_> for Text {
                    type Value = $name;
                    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        f.write_str("a string")
                    }
                    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<$name, E> {
                        Ok($name::from(text))
                    }
                }
                deserializer.deserialize_str(Text)
            }
        }
    };
}

pub(crate) use closed_set;
