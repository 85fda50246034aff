//! Who is asked for names, and keeping up with changes of the machine's configuration.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use hickory_resolver::TokioResolver;
use hickory_resolver::config::{
    ConnectionConfig, NameServerConfig, ResolveHosts, ResolverConfig, ResolverOpts,
};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::system_conf::read_system_conf;
use parking_lot::Mutex;
use tokio::time::Instant;

use crate::options::{EngineError, NameServer};

/// What the machine's resolver is configured by.
const FILES: [&str; 2] = ["/etc/resolv.conf", "/etc/hosts"];
/// How often the files are looked at: a prober lives for months, its network does not.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// The resolver in use.
#[derive(Debug)]
pub(super) enum Source {
    /// One given name server.
    Fixed(SocketAddr, Arc<TokioResolver>),
    /// The machine's configuration, read again when it changes.
    System(Mutex<Loaded>),
}

/// The machine's configuration as it was read.
#[derive(Debug)]
pub(super) struct Loaded {
    first: SocketAddr,
    resolver: Arc<TokioResolver>,
    stamps: [Option<SystemTime>; FILES.len()],
    looked: Instant,
}

impl Source {
    pub(super) fn new(server: NameServer) -> Result<Self, EngineError> {
        match server {
            NameServer::At(address) => {
                let resolver = at(address, ResolveHosts::Always)?;
                Ok(Source::Fixed(address, Arc::new(resolver)))
            }
            NameServer::System => {
                let stamps = stamps();
                let (first, resolver) = system()?;
                Ok(Source::System(Mutex::new(Loaded {
                    stamps,
                    first,
                    resolver: Arc::new(resolver),
                    looked: Instant::now(),
                })))
            }
        }
    }

    /// The name server that is configured first.
    pub(super) fn first_server(&self) -> SocketAddr {
        match self {
            Source::Fixed(address, _) => *address,
            Source::System(loaded) => {
                let mut loaded = loaded.lock();
                loaded.refresh();
                loaded.first
            }
        }
    }

    /// The resolver to use now.
    pub(super) fn resolver(&self) -> Arc<TokioResolver> {
        match self {
            Source::Fixed(_, resolver) => resolver.clone(),
            Source::System(loaded) => {
                let mut loaded = loaded.lock();
                loaded.refresh();
                loaded.resolver.clone()
            }
        }
    }
}

impl Loaded {
    fn refresh(&mut self) {
        if self.looked.elapsed() < LOOK_EVERY {
            return;
        }
        self.looked = Instant::now();
        let stamps = stamps();
        if stamps == self.stamps {
            return;
        }
        match system() {
            Ok((first, resolver)) => {
                self.first = first;
                self.resolver = Arc::new(resolver);
                self.stamps = stamps;
            }
            Err(error) => tracing::warn!(
                %error,
                "the changed name server configuration cannot be used; the former one stays"
            ),
        }
    }
}

fn stamps() -> [Option<SystemTime>; FILES.len()] {
    FILES.map(|file| {
        Path::new(file)
            .metadata()
            .and_then(|data| data.modified())
            .ok()
    })
}

/// The machine's configuration. Without `/etc/resolv.conf`, or without a name server in it, the
/// one on this machine is asked, as resolv.conf(5) has it; the hosts file works in any case.
fn system() -> Result<(SocketAddr, TokioResolver), EngineError> {
    let here = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 53);
    match read_system_conf() {
        Ok((config, options)) => {
            let first = config.name_servers().first().map_or(here, |server| {
                let port = server.connections.first().map_or(53, |first| first.port);
                SocketAddr::new(server.ip, port)
            });
            Ok((first, build(config, options, ResolveHosts::Always)?))
        }
        Err(error) => {
            tracing::warn!(%error, "no name server is configured; 127.0.0.1 is asked");
            Ok((here, at(here, ResolveHosts::Always)?))
        }
    }
}

/// A resolver that asks `server` alone.
pub(super) fn at(server: SocketAddr, hosts: ResolveHosts) -> Result<TokioResolver, EngineError> {
    let config = ResolverConfig::from_name_servers(vec![name_server(server)]);
    build(config, ResolverOpts::default(), hosts)
}

fn build(
    config: ResolverConfig,
    mut options: ResolverOpts,
    hosts: ResolveHosts,
) -> Result<TokioResolver, EngineError> {
    options.cache_size = 0;
    options.use_hosts_file = hosts;
    let mut builder = TokioResolver::builder_with_config(config, TokioRuntimeProvider::default());
    *builder.options_mut() = options;
    builder.build().map_err(|error| EngineError::Resolver {
        reason: error.to_string(),
    })
}

fn name_server(address: SocketAddr) -> NameServerConfig {
    let connections = [ConnectionConfig::udp(), ConnectionConfig::tcp()]
        .into_iter()
        .map(|mut connection| {
            connection.port = address.port();
            connection
        })
        .collect();
    NameServerConfig::new(address.ip(), true, connections)
}
