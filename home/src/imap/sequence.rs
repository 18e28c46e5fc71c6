//! Sets of sequence numbers or UIDs (RFC 3501 section 9, `sequence-set`).

use super::message::Message;
use imap_codec::imap_types::sequence::{SeqOrUid, Sequence, SequenceSet};
use std::num::NonZeroU32;

/// What the numbers of a set are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Numbering {
    Sequence,
    Uid,
}

impl Numbering {
    /// The numbering of a command, and of its UID form.
    pub(super) fn of_command(uid: bool) -> Self {
        if uid { Self::Uid } else { Self::Sequence }
    }

    /// The number of a message.
    pub(super) fn of(self, sequence: NonZeroU32, message: &Message) -> NonZeroU32 {
        match self {
            Self::Sequence => sequence,
            Self::Uid => message.uid,
        }
    }
}

/// Whether a set contains a number, if `*` stands for `last`.
pub(super) fn select(set: &SequenceSet, number: NonZeroU32, last: Option<NonZeroU32>) -> bool {
    let value = |end: SeqOrUid| match end {
        SeqOrUid::Value(value) => Some(value),
        SeqOrUid::Asterisk => last,
    };
    set.0.as_ref().iter().any(|sequence| match *sequence {
        Sequence::Single(single) => value(single) == Some(number),
        Sequence::Range(one, other) => match (value(one), value(other)) {
            (Some(one), Some(other)) => (one.min(other)..=one.max(other)).contains(&number),
            _ => false,
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_contains_its_numbers_and_ranges_in_any_order() {
        for (set, last, expected) in [
            ("1", 5, &[1][..]),
            ("2:4", 5, &[2, 3, 4]),
            ("4:2", 5, &[2, 3, 4]),
            ("*", 5, &[5]),
            ("4:*", 5, &[4, 5]),
            // The last message is always in it, however high the other end (RFC 3501 section 6.4.8).
            ("9:*", 5, &[5]),
            ("1,3,5:*", 5, &[1, 3, 5]),
        ] {
            let parsed: SequenceSet = set.parse().expect("a set");
            let number = |n| NonZeroU32::new(n).expect("not zero");
            let selected: Vec<u32> = (1..=5).filter(|n| select(&parsed, number(*n), Some(number(last)))).collect();
            assert_eq!(selected, expected, "{set}");
        }
        let all: SequenceSet = "1:*".parse().expect("a set");
        assert!(!select(&all, NonZeroU32::MIN, None), "an empty inbox has no last message");
    }
}
