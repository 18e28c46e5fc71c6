//! The open connections, within limits.
//!
//! No connection is refused and none waits for a place: one over a limit takes the place of the one that has been silent
//! longest. So a stranger who opens connections and sends nothing closes only such connections, a client that polls keeps
//! its own, and one that comes new is answered at once.

use crate::peer::network;
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::oneshot;

/// Concurrent connections.
const MAX_CONNECTIONS: usize = 512;

/// Concurrent connections of one peer. Loopback addresses have no limit of their own: a reverse proxy on this machine
/// brings the connections of everybody.
const MAX_CONNECTIONS_PER_PEER: usize = 64;

/// The open connections; cheap to clone.
#[derive(Clone, Default)]
pub(super) struct Connections(Arc<Mutex<Open>>);

#[derive(Default)]
struct Open {
    by_id: HashMap<u64, Connection>,
    /// Counts admissions and uses: a connection's id, and the order of uses.
    counter: u64,
}

struct Connection {
    peer: IpAddr,
    last_used: u64,
    _closes_when_dropped: oneshot::Sender<()>,
}

/// An admitted connection; it counts as open until this is dropped.
pub(super) struct Admission {
    id: u64,
    connections: Connections,
}

impl Connections {
    /// Admits a connection of `peer`. The receiver completes when the connection must be closed for the sake of another.
    pub(super) fn admit(&self, peer: IpAddr) -> (Admission, oneshot::Receiver<()>) {
        let (sender, evicted) = oneshot::channel();
        let id = self.lock().admit(network(peer), sender);
        (Admission { id, connections: self.clone() }, evicted)
    }

    fn lock(&self) -> MutexGuard<'_, Open> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Open {
    fn admit(&mut self, peer: IpAddr, sender: oneshot::Sender<()>) -> u64 {
        let of_peer = self.by_id.values().filter(|connection| connection.peer == peer).count();
        if of_peer >= MAX_CONNECTIONS_PER_PEER && !peer.is_loopback() {
            self.evict(|connection| connection.peer == peer);
        } else if self.by_id.len() >= MAX_CONNECTIONS {
            self.evict(|_| true);
        }
        self.counter += 1;
        let connection = Connection { peer, last_used: self.counter, _closes_when_dropped: sender };
        self.by_id.insert(self.counter, connection);
        self.counter
    }

    /// Closes the connection that has been silent longest, of those that `may_go`.
    fn evict(&mut self, may_go: impl Fn(&Connection) -> bool) {
        let candidates = self.by_id.iter().filter(|(_, connection)| may_go(connection));
        let longest_silent = candidates.min_by_key(|(_, connection)| connection.last_used).map(|(&id, _)| id);
        longest_silent.and_then(|id| self.by_id.remove(&id));
    }
}

impl Admission {
    /// Notes that the client has sent a request.
    pub(super) fn note_use(&self) {
        let mut open = self.connections.lock();
        open.counter += 1;
        let now = open.counter;
        if let Some(connection) = open.by_id.get_mut(&self.id) {
            connection.last_used = now;
        }
    }
}

impl Drop for Admission {
    fn drop(&mut self) {
        self.connections.lock().by_id.remove(&self.id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Admitted = (Admission, oneshot::Receiver<()>);

    fn peer(number: usize) -> IpAddr {
        IpAddr::from([192, 0, u8::try_from(number / 250).expect("few"), u8::try_from(number % 250).expect("few")])
    }

    fn is_open((_, evicted): &mut Admitted) -> bool {
        evicted.try_recv() == Err(oneshot::error::TryRecvError::Empty)
    }

    fn closed(admitted: &mut [Admitted]) -> Vec<usize> {
        (0..admitted.len()).filter(|&index| !is_open(&mut admitted[index])).collect()
    }

    #[test]
    fn a_connection_over_the_limit_replaces_the_one_that_has_been_silent_longest() {
        let connections = Connections::default();
        let mut admitted: Vec<_> = (0..MAX_CONNECTIONS).map(|number| connections.admit(peer(number))).collect();
        admitted[0].0.note_use();
        admitted.push(connections.admit(peer(600)));
        assert_eq!(closed(&mut admitted), [1], "the first has been used");
        admitted.push(connections.admit(peer(601)));
        assert_eq!(closed(&mut admitted), [1, 2]);
        assert_eq!(connections.lock().by_id.len(), MAX_CONNECTIONS);
    }

    #[test]
    fn a_peer_over_its_limit_loses_a_connection_of_its_own() {
        let connections = Connections::default();
        let mut other = connections.admit(peer(2));
        let mut admitted: Vec<_> = (0..=MAX_CONNECTIONS_PER_PEER).map(|_| connections.admit(peer(1))).collect();
        assert_eq!(closed(&mut admitted), [0]);
        assert!(is_open(&mut other));
    }

    #[test]
    fn loopback_has_no_limit_of_its_own() {
        let connections = Connections::default();
        let mut admitted: Vec<_> =
            (0..MAX_CONNECTIONS).map(|_| connections.admit(IpAddr::from([127, 0, 0, 1]))).collect();
        assert_eq!(closed(&mut admitted), [0; 0]);
    }

    #[test]
    fn a_closed_connection_makes_room() {
        let connections = Connections::default();
        let mut admitted: Vec<_> = (0..MAX_CONNECTIONS).map(|number| connections.admit(peer(number))).collect();
        admitted.pop();
        admitted.push(connections.admit(peer(600)));
        assert_eq!(closed(&mut admitted), [0; 0]);
        admitted.clear();
        assert!(connections.lock().by_id.is_empty());
    }
}
