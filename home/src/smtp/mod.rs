//! SMTP in: mails for the relay's own addresses, judged before they are accepted.
//!
//! The grammar is smtp-proto's; the session is our own, because it must not hand a mail over to a queue: `250` is said
//! only once the code stands where its client looks, and everything else is the peer's to send again.

mod connection_limit;
#[cfg(test)]
mod fake;
mod limits;
mod line_stream;
mod relay_handler;
mod reply;
mod session;
mod state;
mod tls;

pub use tls::{Certificate, CertificateError};

use super::evidence::Checker;
use super::jobs::Jobs;
use super::shutdown::Stop;
use connection_limit::Peers;
use limits::{HANDSHAKE, MOST_CONNECTIONS};
use line_stream::Wire;
use relay_handler::Counter;
use session::Session;
use state::Privacy;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

/// How long mails under way may take once the relay stops.
const LAST_MAILS: Duration = Duration::from_secs(10);

/// How long to wait when the operating system has no connection to give.
const PAUSE: Duration = Duration::from_millis(100);

/// Who answers peers.
pub(super) struct Door {
    counter: Counter,
    certificate: Option<Certificate>,
}

impl Door {
    pub(super) fn new(jobs: Jobs, checker: Checker, certificate: Option<Certificate>) -> Self {
        Self { counter: Counter { jobs, checker }, certificate }
    }

    /// Answers peers until the relay stops, and then those whose mail is under way.
    pub(super) async fn serve(self, listener: TcpListener, mut stop: Stop) {
        let door = Arc::new(self);
        let places = Arc::new(Semaphore::new(MOST_CONNECTIONS));
        let mut sessions = JoinSet::new();
        let mut peers = Peers::default();
        loop {
            let accepted = tokio::select! {
                accepted = listener.accept() => accepted,
                Some(ended) = sessions.join_next() => {
                    if let Ok(peer) = ended {
                        peers.part(peer);
                    }
                    continue;
                }
                () = stop.wait() => break,
            };
            let Ok((stream, peer)) = accepted else {
                tokio::time::sleep(PAUSE).await;
                continue;
            };
            // A reply is one small packet that the peer waits for.
            let _ = stream.set_nodelay(true);
            let (door, stop, peer) = (Arc::clone(&door), stop.clone(), peer.ip().to_canonical());
            match Arc::clone(&places).try_acquire_owned() {
                Ok(place) if peers.admit(peer) => {
                    sessions.spawn(async move {
                        door.attend(stream, peer, stop).await;
                        drop(place);
                        peer
                    });
                }
                _ => turn_away(stream),
            }
        }
        drop(listener);
        let _ = tokio::time::timeout(LAST_MAILS, async { while sessions.join_next().await.is_some() {} }).await;
    }

    async fn attend(&self, stream: TcpStream, peer: IpAddr, stop: Stop) {
        let privacy = if self.certificate.is_some() { Privacy::Offered } else { Privacy::None };
        let clear = Session { desk: &self.counter, peer, privacy, stop: stop.clone() };
        let (Some(stream), Some(certificate)) = (clear.hold(stream).await, &self.certificate) else { return };
        let handshake = certificate.accept(stream);
        let Ok(Ok(stream)) = tokio::time::timeout(HANDSHAKE, handshake).await else { return };
        let encrypted = Session { desk: &self.counter, peer, privacy: Privacy::Encrypted, stop };
        encrypted.hold(stream).await;
    }
}

/// Answers without waiting for anything: the words fit into the connection's buffer.
fn turn_away(stream: TcpStream) {
    let mut wire = Wire::new(stream);
    wire.say(&reply::TOO_MANY_CONNECTIONS);
    tokio::spawn(wire.part());
}
