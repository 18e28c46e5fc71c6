//! The IMAP server: accepts TLS connections within the limits and runs a session on each.

use super::limits::{HANDSHAKE_TIMEOUT, KEEP_ALIVE, MAX_CONNECTIONS};
use super::session::Session;
use crate::codes::CodeSource;
use crate::connection_limit::ConnectionLimit;
use crate::now::now;
use crate::shutdown::Shutdown;
use crate::tls::Certificate;
use rustix::net::sockopt;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

/// How long a shutdown waits for sessions to say goodbye.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(5);

/// Delay before a retry if the operating system cannot accept a connection.
const RETRY_DELAY: Duration = Duration::from_millis(100);

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
    pub async fn serve(self, listener: TcpListener, mut shutdown: Shutdown) {
        let server = Arc::new(self);
        let mut sessions = JoinSet::new();
        let mut limit = ConnectionLimit::default();
        loop {
            let accepted = tokio::select! {
                accepted = listener.accept() => accepted,
                Some(ended) = sessions.join_next() => {
                    if let Ok(peer) = ended {
                        limit.release(peer);
                    }
                    continue;
                }
                () = shutdown.requested() => break,
            };
            let Ok((stream, peer)) = accepted else {
                tokio::time::sleep(RETRY_DELAY).await;
                continue;
            };
            let peer = peer.ip().to_canonical();
            // One over the limits is closed: before the handshake there is nothing that a client would read.
            if sessions.len() < MAX_CONNECTIONS && limit.try_acquire(peer) {
                let (server, shutdown) = (Arc::clone(&server), shutdown.clone());
                sessions.spawn(async move {
                    server.run_session(stream, shutdown).await;
                    peer
                });
            }
        }
        drop(listener);
        let _ = tokio::time::timeout(SHUTDOWN_TIMEOUT, async { while sessions.join_next().await.is_some() {} }).await;
    }

    async fn run_session(&self, stream: TcpStream, mut shutdown: Shutdown) {
        // A response is one small packet that the client waits for.
        let _ = stream.set_nodelay(true);
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
