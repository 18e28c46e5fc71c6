//! How many connections each peer holds, so that none can hold them all.

use super::limits::MOST_FROM_ONE_PEER;
use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};

/// The peers that are connected.
#[derive(Default)]
pub(super) struct Peers(HashMap<IpAddr, usize>);

impl Peers {
    /// Counts a peer's new connection in, unless it holds as many as one may. This machine itself may hold any number.
    pub(super) fn admit(&mut self, peer: IpAddr) -> bool {
        let held = self.0.entry(network(peer)).or_default();
        let admitted = *held < MOST_FROM_ONE_PEER || peer.is_loopback();
        *held += usize::from(admitted);
        admitted
    }

    /// Counts a connection out.
    pub(super) fn part(&mut self, peer: IpAddr) {
        let network = network(peer);
        if let Some(held) = self.0.get_mut(&network) {
            *held = held.saturating_sub(1);
            if *held == 0 {
                self.0.remove(&network);
            }
        }
    }
}

/// What counts as one peer: an address, and of IPv6 the 64 bits that a household or a server gets (RFC 6177).
fn network(peer: IpAddr) -> IpAddr {
    match peer {
        IpAddr::V4(_) => peer,
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() >> 64 << 64)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn no_peer_holds_more_than_its_share() {
        let (one, other) = (address("192.0.2.1"), address("192.0.2.2"));
        let mut peers = Peers::default();
        assert!((0..MOST_FROM_ONE_PEER).all(|_| peers.admit(one)));
        assert!(!peers.admit(one));
        assert!(peers.admit(other), "the next peer is not its neighbour");
        peers.part(one);
        assert!(peers.admit(one), "who leaves makes room");
    }

    #[test]
    fn a_network_of_ipv6_is_one_peer() {
        let mut peers = Peers::default();
        assert!((0..MOST_FROM_ONE_PEER).all(|host| peers.admit(address(&format!("2001:db8::{host:x}")))));
        assert!(!peers.admit(address("2001:db8::ffff:1")));
        assert!(peers.admit(address("2001:db8:0:1::1")));
    }

    #[test]
    fn nothing_is_kept_of_who_has_left() {
        let mut peers = Peers::default();
        for host in 0..100 {
            let peer = address(&format!("192.0.2.{host}"));
            assert!(peers.admit(peer));
            peers.part(peer);
        }
        assert!(peers.0.is_empty());
    }
}
