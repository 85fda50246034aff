//! Messages by mail.

use std::time::Duration;

use async_trait::async_trait;
use lettre::message::header::ContentType;
use lettre::message::{Attachment, Mailbox, MultiPart, SinglePart};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::{AsyncSmtpTransport, AsyncTransport, Tokio1Executor};

use super::{Channel, ChannelError, one_by_one};
use crate::message::Message;

/// The longest text, in bytes.
const TEXT_LIMIT: usize = 256 * 1024;
/// The longest attached JSON, in bytes.
const JSON_LIMIT: usize = 1024 * 1024;
/// How long the server may take for each step.
const TIMEOUT: Duration = Duration::from_secs(20);

/// Sends a mail with the text for people and, attached, the JSON for machines.
pub struct Mail {
    name: String,
    from: Mailbox,
    to: Vec<Mailbox>,
    transport: AsyncSmtpTransport<Tokio1Executor>,
}

/// The server that takes mails.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailServer {
    /// Its name, for which its certificate has to be.
    pub host: String,
    /// Its port; by default that of the encryption: 587, 465 or 25.
    pub port: Option<u16>,
    /// How it is talked to.
    pub tls: MailTls,
    /// The only authority to trust, as PEM; the machine's own without.
    pub authority: Option<Vec<u8>>,
}

/// How a mail server is talked to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MailTls {
    /// Encrypted after STARTTLS, or not at all.
    #[default]
    StartTls,
    /// Encrypted from the first byte.
    Implicit,
    /// In clear text. Never with a password.
    None,
}

/// Settings that no mail can be sent with.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    /// Not a mail address.
    #[error("`{0}` is not a mail address; write `name@example.com` or `Name <name@example.com>`")]
    Address(String),
    /// A password would travel in clear text.
    #[error(
        "a password for {0} would travel in clear text; use `tls = \"starttls\"` or `\"implicit\"`"
    )]
    ClearPassword(String),
    /// The authority or the name cannot be used.
    #[error("TLS for the mail server {host} cannot be set up")]
    Tls {
        /// The server.
        host: String,
        /// Why.
        #[source]
        source: lettre::transport::smtp::Error,
    },
}

impl Mail {
    /// Mails from `from` to `to` by way of `server`, with user and password where it wants them.
    pub fn new(
        name: impl Into<String>,
        server: &MailServer,
        credentials: Option<(String, String)>,
        from: &str,
        to: &[String],
    ) -> Result<Self, MailError> {
        let mailbox = |text: &str| {
            text.parse::<Mailbox>()
                .map_err(|_| MailError::Address(text.to_owned()))
        };
        if credentials.is_some() && server.tls == MailTls::None {
            return Err(MailError::ClearPassword(server.host.clone()));
        }
        let tls = match server.tls {
            MailTls::None => Tls::None,
            MailTls::StartTls => Tls::Required(parameters(server)?),
            MailTls::Implicit => Tls::Wrapper(parameters(server)?),
        };
        let port = server.port.unwrap_or(match server.tls {
            MailTls::StartTls => 587,
            MailTls::Implicit => 465,
            MailTls::None => 25,
        });
        let mut transport =
            AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(server.host.clone())
                .port(port)
                .tls(tls)
                .timeout(Some(TIMEOUT));
        if let Some((user, password)) = credentials {
            transport = transport.credentials(Credentials::new(user, password));
        }
        Ok(Mail {
            name: name.into(),
            from: mailbox(from)?,
            to: to
                .iter()
                .map(|text| mailbox(text))
                .collect::<Result<_, _>>()?,
            transport: transport.build(),
        })
    }

    async fn mail(&self, message: Message) -> Result<(), ChannelError> {
        let failed = |error: &dyn std::fmt::Display| ChannelError(error.to_string());
        let mut mail = lettre::Message::builder()
            .from(self.from.clone())
            // A repeat has the same id, by which mail programs and servers recognise it.
            .message_id(Some(format!(
                "<{}@{}>",
                message.dedupe_id(),
                self.from.email.domain()
            )))
            .subject(message.subject());
        for recipient in &self.to {
            mail = mail.to(recipient.clone());
        }
        let json = Attachment::new("alert.json".to_owned()).body(
            message.json(JSON_LIMIT),
            ContentType::parse("application/json").map_err(|error| failed(&error))?,
        );
        let mail = mail
            .multipart(
                MultiPart::mixed()
                    .singlepart(SinglePart::plain(message.text(TEXT_LIMIT)))
                    .singlepart(json),
            )
            .map_err(|error| failed(&error))?;
        self.transport
            .send(mail)
            .await
            .map(|_| ())
            .map_err(|error| failed(&error))
    }
}

fn parameters(server: &MailServer) -> Result<TlsParameters, MailError> {
    let tls_error = |source| MailError::Tls {
        host: server.host.clone(),
        source,
    };
    let mut parameters = TlsParameters::builder(server.host.clone());
    if let Some(pem) = &server.authority {
        parameters = parameters
            .certificate_store(lettre::transport::smtp::client::CertificateStore::None)
            .add_root_certificate(Certificate::from_pem(pem).map_err(tls_error)?);
    }
    parameters.build_rustls().map_err(tls_error)
}

#[async_trait]
impl Channel for Mail {
    fn name(&self) -> &str {
        &self.name
    }

    async fn send(&self, messages: &[Message]) -> Vec<Result<(), ChannelError>> {
        one_by_one(messages, |message| self.mail(message)).await
    }
}

impl std::fmt::Debug for Mail {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Mail")
            .field("name", &self.name)
            .field("from", &self.from)
            .field("to", &self.to)
            .finish_non_exhaustive()
    }
}
