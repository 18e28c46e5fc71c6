//! The SMTP server: accepts connections within the limits and runs a session on each.

use super::handler::MailHandler;
use super::limits::{HANDSHAKE_TIMEOUT, MAX_CONNECTIONS};
use super::line_stream::LineStream;
use super::mail_buffer::MailMemory;
use super::reply;
use super::session::Session;
use super::state::Tls;
use crate::connection_limit::ConnectionLimit;
use crate::shutdown::Shutdown;
use crate::tls::Certificate;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

/// How long a shutdown waits for mails in progress.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(10);

/// Delay before a retry if the operating system cannot accept a connection.
const RETRY_DELAY: Duration = Duration::from_millis(100);

/// An SMTP server in front of a handler.
pub(crate) struct SmtpServer<H> {
    handler: H,
    certificate: Option<Certificate>,
    memory: MailMemory,
}

impl<H: MailHandler + Send + 'static> SmtpServer<H> {
    /// A server that offers STARTTLS if there is a certificate.
    pub(crate) fn new(handler: H, certificate: Option<Certificate>) -> Self {
        Self { handler, certificate, memory: MailMemory::default() }
    }

    /// Serves until the shutdown is requested, then waits for the sessions whose mail is in progress.
    pub(crate) async fn serve(self, listener: TcpListener, mut shutdown: Shutdown) {
        let server = Arc::new(self);
        let permits = Arc::new(Semaphore::new(MAX_CONNECTIONS));
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
            // A reply is one small packet that the peer waits for.
            let _ = stream.set_nodelay(true);
            let (server, shutdown, peer) = (Arc::clone(&server), shutdown.clone(), peer.ip().to_canonical());
            match Arc::clone(&permits).try_acquire_owned() {
                Ok(permit) if limit.try_acquire(peer) => {
                    sessions.spawn(async move {
                        server.run_session(stream, peer, shutdown).await;
                        drop(permit);
                        peer
                    });
                }
                _ => refuse(stream),
            }
        }
        drop(listener);
        let _ = tokio::time::timeout(SHUTDOWN_TIMEOUT, async { while sessions.join_next().await.is_some() {} }).await;
    }

    async fn run_session(&self, stream: TcpStream, peer: IpAddr, shutdown: Shutdown) {
        let tls = if self.certificate.is_some() { Tls::Offered } else { Tls::Unavailable };
        let session =
            |tls, shutdown| Session { handler: &self.handler, peer, tls, memory: self.memory.clone(), shutdown };
        let (Some(stream), Some(certificate)) = (session(tls, shutdown.clone()).run(stream).await, &self.certificate)
        else {
            return;
        };
        let handshake = certificate.accept(stream);
        let Ok(Ok(stream)) = tokio::time::timeout(HANDSHAKE_TIMEOUT, handshake).await else { return };
        session(Tls::Active, shutdown).run(stream).await;
    }
}

/// Refuses a connection over the limits. The server does not wait for it: the reply fits into the socket's send buffer.
fn refuse(stream: TcpStream) {
    let mut lines = LineStream::new(stream);
    lines.queue(&reply::TOO_MANY_CONNECTIONS);
    tokio::spawn(lines.close());
}
