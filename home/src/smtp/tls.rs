//! The certificate for STARTTLS.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::pki_types::pem::{self, PemObject};
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::{self, ServerConfig, crypto::ring};
use tokio_rustls::server::TlsStream;

/// A certificate and its key.
#[derive(Clone)]
pub(crate) struct Certificate(TlsAcceptor);

/// Why a certificate cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CertificateError {
    /// A file cannot be read, or holds no certificate or no key.
    #[error("cannot read {path}: {cause}. --certificate and --key must name PEM files.")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        cause: pem::Error,
    },
    /// The key does not belong to the certificate.
    #[error("the key does not belong to the certificate: {0}. --key must name the private key of --certificate.")]
    Mismatch(rustls::Error),
}

impl Certificate {
    /// Reads a certificate chain and its private key from PEM files.
    pub(crate) fn read(chain: &Path, key: &Path) -> Result<Self, CertificateError> {
        let unreadable = |path: &Path| {
            let path = path.to_owned();
            move |cause| CertificateError::Unreadable { path, cause }
        };
        let certificates: Result<Vec<_>, _> = CertificateDer::pem_file_iter(chain).and_then(Iterator::collect);
        let certificates = certificates.map_err(unreadable(chain))?;
        let key = PrivateKeyDer::from_pem_file(key).map_err(unreadable(key))?;
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .and_then(|config| config.with_no_client_auth().with_single_cert(certificates, key))
            .map_err(CertificateError::Mismatch)?;
        Ok(Self(TlsAcceptor::from(Arc::new(config))))
    }

    /// Performs the server's side of the handshake.
    pub(super) async fn accept(&self, stream: TcpStream) -> io::Result<TlsStream<TcpStream>> {
        self.0.accept(stream).await
    }
}
