//! What SNS posts to subscribed addresses.

use serde::Deserialize;
use serde_json::Value;
use tidewatch_domain::Timestamp;

use crate::instant;

/// One delivery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// What it is.
    pub kind: DeliveryKind,
    /// The topic's ARN.
    pub topic: String,
    /// The message; of a notification the text that was published.
    pub message: String,
    /// When SNS sent it.
    pub timestamp: Timestamp,
    pub(super) certificate_url: String,
    pub(super) signature: String,
    pub(super) signature_version: String,
    /// What the signature is over.
    pub(super) signed: String,
}

/// What a delivery is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeliveryKind {
    /// Something was published.
    Notification,
    /// Somebody subscribed this address; calling `url` confirms that.
    SubscriptionConfirmation {
        /// The address.
        url: String,
    },
    /// The subscription ended.
    UnsubscribeConfirmation,
}

/// Not a delivery of SNS.
#[derive(Debug, thiserror::Error)]
#[error("not a delivery of SNS: {0}; turn raw message delivery off")]
pub struct ShapeError(String);

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Fields {
    #[serde(rename = "Type")]
    kind: String,
    message_id: String,
    topic_arn: String,
    subject: Option<String>,
    message: String,
    timestamp: String,
    signature_version: String,
    signature: String,
    #[serde(rename = "SigningCertURL")]
    signing_cert_url: String,
    #[serde(rename = "SubscribeURL")]
    subscribe_url: Option<String>,
    token: Option<String>,
}

impl Delivery {
    pub(super) fn read(body: &[u8]) -> Result<Self, ShapeError> {
        let fields: Fields =
            serde_json::from_slice(body).map_err(|error| ShapeError(error.to_string()))?;
        let missing = |name: &str| ShapeError(format!("`{name}` is missing"));
        let mut signed = vec![
            ("Message", fields.message.as_str()),
            ("MessageId", fields.message_id.as_str()),
        ];
        let kind = match fields.kind.as_str() {
            "Notification" => {
                if let Some(subject) = &fields.subject {
                    signed.push(("Subject", subject));
                }
                DeliveryKind::Notification
            }
            "SubscriptionConfirmation" | "UnsubscribeConfirmation" => {
                let url = fields
                    .subscribe_url
                    .as_deref()
                    .ok_or_else(|| missing("SubscribeURL"))?;
                signed.push(("SubscribeURL", url));
                if fields.kind == "SubscriptionConfirmation" {
                    DeliveryKind::SubscriptionConfirmation {
                        url: url.to_owned(),
                    }
                } else {
                    DeliveryKind::UnsubscribeConfirmation
                }
            }
            other => return Err(ShapeError(format!("`Type` is `{other}`"))),
        };
        signed.push(("Timestamp", &fields.timestamp));
        if kind != DeliveryKind::Notification {
            let token = fields.token.as_deref().ok_or_else(|| missing("Token"))?;
            signed.push(("Token", token));
        }
        signed.push(("TopicArn", &fields.topic_arn));
        signed.push(("Type", &fields.kind));
        let signed = signed
            .into_iter()
            .map(|(name, value)| format!("{name}\n{value}\n"))
            .collect();
        let timestamp = instant::parse(&fields.timestamp).ok_or_else(|| {
            ShapeError(format!(
                "`Timestamp` is `{}`, not an instant in RFC 3339",
                fields.timestamp
            ))
        })?;
        Ok(Delivery {
            kind,
            topic: fields.topic_arn,
            message: fields.message,
            timestamp,
            certificate_url: fields.signing_cert_url,
            signature: fields.signature,
            signature_version: fields.signature_version,
            signed,
        })
    }

    /// Whether the message is one of ours, on its way to people.
    pub(super) fn is_of_tidewatch(&self) -> bool {
        let Ok(Value::Object(fields)) = serde_json::from_str(&self.message) else {
            return false;
        };
        fields.contains_key("dedupe_id") && fields.contains_key("notices")
    }
}
