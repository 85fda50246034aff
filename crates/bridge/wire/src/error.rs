//! Errors in the form that AWS clients read.

use crate::RejectedRecord;
use serde::Serialize;

/// Why a call failed, by the name that clients match on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorCode {
    /// The caller may not do this.
    AccessDenied,
    /// The resource exists already, or the query was cancelled.
    Conflict,
    /// The `Authorization` header lacks something that a signature needs.
    IncompleteSignature,
    /// A fault of this server.
    InternalServer,
    /// The signature does not belong to the request, or is too old.
    InvalidSignature,
    /// The request is not signed.
    MissingAuthenticationToken,
    /// A valid query failed while it ran.
    QueryExecution,
    /// Some records of a write were refused; the others are stored.
    RejectedRecords,
    /// The request body is larger than this server reads.
    RequestEntityTooLarge,
    /// The request did not arrive in time.
    RequestTimeout,
    /// The database, table or other resource does not exist.
    ResourceNotFound,
    /// The body is not the JSON that the operation takes.
    Serialization,
    /// A quota of the service was reached.
    ServiceQuotaExceeded,
    /// The server has too much to do; the same call may succeed later.
    Throttling,
    /// No such operation.
    UnknownOperation,
    /// The access key is not known here.
    UnrecognizedClient,
    /// The request breaks a constraint.
    Validation,
}

impl ErrorCode {
    /// The code without its namespace, as SDKs name their exception types.
    pub fn name(self) -> &'static str {
        let (_, name) = self.qualified().split_once('#').unwrap_or_default();
        name
    }

    /// The value of `__type`. Namespaces as recorded from the service: its own errors, those of
    /// the framework's validator, and those of the framework's dispatcher differ.
    pub fn qualified(self) -> &'static str {
        match self {
            ErrorCode::AccessDenied => "com.amazonaws.timestream.v20181101#AccessDeniedException",
            ErrorCode::Conflict => "com.amazonaws.timestream.v20181101#ConflictException",
            ErrorCode::IncompleteSignature => {
                "com.amazon.coral.service#IncompleteSignatureException"
            }
            ErrorCode::InternalServer => {
                "com.amazonaws.timestream.v20181101#InternalServerException"
            }
            ErrorCode::InvalidSignature => "com.amazon.coral.service#InvalidSignatureException",
            ErrorCode::MissingAuthenticationToken => {
                "com.amazon.coral.service#MissingAuthenticationTokenException"
            }
            ErrorCode::QueryExecution => {
                "com.amazonaws.timestream.v20181101#QueryExecutionException"
            }
            ErrorCode::RejectedRecords => {
                "com.amazonaws.timestream.v20181101#RejectedRecordsException"
            }
            ErrorCode::RequestEntityTooLarge => {
                "com.amazon.coral.service#RequestEntityTooLargeException"
            }
            ErrorCode::RequestTimeout => "com.amazon.coral.service#RequestTimeoutException",
            ErrorCode::ResourceNotFound => {
                "com.amazonaws.timestream.v20181101#ResourceNotFoundException"
            }
            ErrorCode::Serialization => "com.amazon.coral.service#SerializationException",
            ErrorCode::ServiceQuotaExceeded => {
                "com.amazonaws.timestream.v20181101#ServiceQuotaExceededException"
            }
            ErrorCode::Throttling => "com.amazonaws.timestream.v20181101#ThrottlingException",
            ErrorCode::UnknownOperation => "com.amazon.coral.service#UnknownOperationException",
            ErrorCode::UnrecognizedClient => "com.amazon.coral.service#UnrecognizedClientException",
            ErrorCode::Validation => "com.amazon.coral.validate#ValidationException",
        }
    }

    /// The HTTP status. Only 400 and 419 were recorded from the service; 500 follows the model's
    /// `fault` flag and makes SDKs retry.
    pub fn status(self) -> u16 {
        match self {
            ErrorCode::InternalServer => 500,
            ErrorCode::RejectedRecords => 419,
            ErrorCode::RequestEntityTooLarge => 413,
            ErrorCode::RequestTimeout => 408,
            _ => 400,
        }
    }
}

/// A failed call: what the body of the answer says.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}: {message}", code.name())]
pub struct ApiError {
    /// The kind of failure.
    pub code: ErrorCode,
    /// One or more sentences for the person who reads the client's log.
    pub message: String,
    /// The refused records, for [`ErrorCode::RejectedRecords`] only.
    pub rejected: Vec<RejectedRecord>,
}

impl ApiError {
    /// An error with a code and a message.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> ApiError {
        ApiError {
            code,
            message: message.into(),
            rejected: Vec::new(),
        }
    }

    /// A `ValidationException`.
    pub fn validation(message: impl Into<String>) -> ApiError {
        ApiError::new(ErrorCode::Validation, message)
    }

    /// A `ResourceNotFoundException`.
    pub fn not_found(message: impl Into<String>) -> ApiError {
        ApiError::new(ErrorCode::ResourceNotFound, message)
    }

    /// A `ConflictException`.
    pub fn conflict(message: impl Into<String>) -> ApiError {
        ApiError::new(ErrorCode::Conflict, message)
    }

    /// An `AccessDeniedException`.
    pub fn denied(message: impl Into<String>) -> ApiError {
        ApiError::new(ErrorCode::AccessDenied, message)
    }

    /// An `InternalServerException`. The text says nothing about the inside of the server; the
    /// cause belongs into its log.
    pub fn internal() -> ApiError {
        ApiError::new(
            ErrorCode::InternalServer,
            "The request failed because of an internal error of the server.",
        )
    }

    /// A `RejectedRecordsException` with the service's text.
    pub fn rejected(rejected: Vec<RejectedRecord>) -> ApiError {
        ApiError {
            code: ErrorCode::RejectedRecords,
            message: "One or more records have been rejected. See RejectedRecords for details."
                .to_owned(),
            rejected,
        }
    }

    /// The body of the answer. The text is sent as `message`, as the service does, and as
    /// `Message`, as its model names the member: clients read the one or the other.
    pub fn to_json(&self) -> Vec<u8> {
        #[derive(Serialize)]
        struct Body<'a> {
            __type: &'static str,
            message: &'a str,
            #[serde(rename = "Message")]
            modelled: &'a str,
            #[serde(rename = "RejectedRecords", skip_serializing_if = "<[_]>::is_empty")]
            rejected: &'a [RejectedRecord],
        }
        let body = Body {
            __type: self.code.qualified(),
            message: &self.message,
            modelled: &self.message,
            rejected: &self.rejected,
        };
        serde_json::to_vec(&body)
            .expect("a structure of strings and integers always has a JSON form")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rejected_records_have_the_recorded_form() {
        let error = ApiError::rejected(vec![
            RejectedRecord {
                record_index: 0,
                reason: "why".into(),
                existing_version: Some(5),
            },
            RejectedRecord {
                record_index: 3,
                reason: "because".into(),
                existing_version: None,
            },
        ]);
        assert_eq!(error.code.status(), 419);
        assert_eq!(
            String::from_utf8(error.to_json()).unwrap(),
            concat!(
                r#"{"__type":"com.amazonaws.timestream.v20181101#RejectedRecordsException","#,
                r#""message":"One or more records have been rejected. See RejectedRecords for details.","#,
                r#""Message":"One or more records have been rejected. See RejectedRecords for details.","#,
                r#""RejectedRecords":[{"RecordIndex":0,"Reason":"why","ExistingVersion":5},"#,
                r#"{"RecordIndex":3,"Reason":"because"}]}"#,
            )
        );
    }

    #[test]
    fn display_names_the_exception() {
        assert_eq!(
            ApiError::validation("Bad.").to_string(),
            "ValidationException: Bad."
        );
    }
}
