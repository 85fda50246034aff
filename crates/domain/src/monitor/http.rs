//! What belongs to the kind `http`.

use url::Url;

use super::{Network, SecretText};

/// An HTTP or HTTPS request and what is expected of the answer.
#[derive(Clone, Debug, PartialEq)]
pub struct HttpCheck {
    /// The address; scheme `http` or `https`, with a host, without user information.
    pub url: Url,
    /// The method, upper case.
    pub method: String,
    /// Headers sent beside the standard ones, in order; values may name secrets.
    pub headers: Vec<(String, SecretText)>,
    /// The body sent, if any.
    pub body: Option<SecretText>,
    /// Whether redirects are followed.
    pub redirects: Redirects,
    /// How the server is reached.
    pub network: Network,
    /// How much of the response body is read, in bytes.
    pub body_limit: usize,
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
    },
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
