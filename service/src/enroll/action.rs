//! What the owner can ask for.

use super::Error;
use relay::address::Address;
use relay::enrolment::{Label, Trust};
use relay::mailbox::Mailbox;
use relay::relay_address::RelayAddress;
use serde_json::Value;

/// One request to `enroll` (DESIGN section 3.4).
#[derive(Debug)]
pub enum Action {
    /// Enrols a mailbox with its first program.
    Add(Add),
    /// Renews a program's token.
    Rotate(Rotate),
    /// Ends the enrolment.
    Revoke(Mailbox),
    /// Shows what is known of a mailbox.
    Show(Mailbox),
    /// Shows what is known of every enrolment. No address is known.
    List,
    /// Adds, revokes or lists programs of a mailbox.
    Token(Mailbox, TokenAction),
}

/// A new enrolment.
#[derive(Debug)]
pub struct Add {
    pub(super) mailbox: Mailbox,
    pub(super) trust: Trust,
    pub(super) label: Label,
}

/// A renewal.
#[derive(Debug)]
pub struct Rotate {
    pub(super) mailbox: Mailbox,
    /// Which program's token; `None` if the mailbox has one program.
    pub(super) label: Option<Label>,
    /// A new trust.
    pub(super) trust: Option<Trust>,
    pub(super) relay_address: AddressChange,
}

/// What is done with a mailbox's programs.
#[derive(Debug)]
pub enum TokenAction {
    /// Adds a program with a token of its own.
    Add(Label),
    /// Revokes a program's token.
    Revoke(Label),
    /// Lists the programs, without any secret.
    List,
}

/// Whether the relay address is renewed along with a token. A new one needs a new forwarding rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AddressChange {
    /// It stays.
    Keep,
    /// There is a new tag, and mail to the old relay address is refused.
    Renew,
}

impl Action {
    /// Parses `{"action", "mailbox", "trust", "label", "address", "do"}`. Fields that the action does not use are ignored.
    ///
    /// # Errors
    /// [`Error::InvalidRequest`] with a sentence that says what to give.
    pub fn parse(event: &Value, relay_address: &RelayAddress) -> Result<Self, Error> {
        let mailbox = || mailbox(event, relay_address);
        match event.get("action").and_then(Value::as_str) {
            Some("add") => {
                let (trust, label) = (trust(event)?.unwrap_or_default(), label(event)?.unwrap_or_default());
                Ok(Self::Add(Add { mailbox: mailbox()?, trust, label }))
            }
            Some("rotate") => {
                let relay_address = address_change(event)?;
                Ok(Self::Rotate(Rotate {
                    mailbox: mailbox()?,
                    label: label(event)?,
                    trust: trust(event)?,
                    relay_address,
                }))
            }
            Some("revoke") => Ok(Self::Revoke(mailbox()?)),
            Some("show") => Ok(Self::Show(mailbox()?)),
            Some("list") => Ok(Self::List),
            Some("token") => {
                let label = || {
                    label(event)?.ok_or(Error::InvalidRequest(
                        "Give in \"label\" the name of the program, for example recorder.",
                    ))
                };
                let action = match event.get("do").and_then(Value::as_str) {
                    Some("add") => TokenAction::Add(label()?),
                    Some("revoke") => TokenAction::Revoke(label()?),
                    Some("list") => TokenAction::List,
                    _ => return Err(Error::InvalidRequest("Give in \"do\" one of add, revoke and list.")),
                };
                Ok(Self::Token(mailbox()?, action))
            }
            _ => Err(Error::InvalidRequest("Give in \"action\" one of add, rotate, revoke, show, list and token.")),
        }
    }
}

fn mailbox(event: &Value, relay_address: &RelayAddress) -> Result<Mailbox, Error> {
    const EXPECTED: Error =
        Error::InvalidRequest("Give in \"mailbox\" the address that receives the codes, for example me@gmail.com.");
    let address =
        event.get("mailbox").and_then(Value::as_str).and_then(|text| Address::parse(text.trim())).ok_or(EXPECTED)?;
    if relay_address.destination(&address).is_some() {
        return Err(Error::InvalidRequest(
            "This is the relay address. Give in \"mailbox\" the address that forwards to it, for example me@gmail.com.",
        ));
    }
    Mailbox::of(&address).map_err(|_| EXPECTED)
}

fn trust(event: &Value) -> Result<Option<Trust>, Error> {
    let Some(word) = event.get("trust") else { return Ok(None) };
    let trust = word.as_str().and_then(Trust::parse);
    trust.map(Some).ok_or(Error::InvalidRequest("Give in \"trust\" one of signed, forwarded and addressed."))
}

/// An empty label is a label that was not given.
fn label(event: &Value) -> Result<Option<Label>, Error> {
    let label = event.get("label").filter(|label| label.as_str() != Some(""));
    let Some(label) = label else { return Ok(None) };
    let label = label.as_str().and_then(Label::parse);
    label
        .map(Some)
        .ok_or(Error::InvalidRequest("Give in \"label\" a name of 1 to 64 characters, for example garden cameras."))
}

fn address_change(event: &Value) -> Result<AddressChange, Error> {
    match event.get("address") {
        None | Some(Value::Bool(false)) => Ok(AddressChange::Keep),
        Some(Value::Bool(true)) => Ok(AddressChange::Renew),
        Some(_) => Err(Error::InvalidRequest("Give in \"address\" true to renew the relay address as well.")),
    }
}
