//! The configuration of one relay.

use crate::evidence::Resolver;
use crate::log::Log;
use relay::relay_address::RelayAddress;
use std::net::SocketAddr;
use std::path::PathBuf;

/// The effective configuration of a relay, defaults filled in.
#[derive(Debug, Clone)]
pub struct Configuration {
    /// The address that mailboxes forward to.
    pub relay_address: RelayAddress,
    /// The data folder.
    pub data: PathBuf,
    /// The address to listen on for HTTP; port 0 lets the operating system choose.
    pub http: SocketAddr,
    /// The address to listen on for SMTP; port 0 lets the operating system choose.
    pub smtp: SocketAddr,
    /// The address to listen on for IMAP; `None` means that IMAP is not offered.
    pub imap: Option<SocketAddr>,
    /// The public URL in front of `/prestage`, without a trailing slash. `None` means `http://` and the HTTP address.
    pub base_url: Option<String>,
    /// How long a request waits for its code, in seconds.
    pub window_seconds: u16,
    /// The name server for SPF, DKIM and DMARC.
    pub resolver: Resolver,
    /// The certificate for STARTTLS and IMAP. `None` means that STARTTLS is not offered, and that IMAP has a self-signed one.
    pub certificate: Option<CertificateFiles>,
    /// Where the relay logs its decisions.
    pub log: Log,
}

/// The files of a TLS certificate, in PEM.
#[derive(Debug, Clone)]
pub struct CertificateFiles {
    /// The certificate chain, the server's own certificate first.
    pub chain: PathBuf,
    /// The private key.
    pub key: PathBuf,
}

impl Configuration {
    /// The public URL in front of `/prestage` for a relay that listens on `http`.
    pub fn base_url_at(&self, http: SocketAddr) -> String {
        self.base_url.clone().unwrap_or_else(|| format!("http://{http}"))
    }
}
