//! The functions' configuration: environment variables, all set by `template.yaml`.

use jiff::SignedDuration;
use relay::mailbox::AddressKey;
use relay::relay_address::RelayAddress;
use relay::request::WINDOW_SECONDS;

/// Why a function cannot start: a variable is missing or invalid. Lambda logs it when the function exits.
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

/// Reads a required variable.
///
/// # Errors
/// It is missing or empty.
pub fn text(name: &'static str) -> Result<String, Misconfigured> {
    std::env::var(name).ok().filter(|value| !value.is_empty()).ok_or(Misconfigured { name, problem: "missing" })
}

/// `RELAY_ADDRESS`: the plain relay address.
///
/// # Errors
/// It is missing, or not a plain mail address.
pub fn relay_address() -> Result<RelayAddress, Misconfigured> {
    const NAME: &str = "RELAY_ADDRESS";
    RelayAddress::parse(&text(NAME)?).map_err(|_| Misconfigured { name: NAME, problem: "not a plain mail address" })
}

/// `ADDRESS_KEY`: the stack's UUID, the key of the HMAC of addresses.
///
/// # Errors
/// It is missing.
pub fn address_key() -> Result<AddressKey, Misconfigured> {
    text("ADDRESS_KEY").map(|key| AddressKey::new(&key))
}

/// `WINDOW_SECONDS`: the window of a request, in seconds.
///
/// # Errors
/// It is missing, or not a number in [`WINDOW_SECONDS`].
pub fn window_seconds() -> Result<u16, Misconfigured> {
    const NAME: &str = "WINDOW_SECONDS";
    let seconds = text(NAME)?.parse().ok().filter(|seconds| WINDOW_SECONDS.contains(seconds));
    seconds.ok_or(Misconfigured { name: NAME, problem: "not a number of seconds in the range" })
}

/// The longest pause of receiving, in hours: a week.
const LONGEST_PAUSE: i64 = 168;

/// `PAUSE_HOURS`: how long receiving pauses after a flood, in hours.
///
/// # Errors
/// It is missing, or not a number from 1 to 168.
pub fn pause() -> Result<SignedDuration, Misconfigured> {
    const NAME: &str = "PAUSE_HOURS";
    let hours = text(NAME)?.parse().ok().filter(|hours| (1..=LONGEST_PAUSE).contains(hours));
    hours
        .map(SignedDuration::from_hours)
        .ok_or(Misconfigured { name: NAME, problem: "not a number of hours in the range" })
}
