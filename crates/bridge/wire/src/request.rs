//! What all requests have in common.

use std::str::{self, Utf8Error};

use crate::{ApiError, ErrorCode, Faults, Operation};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

/// The answer of an operation that has nothing to say: `{}`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Empty {}

/// The input of one operation.
pub trait Request: DeserializeOwned {
    /// The operation that takes it.
    const OPERATION: Operation;
    /// What the operation answers.
    type Response: Serialize;

    /// Adds every broken constraint of the service's model.
    fn check(&self, faults: &mut Faults);

    /// Fails with a `ValidationException` that tells all broken constraints at once.
    fn validate(&self) -> Result<(), ApiError> {
        let mut faults = Faults::default();
        self.check(&mut faults);
        faults.into_result()
    }

    /// Reads the JSON body of a call. An empty body is an empty object, unknown members are
    /// ignored, and `null` counts as absent. Constraints are not looked at: see
    /// [`Request::validate`].
    ///
    /// Fails with a `SerializationException` that names the member.
    fn parse(body: &[u8]) -> Result<Self, ApiError> {
        // Once for the whole body, which costs less than once for each of its strings.
        let text = str::from_utf8(body).map_err(|error| explain_text(Self::OPERATION, error))?;
        // Serde would read a list as a structure, too, taking its items in the order of the members.
        match text.trim_ascii_start().as_bytes().first() {
            None => serde_json::from_str("{}"),
            Some(b'[') => return Err(explain_list(Self::OPERATION)),
            Some(_) => serde_json::from_str(text),
        }
        .map_err(|_| explain::<Self>(text))
    }
}

fn explain_text(operation: Operation, error: Utf8Error) -> ApiError {
    ApiError::new(
        ErrorCode::Serialization,
        format!(
            "The request body of {operation} is not UTF-8: its first {} bytes are.",
            error.valid_up_to()
        ),
    )
}

fn explain_list(operation: Operation) -> ApiError {
    ApiError::new(
        ErrorCode::Serialization,
        format!("The request body of {operation} is a list, not an object."),
    )
}

/// Reads the body once more, slower, to learn where it is wrong.
fn explain<R: Request>(body: &str) -> ApiError {
    let mut reader = serde_json::Deserializer::from_str(body);
    let read = serde_path_to_error::deserialize::<_, R>(&mut reader);
    let message = match read {
        Err(error) if error.inner().is_data() && error.path().iter().len() > 0 => {
            format!(
                "The member {} does not fit {}: {}.",
                error.path(),
                R::OPERATION,
                error.inner()
            )
        }
        Err(error) => format!(
            "The request body does not fit {}: {}.",
            R::OPERATION,
            error.inner()
        ),
        Ok(_) => format!(
            "The request body of {} goes on after its JSON object.",
            R::OPERATION
        ),
    };
    ApiError::new(ErrorCode::Serialization, message)
}

#[cfg(test)]
mod tests;
