//! The trust table: what a mail must prove at which of the relay's addresses (DESIGN section 4).

use crate::enrolment::Trust;
use crate::refusal::Refusal;

/// The rows for the tagged address.
pub(super) fn check_tagged(trust: Trust, signed: bool, forwarded: bool) -> Result<(), Refusal> {
    match (trust, signed, forwarded) {
        (_, true, _) | (Trust::Forwarded, _, true) | (Trust::Addressed, _, _) => Ok(()),
        (Trust::Signed, false, _) => Err(Refusal::NotSigned),
        (Trust::Forwarded, false, false) => Err(Refusal::NotForwarded),
    }
}

/// The rows for the plain address, the same for every trust.
pub(super) fn check_plain(signed: bool, names_mailbox: bool) -> Result<(), Refusal> {
    match (signed, names_mailbox) {
        (true, true) => Ok(()),
        (true, false) => Err(Refusal::NotForwarded),
        (false, _) => Err(Refusal::NotSigned),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_for_the_tagged_address() {
        use Refusal::{NotForwarded, NotSigned};
        use Trust::{Addressed, Forwarded, Signed};
        for (signed, forwarded, trust, expected) in [
            (true, true, Signed, Ok(())),
            (true, false, Signed, Ok(())),
            (true, false, Forwarded, Ok(())),
            (true, false, Addressed, Ok(())),
            (false, true, Signed, Err(NotSigned)),
            (false, true, Forwarded, Ok(())),
            (false, true, Addressed, Ok(())),
            (false, false, Signed, Err(NotSigned)),
            (false, false, Forwarded, Err(NotForwarded)),
            (false, false, Addressed, Ok(())),
        ] {
            assert_eq!(check_tagged(trust, signed, forwarded), expected, "{trust:?} {signed} {forwarded}");
        }
    }

    #[test]
    fn the_table_for_the_plain_address() {
        assert_eq!(check_plain(true, true), Ok(()));
        assert_eq!(check_plain(true, false), Err(Refusal::NotForwarded));
        assert_eq!(check_plain(false, true), Err(Refusal::NotSigned));
        assert_eq!(check_plain(false, false), Err(Refusal::NotSigned));
    }
}
