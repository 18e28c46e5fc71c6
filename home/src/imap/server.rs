//! The IMAP server: accepts TLS connections within the limits and runs a session on each.

use super::limits::{HANDSHAKE_TIMEOUT, KEEP_ALIVE, MAX_CONNECTIONS};
use super::session::Session;
use crate::acceptor::Acceptor;
use crate::codes::CodeSource;
use crate::now::now;
use crate::shutdown::Shutdown;
use crate::tls::Certificate;
use rustix::net::sockopt;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};

/// How long a shutdown waits for sessions to say goodbye.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(5);

/// An IMAP server in front of a source of codes. TLS starts with the connection (RFC 8314), as all known clients do.
pub struct ImapServer<S> {
    source: S,
    certificate: Certificate,
}

impl<S: CodeSource + Send + 'static> ImapServer<S> {
    /// A server with this certificate.
    pub fn new(source: S, certificate: Certificate) -> Self {
        Self { source, certificate }
    }

    /// Serves until the shutdown is requested.
    pub async fn serve(self, listener: TcpListener, shutdown: Shutdown) {
        let server = Arc::new(self);
        let acceptor = Acceptor { max_connections: MAX_CONNECTIONS, shutdown_timeout: SHUTDOWN_TIMEOUT };
        let session = |stream, _| {
            let (server, shutdown) = (Arc::clone(&server), shutdown.clone());
            async move { server.run_session(stream, shutdown).await }
        };
        // One over the limits is closed: before the handshake there is nothing that a client would read.
        acceptor.run(listener, shutdown.clone(), session, drop).await;
    }

    async fn run_session(&self, stream: TcpStream, mut shutdown: Shutdown) {
        // Sessions last for days, and a client that is gone would hold its connection for ever.
        let _ = sockopt::set_socket_keepalive(&stream, true);
        let _ = sockopt::set_tcp_keepidle(&stream, KEEP_ALIVE);
        let handshake = tokio::time::timeout(HANDSHAKE_TIMEOUT, self.certificate.accept(stream));
        let stream = tokio::select! {
            stream = handshake => stream,
            () = shutdown.requested() => return,
        };
        let Ok(Ok(stream)) = stream else { return };
        Session { source: &self.source, now, shutdown }.run(stream).await;
    }
}
