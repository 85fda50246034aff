//! What belongs to the kind `http`.

use url::Url;

use super::{Auth, Network, SecretText, TlsOptions};

/// An HTTP or HTTPS request and what is expected of the answer.
#[derive(Clone, Debug, PartialEq)]
pub struct HttpCheck {
    /// The address; scheme `http` or `https`, with a host, without user information.
    pub url: Url,
    /// Pairs added to the URL's query, in order; values may name secrets.
    pub query: Vec<(String, SecretText)>,
    /// The method, upper case.
    pub method: String,
    /// Headers sent beside the standard ones, in order; values may name secrets.
    pub headers: Vec<(String, SecretText)>,
    /// The body sent, if any.
    pub body: Option<RequestBody>,
    /// How the request proves who it comes from, beyond what `headers` say.
    pub auth: Option<Auth>,
    /// Which versions of HTTP are spoken.
    pub protocol: Protocol,
    /// Whether compressed answers are asked for, and decoded before they are judged.
    pub compression: bool,
    /// Whether redirects are followed.
    pub redirects: Redirects,
    /// The proxy through which the target is asked.
    pub proxy: Option<Box<Proxy>>,
    /// How the server is reached.
    pub network: Network,
    /// How TLS is spoken, where the scheme is `https`.
    pub tls: TlsOptions,
    /// How much of the response body is read, in bytes; a compressed one also once decoded.
    pub body_limit: usize,
    /// What becomes of a body that goes on beyond the limit.
    pub over_limit: OverLimit,
}

/// The body of a request.
#[derive(Clone, Debug, PartialEq)]
pub struct RequestBody {
    /// The text; it may name secrets.
    pub text: SecretText,
    /// What the text is: secrets are put into it in that format's own spelling.
    pub format: BodyFormat,
}

impl RequestBody {
    /// A body without a format.
    pub fn text(text: SecretText) -> Self {
        RequestBody {
            text,
            format: BodyFormat::Text,
        }
    }
}

/// The formats of request bodies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyFormat {
    /// Sent as it is, secrets too.
    Text,
    /// JSON; references to secrets are within its strings.
    Json,
    /// `application/x-www-form-urlencoded`.
    Form,
}

impl BodyFormat {
    /// The content type that is sent unless a header says otherwise.
    pub const fn content_type(self) -> Option<&'static str> {
        match self {
            BodyFormat::Text => None,
            BodyFormat::Json => Some("application/json"),
            BodyFormat::Form => Some("application/x-www-form-urlencoded"),
        }
    }
}

/// Which versions of HTTP are spoken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// HTTP/2 where the server chooses it in the TLS handshake, else HTTP/1.1.
    Any,
    /// HTTP/1.1 only.
    Http1,
    /// HTTP/2 only; without TLS by prior knowledge.
    Http2,
}

/// Whether redirects are followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Redirects {
    /// A redirect is the answer.
    Stop,
    /// At most so many are followed.
    Follow {
        /// The most hops.
        max: u8,
        /// Whether they must stay on the host of the target.
        same_host: bool,
    },
}

/// What becomes of a body that goes on beyond the limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OverLimit {
    /// It is cut and judged by what was read.
    Cut,
    /// The attempt fails.
    Fail,
}

/// An HTTP proxy: plain requests are handed to it, for TLS it opens a tunnel.
#[derive(Clone, Debug, PartialEq)]
pub struct Proxy {
    /// Where it is; scheme `http`, with a host, without path, query and user information.
    pub url: Url,
    /// User name and password, where it wants them.
    pub credentials: Option<(SecretText, SecretText)>,
}

/// A URL without anything that may be confidential: credentials, query and fragment are removed.
pub fn public_url(url: &Url) -> String {
    let mut public = url.clone();
    // Both fail only for URLs without a host, which have no credentials either.
    let _ = public.set_username("");
    let _ = public.set_password(None);
    public.set_query(None);
    public.set_fragment(None);
    public.into()
}
