//! What one relay is told at its start.

use super::evidence::Resolver;
use super::log::Log;
use relay::relay_address::RelayAddress;
use std::net::SocketAddr;
use std::path::PathBuf;

/// Everything that can be set.
#[derive(Debug, Clone)]
pub struct Configuration {
    /// Where mailboxes forward to.
    pub relay_address: RelayAddress,
    /// The data folder.
    pub data: PathBuf,
    /// Where HTTP is answered.
    pub http: SocketAddr,
    /// Where SMTP is answered.
    pub smtp: SocketAddr,
    /// What clients put in front of `/prestage`; nothing for the address at which HTTP is answered.
    pub base_url: Option<String>,
    /// How long a request waits, in seconds.
    pub window_seconds: u16,
    /// Who is asked about domains.
    pub resolver: Resolver,
    /// The certificate for STARTTLS.
    pub certificate: Option<CertificateFiles>,
    /// Where decisions are written.
    pub log: Log,
}

/// Where the certificate lies.
#[derive(Debug, Clone)]
pub struct CertificateFiles {
    /// The chain, as PEM.
    pub chain: PathBuf,
    /// Its private key, as PEM.
    pub key: PathBuf,
}

impl Configuration {
    /// What clients put in front of `/prestage`, where HTTP is answered at this address.
    pub fn base_url_at(&self, http: SocketAddr) -> String {
        self.base_url.clone().unwrap_or_else(|| format!("http://{http}"))
    }
}
