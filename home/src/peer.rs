//! What counts as one peer.

use std::net::{IpAddr, Ipv6Addr};

/// The network of a peer, which counts as one peer: an IPv4 address, or an IPv6 /64, which is the least that one site gets
/// (RFC 6177).
pub(crate) fn network(peer: IpAddr) -> IpAddr {
    match peer.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() >> 64 << 64)),
        address @ IpAddr::V4(_) => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ipv4_address_and_a_64_bit_network_of_ipv6_are_one_peer() {
        for (address, expected) in [
            ("192.0.2.1", "192.0.2.1"),
            ("::ffff:192.0.2.1", "192.0.2.1"),
            ("2001:db8::ffff:1", "2001:db8::"),
            ("2001:db8:0:1::1", "2001:db8:0:1::"),
        ] {
            assert_eq!(network(address.parse().expect("an address")).to_string(), expected);
        }
    }
}
