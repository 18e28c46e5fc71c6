//! The jobs of mfa-relay: prestage, receive, expire and enroll, written once for every edge.
//!
//! Each job is a struct of the [ports](port) that it uses and one verb that does it. An edge implements the ports and
//! calls the verb; it decides nothing. The rules themselves are in [`relay`].

pub mod enroll;
pub mod expire;
pub mod port;
pub mod prestage;
pub mod receive;

mod advance;

#[cfg(test)]
mod household;
#[cfg(test)]
mod memory;

use port::{Answer, Unavailable};

/// Bytes of the operating system's randomness.
fn random<const N: usize>() -> Answer<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| Unavailable { operation: "getrandom", cause: error.to_string() })?;
    Ok(bytes)
}
