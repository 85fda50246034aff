//! Secrets by reference: a definition names where a secret is, never the secret itself.

use std::fmt;

/// A text that may name secrets: `Bearer ${env:TIDEWATCH_SECRET_SHOP}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecretText {
    parts: Vec<Part>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Text(String),
    Secret(SecretRef),
}

/// Where a secret is kept.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SecretRef {
    /// The kind of place.
    pub source: SecretSource,
    /// The name within that place.
    pub name: String,
}

/// The kinds of places that keep secrets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SecretSource {
    /// An environment variable of the prober, local mode only.
    Env,
    /// AWS Systems Manager parameter store.
    Ssm,
    /// AWS Secrets Manager.
    SecretsManager,
}

impl SecretSource {
    const ALL: [SecretSource; 3] = [
        SecretSource::Env,
        SecretSource::Ssm,
        SecretSource::SecretsManager,
    ];

    /// The prefix of references to this place.
    pub const fn scheme(self) -> &'static str {
        match self {
            SecretSource::Env => "env",
            SecretSource::Ssm => "ssm",
            SecretSource::SecretsManager => "secretsmanager",
        }
    }
}

/// `scheme:name`.
impl fmt::Display for SecretRef {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}", self.source.scheme(), self.name)
    }
}

/// A text with a reference that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{reference}` is not a reference to a secret: write ${{env:NAME}}, ${{ssm:/path}} or ${{secretsmanager:/path}}"
)]
pub struct SecretTextError {
    /// The part that was not understood.
    pub reference: String,
}

impl SecretText {
    /// Reads a text; `${scheme:name}` is a reference, everything else stands for itself.
    pub fn try_new(text: &str) -> Result<Self, SecretTextError> {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some(start) = rest.find("${") {
            if start > 0 {
                parts.push(Part::Text(rest[..start].to_owned()));
            }
            let inner = &rest[start + 2..];
            let Some(end) = inner.find('}') else {
                return Err(SecretTextError {
                    reference: rest[start..].to_owned(),
                });
            };
            parts.push(Part::Secret(reference(&inner[..end])?));
            rest = &inner[end + 1..];
        }
        if !rest.is_empty() {
            parts.push(Part::Text(rest.to_owned()));
        }
        Ok(SecretText { parts })
    }

    /// The secrets that this text names, in order.
    pub fn references(&self) -> impl Iterator<Item = &SecretRef> {
        self.parts.iter().filter_map(|part| match part {
            Part::Secret(reference) => Some(reference),
            Part::Text(_) => None,
        })
    }

    /// The reference that this text is, when it is one and nothing else.
    pub fn only_reference(&self) -> Option<&SecretRef> {
        match self.parts.as_slice() {
            [Part::Secret(reference)] => Some(reference),
            _ => None,
        }
    }

    /// The text with every reference replaced by what `resolve` returns for it.
    pub fn resolve<E>(
        &self,
        mut resolve: impl FnMut(&SecretRef) -> Result<String, E>,
    ) -> Result<String, E> {
        let mut text = String::new();
        for part in &self.parts {
            match part {
                Part::Text(plain) => text.push_str(plain),
                Part::Secret(reference) => text.push_str(&resolve(reference)?),
            }
        }
        Ok(text)
    }
}

/// The text as written, references unresolved.
impl fmt::Display for SecretText {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for part in &self.parts {
            match part {
                Part::Text(plain) => formatter.write_str(plain)?,
                Part::Secret(reference) => write!(formatter, "${{{reference}}}")?,
            }
        }
        Ok(())
    }
}

fn reference(inner: &str) -> Result<SecretRef, SecretTextError> {
    let fault = || SecretTextError {
        reference: format!("${{{inner}}}"),
    };
    let (scheme, name) = inner.split_once(':').ok_or_else(fault)?;
    let source = SecretSource::ALL
        .into_iter()
        .find(|source| source.scheme() == scheme)
        .ok_or_else(fault)?;
    if name.is_empty() {
        return Err(fault());
    }
    Ok(SecretRef {
        source,
        name: name.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_and_replaces_references() {
        let text =
            SecretText::try_new("Bearer ${env:TIDEWATCH_SECRET_A}-${ssm:/tidewatch/t/b}!").unwrap();
        let names: Vec<_> = text.references().map(ToString::to_string).collect();
        assert_eq!(names, ["env:TIDEWATCH_SECRET_A", "ssm:/tidewatch/t/b"]);
        let resolved = text.resolve(|reference| Ok::<_, ()>(format!("<{}>", reference.name)));
        assert_eq!(
            resolved.unwrap(),
            "Bearer <TIDEWATCH_SECRET_A>-</tidewatch/t/b>!"
        );
        assert_eq!(
            text.to_string(),
            "Bearer ${env:TIDEWATCH_SECRET_A}-${ssm:/tidewatch/t/b}!"
        );
    }

    #[test]
    fn refuses_what_looks_like_a_reference_but_is_none() {
        for bad in ["${file:/etc/passwd}", "${env:}", "${env", "${HOME}"] {
            assert!(SecretText::try_new(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn dollar_signs_alone_are_text() {
        assert_eq!(
            SecretText::try_new("$5 {x} $").unwrap().to_string(),
            "$5 {x} $"
        );
    }
}
