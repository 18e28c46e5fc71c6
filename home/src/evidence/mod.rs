//! Evidence about a mail, collected over DNS while its peer waits: SPF (RFC 7208), DKIM (RFC 6376) and DMARC (RFC 7489).

mod checks;
mod queries;

pub(crate) use checks::{Hop, MailChecks};

use mail_auth::MessageAuthenticator;
use mail_auth::hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolverConfig, ResolverOpts};
use mail_auth::hickory_resolver::net::NetError;
use mail_auth::hickory_resolver::system_conf::read_system_conf;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

/// Timeout of one DNS query, and how often it is sent.
const QUERY_TIMEOUT: Duration = Duration::from_secs(3);
const QUERY_ATTEMPTS: usize = 2;

/// Where DNS queries go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Resolver {
    /// To the name servers of this machine (`/etc/resolv.conf`).
    System,
    /// To this name server.
    At(SocketAddr),
    /// Nowhere: there is no evidence, so only the trust `addressed` accepts a mail.
    None,
}

/// The name servers of this machine cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("cannot use the name servers of this machine: {0}. Name one with --resolver, for example 192.0.2.53.")]
pub struct ResolverError(#[from] NetError);

/// Checks mails; cheap to clone.
#[derive(Clone)]
pub(crate) struct EvidenceChecker(Option<Arc<MessageAuthenticator>>);

impl EvidenceChecker {
    /// A checker that queries `resolver`.
    pub(crate) fn new(resolver: &Resolver) -> Result<Self, ResolverError> {
        let (servers, mut options) = match resolver {
            Resolver::None => return Ok(Self(None)),
            Resolver::System => read_system_conf()?,
            Resolver::At(server) => {
                let at_port = |mut connection: ConnectionConfig| {
                    connection.port = server.port();
                    connection
                };
                let connections = vec![at_port(ConnectionConfig::udp()), at_port(ConnectionConfig::tcp())];
                let server = NameServerConfig::new(server.ip(), true, connections);
                (ResolverConfig::from_parts(None, vec![], vec![server]), ResolverOpts::default())
            }
        };
        (options.timeout, options.attempts) = (QUERY_TIMEOUT, QUERY_ATTEMPTS);
        Ok(Self(Some(Arc::new(MessageAuthenticator::new(servers, options)?))))
    }

    /// The checks of a mail. No query is sent before the first answer is asked for.
    pub(crate) fn checks(&self, hop: Hop, mail: Arc<[u8]>) -> MailChecks {
        self.0.clone().map_or_else(MailChecks::none, |dns| MailChecks::new(dns, hop, mail))
    }
}
