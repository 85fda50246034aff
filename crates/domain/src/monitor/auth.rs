//! How a request proves who it comes from.

use url::Url;

use super::SecretText;

/// How a request proves who it comes from. It becomes the header `authorization`, which never
/// goes to another origin.
#[derive(Clone, Debug, PartialEq)]
pub enum Auth {
    /// User name and password (RFC 7617).
    Basic {
        /// The user name, without a colon.
        username: SecretText,
        /// The password.
        password: SecretText,
    },
    /// A token that does not change (RFC 6750).
    Bearer(SecretText),
    /// A token that a token endpoint gives out.
    OAuth2(Box<ClientCredentials>),
}

/// The client credentials grant of OAuth 2.0 (RFC 6749, section 4.4).
#[derive(Clone, Debug, PartialEq)]
pub struct ClientCredentials {
    /// The token endpoint; scheme `http` or `https`, with a host, without user information.
    pub token_url: Url,
    /// The client's name.
    pub client_id: SecretText,
    /// The client's secret.
    pub client_secret: SecretText,
    /// What is asked for; the server's own choice when empty.
    pub scopes: Vec<String>,
    /// Whom the token is for, where the server wants to know.
    pub audience: Option<String>,
}

impl Auth {
    /// The texts in it that may name secrets.
    pub fn texts(&self) -> [Option<&SecretText>; 2] {
        match self {
            Auth::Basic { username, password } => [Some(username), Some(password)],
            Auth::Bearer(token) => [Some(token), None],
            Auth::OAuth2(client) => [Some(&client.client_id), Some(&client.client_secret)],
        }
    }
}
