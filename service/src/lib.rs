//! The jobs of mfa-relay: prestage, receive, expire and enroll, written once for every edge.
//!
//! Each job is a struct of the [ports] it uses and one method. An edge implements the ports, calls the method and writes
//! what was decided, a [`Decision`], to its log. A job orders steps and retries; the rules are in [`relay`].

pub mod decision;
pub mod dialects;
pub mod enroll;
pub mod expire;
pub mod ports;
pub mod prestage;
pub mod receive;

#[cfg(any(test, feature = "conformance"))]
pub mod conformance;

mod transition;

#[cfg(test)]
mod memory;
#[cfg(test)]
mod test_support;

pub use decision::Decision;
pub use ports::Unavailable;

/// Bytes of the operating system's randomness.
fn random<const N: usize>() -> Result<[u8; N], Unavailable> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| Unavailable { operation: "getrandom", cause: error.to_string() })?;
    Ok(bytes)
}
