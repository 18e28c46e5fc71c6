//! What the owner can ask for.

use super::Failure;
use relay::address::Address;
use relay::enrolment::Trust;
use relay::mailbox::Mailbox;
use relay::relay_address::RelayAddress;
use serde_json::Value;

/// The longest label, in characters.
const LONGEST_LABEL: usize = 64;

/// One request to `enroll` (DESIGN section 3.4).
#[derive(Debug)]
pub enum Action {
    /// Enrol a mailbox.
    Add(Add),
    /// Renew its token.
    Rotate(Rotate),
    /// End its enrolment.
    Revoke(Mailbox),
    /// Tell what is known of it.
    Show(Mailbox),
    /// Tell what is known of all, and no address.
    List,
}

/// A new enrolment.
#[derive(Debug)]
pub struct Add {
    pub(super) mailbox: Mailbox,
    pub(super) trust: Trust,
    pub(super) label: String,
}

/// A renewal.
#[derive(Debug)]
pub struct Rotate {
    pub(super) mailbox: Mailbox,
    pub(super) trust: Option<Trust>,
    pub(super) addressing: Addressing,
}

/// Whether the relay address is renewed along with the token: a new one means a new forwarding rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Addressing {
    /// The relay address stays.
    Keep,
    /// A new tag; the old relay address stops.
    Renew,
}

impl Action {
    /// Reads `{"action", "mailbox", "trust", "label", "address"}`; what the action does not use is ignored.
    ///
    /// # Errors
    /// [`Failure::InvalidRequest`] with a sentence that says what to give.
    pub fn read(event: &Value, relay_address: &RelayAddress) -> Result<Self, Failure> {
        let mailbox = || mailbox(event, relay_address);
        match event.get("action").and_then(Value::as_str) {
            Some("add") => {
                let trust = trust(event)?.unwrap_or_default();
                Ok(Self::Add(Add { mailbox: mailbox()?, trust, label: label(event)? }))
            }
            Some("rotate") => {
                let addressing = addressing(event)?;
                Ok(Self::Rotate(Rotate { mailbox: mailbox()?, trust: trust(event)?, addressing }))
            }
            Some("revoke") => Ok(Self::Revoke(mailbox()?)),
            Some("show") => Ok(Self::Show(mailbox()?)),
            Some("list") => Ok(Self::List),
            _ => Err(Failure::InvalidRequest("Give in \"action\" one of add, rotate, revoke, show and list.")),
        }
    }
}

fn mailbox(event: &Value, relay_address: &RelayAddress) -> Result<Mailbox, Failure> {
    const WANTED: Failure =
        Failure::InvalidRequest("Give in \"mailbox\" the address that receives the codes, for example me@gmail.com.");
    let address =
        event.get("mailbox").and_then(Value::as_str).and_then(|text| Address::parse(text.trim())).ok_or(WANTED)?;
    if relay_address.place(&address).is_some() {
        return Err(Failure::InvalidRequest(
            "This is the relay address. Give in \"mailbox\" the address that forwards to it, for example me@gmail.com.",
        ));
    }
    Mailbox::of(&address).map_err(|_| WANTED)
}

fn trust(event: &Value) -> Result<Option<Trust>, Failure> {
    let Some(word) = event.get("trust") else { return Ok(None) };
    let trust = word.as_str().and_then(Trust::parse);
    trust.map(Some).ok_or(Failure::InvalidRequest("Give in \"trust\" one of signed, forwarded and addressed."))
}

fn label(event: &Value) -> Result<String, Failure> {
    let Some(label) = event.get("label") else { return Ok(String::new()) };
    label
        .as_str()
        .filter(|text| text.chars().count() <= LONGEST_LABEL && !text.contains(char::is_control))
        .map(str::to_owned)
        .ok_or(Failure::InvalidRequest(
            "Give in \"label\" a name of at most 64 characters, for example garden cameras.",
        ))
}

fn addressing(event: &Value) -> Result<Addressing, Failure> {
    match event.get("address") {
        None | Some(Value::Bool(false)) => Ok(Addressing::Keep),
        Some(Value::Bool(true)) => Ok(Addressing::Renew),
        Some(_) => Err(Failure::InvalidRequest("Give in \"address\" true to renew the relay address as well.")),
    }
}
