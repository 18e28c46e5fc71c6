//! An IMAP client over TLS, which sends what it is told.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName, pem::PemObject};
use tokio_rustls::rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned, crypto::ring};

/// One IMAP connection.
pub struct ImapClient(BufReader<StreamOwned<ClientConnection, TcpStream>>);

impl ImapClient {
    /// Connects to a server whose certificate is in this PEM file, and reads the greeting.
    pub fn connect(address: &str, certificate: &Path) -> Self {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_file(certificate).expect("a certificate")).expect("a root");
        let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_root_certificates(roots)
            .with_no_client_auth();
        let name = ServerName::try_from("localhost").expect("a name");
        let client = ClientConnection::new(Arc::new(config), name).expect("a client");
        let stream = TcpStream::connect(address).expect("a connection");
        stream.set_nodelay(true).expect("set");
        stream.set_read_timeout(Some(Duration::from_mins(1))).expect("set");
        let mut client = Self(BufReader::new(StreamOwned::new(client, stream)));
        let greeting = client.line();
        assert!(greeting.starts_with("* OK [CAPABILITY IMAP4REV1 "), "{greeting}");
        client
    }

    /// Sends bytes as they are.
    pub fn send(&mut self, text: &str) {
        self.0.get_mut().write_all(text.as_bytes()).expect("sent");
    }

    /// Reads a line, or the empty string if the connection is closed.
    pub fn line(&mut self) -> String {
        let mut line = String::new();
        let _ = self.0.read_line(&mut line);
        line
    }

    /// Sends a command with the tag `a`, and returns every response to it.
    pub fn command(&mut self, command: &str) -> String {
        self.send(&format!("a {command}\r\n"));
        let mut responses = String::new();
        loop {
            let line = self.line();
            responses.push_str(&line);
            if line.is_empty() || line.starts_with("a ") {
                return responses;
            }
            // A literal may hold any line.
            let length = line.trim_end().strip_suffix('}').and_then(|line| line.rsplit_once('{')?.1.parse().ok());
            let mut literal = vec![0; length.unwrap_or(0)];
            self.0.read_exact(&mut literal).expect("the literal");
            responses.push_str(&String::from_utf8_lossy(&literal));
        }
    }
}
