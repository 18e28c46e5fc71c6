//! The SMTP server: accepts connections within the limits and runs a session on each.

use super::handler::MailHandler;
use super::limits::{HANDSHAKE_TIMEOUT, MAX_CONNECTIONS};
use super::line_stream::LineStream;
use super::mail_buffer::MailMemory;
use super::reply;
use super::session::Session;
use super::state::Tls;
use crate::acceptor::Acceptor;
use crate::shutdown::Shutdown;
use crate::tls::Certificate;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};

/// How long a shutdown waits for mails in progress.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(10);

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
    pub(crate) async fn serve(self, listener: TcpListener, shutdown: Shutdown) {
        let server = Arc::new(self);
        let acceptor = Acceptor { max_connections: MAX_CONNECTIONS, shutdown_timeout: SHUTDOWN_TIMEOUT };
        let session = |stream, peer| {
            let (server, shutdown) = (Arc::clone(&server), shutdown.clone());
            async move { server.run_session(stream, peer, shutdown).await }
        };
        acceptor.run(listener, shutdown.clone(), session, refuse).await;
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
