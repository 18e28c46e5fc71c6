//! The functions' configuration. `template.yaml` sets all of it.

use relay::mailbox::AddressKey;
use relay::relay_address::RelayAddress;

/// Why a function cannot start. It is said once, in the log of the first invocation.
#[derive(Debug, thiserror::Error)]
#[error("the environment variable {name} is {problem}; deploy the stack again from its template")]
pub struct Misconfigured {
    name: &'static str,
    problem: &'static str,
}

impl Misconfigured {
    pub(crate) fn new(name: &'static str, problem: &'static str) -> Self {
        Self { name, problem }
    }
}

/// Reads a variable that must be there.
///
/// # Errors
/// It is missing or empty.
pub fn text(name: &'static str) -> Result<String, Misconfigured> {
    std::env::var(name).ok().filter(|value| !value.is_empty()).ok_or(Misconfigured { name, problem: "missing" })
}

/// `RELAY_ADDRESS`: the plain relay address.
///
/// # Errors
/// It is missing, or no plain mail address.
pub fn relay_address() -> Result<RelayAddress, Misconfigured> {
    const NAME: &str = "RELAY_ADDRESS";
    RelayAddress::parse(&text(NAME)?).map_err(|_| Misconfigured { name: NAME, problem: "not a plain mail address" })
}

/// `ADDRESS_KEY`: the stack's UUID, under which addresses are hashed.
///
/// # Errors
/// It is missing.
pub fn address_key() -> Result<AddressKey, Misconfigured> {
    text("ADDRESS_KEY").map(|key| AddressKey::new(&key))
}

/// `WINDOW_SECONDS`: how long a request waits.
///
/// # Errors
/// It is missing, or no number of seconds from 1 to 3600.
pub fn window_seconds() -> Result<u16, Misconfigured> {
    const NAME: &str = "WINDOW_SECONDS";
    let seconds = text(NAME)?.parse().ok().filter(|seconds| (1..=3600).contains(seconds));
    seconds.ok_or(Misconfigured { name: NAME, problem: "not a number of seconds from 1 to 3600" })
}
