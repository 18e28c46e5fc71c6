//! Accepts connections within limits, for servers whose sessions last, and waits for the sessions at a shutdown.

use crate::connection_limit::ConnectionLimit;
use crate::shutdown::Shutdown;
use std::net::IpAddr;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

/// Delay before a retry if the operating system cannot accept a connection.
const RETRY_DELAY: Duration = Duration::from_millis(100);

/// What differs from one server to another.
pub(crate) struct Acceptor {
    /// Concurrent connections.
    pub(crate) max_connections: usize,
    /// How long a shutdown waits for the sessions.
    pub(crate) shutdown_timeout: Duration,
}

impl Acceptor {
    /// Runs a session for each connection until the shutdown is requested. `refuse` gets the connections over a limit and
    /// must not block.
    pub(crate) async fn run<S>(
        self,
        listener: TcpListener,
        mut shutdown: Shutdown,
        session: impl Fn(TcpStream, IpAddr) -> S,
        refuse: impl Fn(TcpStream),
    ) where
        S: Future<Output = ()> + Send + 'static,
    {
        let mut sessions = JoinSet::new();
        let mut limit = ConnectionLimit::default();
        loop {
            let accepted = tokio::select! {
                // A connection that comes just after one has ended finds its place.
                biased;
                () = shutdown.requested() => break,
                Some(ended) = sessions.join_next() => {
                    if let Ok(peer) = ended {
                        limit.release(peer);
                    }
                    continue;
                }
                accepted = listener.accept() => accepted,
            };
            let Ok((stream, peer)) = accepted else {
                tokio::time::sleep(RETRY_DELAY).await;
                continue;
            };
            // Responses are small packets that the peer waits for.
            let _ = stream.set_nodelay(true);
            let peer = peer.ip().to_canonical();
            if sessions.len() < self.max_connections && limit.try_acquire(peer) {
                let session = session(stream, peer);
                sessions.spawn(async move {
                    session.await;
                    peer
                });
            } else {
                refuse(stream);
            }
        }
        drop(listener);
        let all_end = async { while sessions.join_next().await.is_some() {} };
        let _ = tokio::time::timeout(self.shutdown_timeout, all_end).await;
    }
}
