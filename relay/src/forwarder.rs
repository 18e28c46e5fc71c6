//! What forwarders write into a mail that passes through them (FACTS section 2).
//!
//! A forwarder replaces the envelope sender so that bounces come to itself, and most encode in it the mailbox that they
//! forward for. Most also add a header field of their own.

use crate::address::Address;
use crate::mail::Mail;
use crate::mailbox::Mailbox;

/// A kind of host that passes mails on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Forwarder {
    /// Gmail and Google Workspace.
    Gmail,
    /// Microsoft 365 and outlook.com.
    Microsoft,
    /// A host that rewrites the envelope sender by SRS and is not known otherwise.
    Srs,
    /// A mailbox with a Sieve script.
    Sieve,
    /// Proton Mail.
    Proton,
}

impl Forwarder {
    /// The word by which it is shown, e.g. `gmail`.
    pub fn word(self) -> &'static str {
        self.into()
    }

    /// The forwarders that a mail's header fields name, the last hop first. Anyone can write such fields: they explain a
    /// mail and prove nothing about it.
    pub fn named_in(mail: &Mail<'_>) -> Vec<Self> {
        let mut named = Vec::new();
        for forwarder in mail.fields().filter_map(|(name, value)| Self::writing(name, &value)) {
            if !named.contains(&forwarder) {
                named.push(forwarder);
            }
        }
        named
    }

    /// The forwarder that writes such a header field.
    fn writing(name: &str, value: &str) -> Option<Self> {
        match name.to_ascii_lowercase().as_str() {
            "return-path" => Self::rewriting(&Address::parse(value.trim().trim_matches(['<', '>']))?),
            // Web proxies have a field of the same name in HTTP, with one value in it.
            "x-forwarded-for" => (value.matches('@').count() == 2).then_some(Self::Gmail),
            "x-forwarded-to" => Some(Self::Gmail),
            "x-ms-exchange-inbox-rules-loop" => Some(Self::Microsoft),
            "x-sieve-redirected-from" => Some(Self::Sieve),
            "x-pm-forwarded-from" => Some(Self::Proton),
            _ => None,
        }
    }

    /// The forwarder that writes such an envelope sender.
    fn rewriting(envelope_sender: &Address) -> Option<Self> {
        let local = envelope_sender.local();
        let by_srs = ["srs0", "srs1"].iter().any(|scheme| local.starts_with(scheme));
        first_mark(local).map(|(_, forwarder)| forwarder).or(by_srs.then_some(Self::Srs))
    }
}

/// The marks that separate the mailbox from what the forwarder adds.
const MARKS: [(&str, Forwarder); 2] = [("+caf_=", Forwarder::Gmail), ("+srs=", Forwarder::Microsoft)];

/// The position of the first mark in a local part, and the forwarder that writes it.
fn first_mark(local: &str) -> Option<(usize, Forwarder)> {
    MARKS.iter().filter_map(|(mark, forwarder)| Some((local.find(mark)?, *forwarder))).min_by_key(|(at, _)| *at)
}

/// What Microsoft 365 writes instead of the mailbox if the address would become too long.
const NOBODY: &str = "bounces";

/// The mailbox that an envelope sender encodes. Returns `None` if it encodes none.
///
/// Only the *first* mark counts: what follows it may hold anything, the relay's own `+<tag>` included.
pub fn forwarding_mailbox(envelope_sender: &Address) -> Option<Mailbox> {
    let local = envelope_sender.local();
    let (mark, _) = first_mark(local)?;
    let user = local.get(..mark).filter(|user| *user != NOBODY)?;
    let mailbox = Address::parse(&format!("{user}@{}", envelope_sender.domain().as_str()))?;
    Mailbox::of(&mailbox).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_forwarder_names_the_mailbox_ahead_of_its_first_mark() {
        for (sender, expected) in [
            ("user+caf_=arlo=mfa.example.com@gmail.com", Some("user@gmail.com")),
            ("user+caf_=arlo+k7f3=mfa.example.com@gmail.com", Some("user@gmail.com")),
            ("first.last+caf_=arlo+k7f3=mfa.example.com@example.org", Some("first.last@example.org")),
            ("user+SRS=a/b+c=XY=arlo.com=do_not_reply@outlook.com", Some("user@outlook.com")),
            ("user+srs=x=y=z=w+caf_=q@outlook.com", Some("user@outlook.com")),
            ("bounces+SRS=a/b+c=XY@outlook.com", None),
            ("SRS0=hash=tt=arlo.com=do_not_reply@forwarder.example", None),
            ("+caf_=arlo=mfa.example.com@gmail.com", None),
            ("user@gmail.com", None),
            ("user+label@gmail.com", None),
        ] {
            let found = forwarding_mailbox(&Address::parse(sender).expect("an address"));
            assert_eq!(found.as_ref().map(Mailbox::as_str), expected, "{sender}");
        }
    }
    #[test]
    fn a_forwarder_is_known_by_its_envelope_sender_or_its_own_field() {
        use Forwarder::{Gmail, Microsoft, Proton, Sieve, Srs};
        for (fields, expected) in [
            ("Return-Path: <user+caf_=arlo=mfa.example.com@gmail.com>", &[Gmail][..]),
            ("Return-Path: user+SRS=a/b+c=XY=arlo.com=do_not_reply@outlook.com", &[Microsoft]),
            ("Return-Path: <bounces+SRS=a=XY@outlook.com>", &[Microsoft]),
            ("Return-Path: <SRS0=hash=tt=arlo.com=do_not_reply@forwarder.example>", &[Srs]),
            ("Return-Path: <>\r\nX-Forwarded-To: arlo@mfa.example.com", &[Gmail]),
            ("X-Forwarded-For: user@gmail.com arlo@mfa.example.com", &[Gmail]),
            ("X-Forwarded-For: 192.0.2.1", &[]),
            ("X-MS-Exchange-Inbox-Rules-Loop: user@outlook.com", &[Microsoft]),
            ("X-Pm-Forwarded-From: user@proton.me\r\nX-Sieve-Redirected-From: user@example.org", &[Proton, Sieve]),
            ("X-Forwarded-To: a@b.example\r\nx-forwarded-to: a@b.example", &[Gmail]),
            ("Delivered-To: user@gmail.com", &[]),
        ] {
            let raw = format!("{fields}\r\nFrom: do_not_reply@arlo.com\r\n\r\n");
            let mail = Mail::parse(raw.as_bytes()).expect("a mail");
            assert_eq!(Forwarder::named_in(&mail), expected, "{fields}");
        }
    }
}
