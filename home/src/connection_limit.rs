//! Connections per peer, so that one peer cannot occupy all of them.

use crate::peer::network;
use std::collections::HashMap;
use std::net::IpAddr;

/// Concurrent connections of one peer. A forwarder sends the codes of a whole family over one or two.
const MAX_CONNECTIONS_PER_PEER: usize = 32;

/// Counts the open connections of each peer.
#[derive(Default)]
pub(crate) struct ConnectionLimit(HashMap<IpAddr, usize>);

impl ConnectionLimit {
    /// Counts a new connection. Returns `false`, without counting, if the peer has [`MAX_CONNECTIONS_PER_PEER`] already;
    /// loopback addresses have no limit.
    pub(crate) fn try_acquire(&mut self, peer: IpAddr) -> bool {
        let open = self.0.entry(network(peer)).or_default();
        let acquired = *open < MAX_CONNECTIONS_PER_PEER || peer.is_loopback();
        *open += usize::from(acquired);
        acquired
    }

    /// Counts a connection as closed.
    pub(crate) fn release(&mut self, peer: IpAddr) {
        let network = network(peer);
        if let Some(open) = self.0.get_mut(&network) {
            *open = open.saturating_sub(1);
            if *open == 0 {
                self.0.remove(&network);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn a_peer_cannot_exceed_its_limit() {
        let (one, other) = (address("192.0.2.1"), address("192.0.2.2"));
        let mut limit = ConnectionLimit::default();
        assert!((0..MAX_CONNECTIONS_PER_PEER).all(|_| limit.try_acquire(one)));
        assert!(!limit.try_acquire(one));
        assert!(limit.try_acquire(other), "another address is another peer");
        limit.release(one);
        assert!(limit.try_acquire(one));
    }

    #[test]
    fn a_peer_without_connections_uses_no_memory() {
        let mut limit = ConnectionLimit::default();
        for host in 0..100 {
            let peer = address(&format!("192.0.2.{host}"));
            assert!(limit.try_acquire(peer));
            limit.release(peer);
        }
        assert!(limit.0.is_empty());
    }
}
