//! STORE (RFC 3501 section 6.4.6): the one flag that a message can have here, `\Seen`.

use super::fetch::flags;
use super::inbox::Inbox;
use super::response::Responses;
use super::sequence::Numbering;
use imap_codec::imap_types::fetch::MessageDataItem;
use imap_codec::imap_types::flag::{Flag, StoreResponse, StoreType};
use imap_codec::imap_types::sequence::SequenceSet;

/// A change of flags.
pub(super) struct Change<'a> {
    pub(super) kind: StoreType,
    pub(super) response: StoreResponse,
    pub(super) flags: Vec<Flag<'a>>,
}

/// Changes the flags of the messages in a set. Returns what the client is told of them.
pub(super) fn store(inbox: &mut Inbox, set: &SequenceSet, change: &Change<'_>, uid: bool) -> Responses {
    let is_seen = change.flags.contains(&Flag::Seen);
    let mut responses = Responses::default();
    for (number, message) in inbox.selected(set, Numbering::of_command(uid)) {
        match change.kind {
            StoreType::Replace => message.seen = is_seen,
            StoreType::Add => message.seen |= is_seen,
            StoreType::Remove => message.seen &= !is_seen,
        }
        if change.response == StoreResponse::Answer {
            let uid = uid.then_some(MessageDataItem::Uid(message.uid));
            let flags = MessageDataItem::Flags(flags(message));
            responses = responses.fetch(number, [flags].into_iter().chain(uid).collect());
        }
    }
    responses
}
