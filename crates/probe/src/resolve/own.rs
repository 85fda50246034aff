//! The name servers that monitors name for themselves.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;

use hickory_resolver::TokioResolver;
use hickory_resolver::config::ResolveHosts;
use parking_lot::Mutex;
use tidewatch_domain::{Cause, ErrorClass, ErrorOwner};

use super::source;

/// Above so many, those that nobody uses at the moment are let go.
const REMEMBERED: usize = 256;

/// One resolver for each name server that a monitor names. They answer by that server alone, not
/// by the machine's hosts file.
#[derive(Debug, Default)]
pub(super) struct OwnResolvers {
    by_server: Mutex<HashMap<SocketAddr, Arc<TokioResolver>>>,
}

impl OwnResolvers {
    /// The resolver that asks `server`.
    pub(super) fn at(&self, server: SocketAddr) -> Result<Arc<TokioResolver>, Cause> {
        let mut resolvers = self.by_server.lock();
        if let Some(known) = resolvers.get(&server) {
            return Ok(known.clone());
        }
        if resolvers.len() >= REMEMBERED {
            resolvers.retain(|_, resolver| Arc::strong_count(resolver) > 1);
        }
        let resolver = source::at(server, ResolveHosts::Never).map_err(|error| Cause {
            owner: ErrorOwner::Config,
            ..Cause::new(
                ErrorClass::DnsBadAnswer,
                format!("the resolver {server} of the monitor cannot be used: {error}"),
            )
        })?;
        let resolver = Arc::new(resolver);
        resolvers.insert(server, resolver.clone());
        Ok(resolver)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn one_resolver_serves_all_who_name_the_server() {
        let own = OwnResolvers::default();
        let server =
            |number: usize| SocketAddr::from(([192, 0, 2, 1], u16::try_from(number).unwrap()));
        let first = own.at(server(1)).unwrap();
        assert!(Arc::ptr_eq(&first, &own.at(server(1)).unwrap()));
        for number in 2..=REMEMBERED + 1 {
            own.at(server(number)).unwrap();
        }
        // Those in use stay, the others make room.
        assert!(Arc::ptr_eq(&first, &own.at(server(1)).unwrap()));
        assert!(own.by_server.lock().len() < REMEMBERED);
    }
}
