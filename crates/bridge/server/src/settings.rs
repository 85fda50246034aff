//! How a bridge is run.

use std::path::PathBuf;
use std::time::Duration;

/// How requests arrive. Whoever serves the router knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    /// Over HTTP on a loopback address: nobody else can read them.
    Loopback,
    /// Over HTTP from other machines. Signatures prove who sent them; anyone on the way can read
    /// them.
    Open,
    /// Over TLS.
    Tls,
}

impl Transport {
    /// What URLs of the server begin with.
    pub fn scheme(self) -> &'static str {
        match self {
            Transport::Loopback | Transport::Open => "http",
            Transport::Tls => "https",
        }
    }
}

/// Settings of a [`Bridge`](crate::Bridge).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Settings {
    /// The folder for tags and account settings, which the store does not keep. It must exist; the
    /// store's own folder will do.
    pub data_dir: PathBuf,
    /// The region in ARNs. Default `us-east-1`.
    pub region: String,
    /// The account in ARNs, twelve digits. Default all zero.
    pub account: String,
    /// The URL that endpoint discovery answers, such as `http://bridge.internal:8086`. Default
    /// none: the host that the client itself used, over the scheme of `transport`.
    pub advertised_url: Option<String>,
    /// How requests arrive. Default [`Transport::Loopback`].
    pub transport: Transport,
    /// The largest request body in bytes. Default 8 MiB, which holds any permitted write.
    pub body_bytes: usize,
    /// How long a request body may take to arrive. Default 30 s.
    pub body_timeout: Duration,
    /// How many threads statements work on, apart from those that answer calls. Default: as many
    /// as the machine has cores.
    pub query_threads: usize,
    /// How many statements may work at the same moment; others wait for their turn. A statement
    /// whose client has not asked for the next page does not count. Default 8.
    pub concurrent_queries: usize,
    /// How long a statement may work in all, and how long it may wait for its turn. The time
    /// between a client's pages does not count. Default 5 minutes.
    pub query_timeout: Duration,
    /// After how much waiting a query is answered with the rows at hand, maybe none, and a token
    /// for the rest, so that a slow statement does not run into the client's read timeout (a
    /// minute in most SDKs). `SHOW` and `DESCRIBE` are never cut like this. Default 20 s.
    pub query_patience: Duration,
    /// How many unfinished results are kept for further pages. One more lets go of the one that
    /// was read longest ago. Default 64.
    pub open_cursors: usize,
    /// How long a pagination token stays valid. Default one hour, as the service's.
    pub token_lifetime: Duration,
    /// At how many bytes of JSON a page is cut. Default 1 MiB, as the service's.
    pub page_bytes: usize,
    /// The largest single row in bytes of JSON; it may exceed a page. Default 8 MiB.
    pub row_bytes: usize,
}

impl Settings {
    /// The defaults, with tags and account settings in `data_dir`.
    pub fn new(data_dir: impl Into<PathBuf>) -> Settings {
        Settings {
            data_dir: data_dir.into(),
            region: "us-east-1".to_owned(),
            account: "000000000000".to_owned(),
            advertised_url: None,
            transport: Transport::Loopback,
            body_bytes: 8 << 20,
            body_timeout: Duration::from_secs(30),
            query_threads: std::thread::available_parallelism().map_or(2, usize::from),
            concurrent_queries: 8,
            query_timeout: Duration::from_secs(5 * 60),
            query_patience: Duration::from_secs(20),
            open_cursors: 64,
            token_lifetime: Duration::from_secs(60 * 60),
            page_bytes: 1 << 20,
            row_bytes: 8 << 20,
        }
    }
}
