//! The certificate for STARTTLS and IMAP.

use rcgen::generate_simple_self_signed;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tempfile::NamedTempFile;
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::pki_types::pem::{self, PemObject};
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::{self, ServerConfig, crypto::ring};
use tokio_rustls::server::TlsStream;
use zeroize::Zeroizing;

/// A certificate and its key.
#[derive(Clone)]
pub struct Certificate(TlsAcceptor);

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
    /// The relay cannot make a certificate of its own.
    #[error("cannot make a certificate: {0}. Give one with --certificate and --key.")]
    NotMade(#[from] rcgen::Error),
    /// The relay's own certificate cannot be stored.
    #[error(
        "cannot write {path}: {cause}. Correct the permissions of its folder, or give a certificate with --certificate and --key."
    )]
    NotStored {
        /// The file.
        path: PathBuf,
        /// The operating system's error.
        cause: io::Error,
    },
}

impl Certificate {
    /// Reads a certificate chain and its private key from PEM files.
    pub fn read(chain: &Path, key: &Path) -> Result<Self, CertificateError> {
        let unreadable = |path: &Path| {
            let path = path.to_owned();
            move |cause| CertificateError::Unreadable { path, cause }
        };
        let certificates: Result<Vec<_>, _> = CertificateDer::pem_file_iter(chain).and_then(Iterator::collect);
        let certificates = certificates.map_err(unreadable(chain))?;
        let key = PrivateKeyDer::from_pem_file(key).map_err(unreadable(key))?;
        Self::new(certificates, key)
    }

    /// Makes a certificate of the relay's own, for the life of this process.
    pub fn self_signed(name: &str) -> Result<Self, CertificateError> {
        let made = generate_simple_self_signed([name.to_owned(), "localhost".to_owned()])?;
        let key = PrivateKeyDer::Pkcs8(made.signing_key.serialize_der().into());
        Self::new(vec![made.cert.der().clone()], key)
    }

    /// Reads the certificate of the relay's own from a file, or makes one and keeps it there, readable for its owner only.
    pub(crate) fn kept(file: &Path, name: &str) -> Result<Self, CertificateError> {
        if !file.exists() {
            let made = generate_simple_self_signed([name.to_owned(), "localhost".to_owned()])?;
            let pem = Zeroizing::new(format!("{}{}", made.cert.pem(), made.signing_key.serialize_pem()));
            let not_stored = |cause| CertificateError::NotStored { path: file.to_owned(), cause };
            // Renamed when it is complete: a crash leaves a certificate with its key, or none.
            let folder = file.parent().unwrap_or(Path::new("."));
            let mut draft = NamedTempFile::new_in(folder).map_err(not_stored)?;
            draft.write_all(pem.as_bytes()).and_then(|()| draft.as_file().sync_all()).map_err(not_stored)?;
            draft.persist(file).map_err(|error| not_stored(error.error))?;
        }
        Self::read(file, file)
    }

    fn new(chain: Vec<CertificateDer<'static>>, key: PrivateKeyDer<'static>) -> Result<Self, CertificateError> {
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .and_then(|config| config.with_no_client_auth().with_single_cert(chain, key))
            .map_err(CertificateError::Mismatch)?;
        Ok(Self(TlsAcceptor::from(Arc::new(config))))
    }

    /// Performs the server's side of the handshake.
    pub(crate) async fn accept(&self, stream: TcpStream) -> io::Result<TlsStream<TcpStream>> {
        self.0.accept(stream).await
    }
}
