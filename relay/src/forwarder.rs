//! What forwarders write into the envelope sender (FACTS section 2).
//!
//! A forwarder takes the mail's bounces upon itself, and most write into the new envelope sender whose mailbox they
//! forward for.

use crate::address::Address;
use crate::mailbox::Mailbox;

/// The marks behind which a forwarder's own notes begin: Gmail's, and Microsoft 365's.
const MARKS: [&str; 2] = ["+caf_=", "+srs="];

/// What Microsoft 365 writes in place of the mailbox when the address would grow too long.
const NOBODY: &str = "bounces";

/// The mailbox that an envelope sender was written for; nothing when it names none.
///
/// The mark counts where it stands *first*: what follows may hold anything, the relay's own `+<tag>` included.
pub fn forwarding_mailbox(envelope_sender: &Address) -> Option<Mailbox> {
    let local = envelope_sender.local();
    let mark = MARKS.iter().filter_map(|mark| local.find(mark)).min()?;
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
}
