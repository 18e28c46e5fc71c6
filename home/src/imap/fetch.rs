//! FETCH (RFC 3501 section 6.4.5): the data items of a message.

use super::inbox::Inbox;
use super::message::{Message, SUBTYPES};
use super::response::Responses;
use super::sequence::Numbering;
use chrono::DateTime;
use imap_codec::imap_types::IntoStatic;
use imap_codec::imap_types::body::{BasicFields, Body, BodyStructure, SpecificFields};
use imap_codec::imap_types::core::{AString, IString, Literal, NString, Vec1};
use imap_codec::imap_types::envelope::{Address, Envelope};
use imap_codec::imap_types::fetch::{MacroOrMessageDataItemNames, MessageDataItem, MessageDataItemName, Part, Section};
use imap_codec::imap_types::flag::{Flag, FlagFetch};
use imap_codec::imap_types::sequence::SequenceSet;

/// The items of the messages in a set. `may_mark` is whether a message that is read becomes seen, as after SELECT.
pub(super) fn fetch(
    inbox: &mut Inbox,
    set: &SequenceSet,
    items: MacroOrMessageDataItemNames<'_>,
    uid: bool,
    may_mark: bool,
) -> Responses {
    let names = names(items, uid);
    let marks_seen = may_mark && names.iter().any(marks_seen);
    let mut responses = Responses::default();
    for (number, message) in inbox.selected(set, Numbering::of_command(uid)) {
        let changes = marks_seen && !message.seen;
        message.seen |= marks_seen;
        let mut found: Vec<_> = names.iter().filter_map(|name| item(message, name)).collect();
        if changes && !found.iter().any(|item| matches!(item, MessageDataItem::Flags(_))) {
            found.push(MessageDataItem::Flags(flags(message)));
        }
        responses = responses.fetch(number, found);
    }
    responses
}

/// The items of a FETCH, macros expanded. UID is among them if the command is a UID FETCH.
fn names(items: MacroOrMessageDataItemNames<'_>, uid: bool) -> Vec<MessageDataItemName<'static>> {
    let mut names = match items {
        MacroOrMessageDataItemNames::Macro(short) => short.expand().into_static(),
        MacroOrMessageDataItemNames::MessageDataItemNames(names) => names.into_static(),
    };
    if uid && !names.contains(&MessageDataItemName::Uid) {
        names.push(MessageDataItemName::Uid);
    }
    names
}

/// Whether reading this item marks a message as seen.
fn marks_seen(name: &MessageDataItemName<'_>) -> bool {
    matches!(
        name,
        MessageDataItemName::BodyExt { peek: false, .. }
            | MessageDataItemName::Rfc822
            | MessageDataItemName::Rfc822Text
    )
}

/// The item of this name. Returns `None` for one of an extension that is not offered.
fn item(message: &Message, name: &MessageDataItemName<'static>) -> Option<MessageDataItem<'static>> {
    Some(match name {
        MessageDataItemName::Flags => MessageDataItem::Flags(flags(message)),
        MessageDataItemName::Uid => MessageDataItem::Uid(message.uid),
        MessageDataItemName::Rfc822Size => MessageDataItem::Rfc822Size(size(message.text().len())),
        MessageDataItemName::InternalDate => {
            let date = DateTime::from_timestamp(message.received_at().as_second(), 0)?.fixed_offset();
            MessageDataItem::InternalDate(date.try_into().ok()?)
        }
        MessageDataItemName::Envelope => MessageDataItem::Envelope(envelope(message)?),
        MessageDataItemName::Body => MessageDataItem::Body(structure(message)?),
        MessageDataItemName::BodyStructure => MessageDataItem::BodyStructure(structure(message)?),
        MessageDataItemName::Rfc822 => MessageDataItem::Rfc822(literal(message.text().as_bytes())),
        MessageDataItemName::Rfc822Header => {
            MessageDataItem::Rfc822Header(literal(message.header_text(|_| true).as_bytes()))
        }
        MessageDataItemName::Rfc822Text => MessageDataItem::Rfc822Text(literal(message.body().as_bytes())),
        MessageDataItemName::BodyExt { section, partial, .. } => {
            let data = match content(message, section.as_ref()) {
                Some(content) => literal(slice(content.as_bytes(), *partial)),
                None => NString(None),
            };
            MessageDataItem::BodyExt { section: section.clone(), origin: partial.map(|(origin, _)| origin), data }
        }
        MessageDataItemName::Binary { .. } | MessageDataItemName::BinarySize { .. } => return None,
    })
}

/// The flags of a message.
pub(super) fn flags(message: &Message) -> Vec<FlagFetch<'static>> {
    let seen = message.seen.then_some(FlagFetch::Flag(Flag::Seen));
    [FlagFetch::Recent].into_iter().chain(seen).collect()
}

/// The text of a section. Returns `None` if the message has no such part.
fn content(message: &Message, section: Option<&Section<'_>>) -> Option<zeroize::Zeroizing<String>> {
    let part = |part: &Part| match part.0.as_ref() {
        [number] => usize::try_from(number.get()).ok()?.checked_sub(1).filter(|at| *at < SUBTYPES.len()),
        _ => None,
    };
    let lists = |names: &Vec1<AString<'_>>, name: &str| {
        names.as_ref().iter().any(|own| own.as_ref().eq_ignore_ascii_case(name.as_bytes()))
    };
    Some(match section {
        None => message.text(),
        Some(Section::Header(None)) => message.header_text(|_| true).into(),
        Some(Section::HeaderFields(None, names)) => message.header_text(|name| lists(names, name)).into(),
        Some(Section::HeaderFieldsNot(None, names)) => message.header_text(|name| !lists(names, name)).into(),
        Some(Section::Text(None)) => message.body(),
        Some(Section::Part(number)) => message.parts().get(part(number)?)?.clone(),
        Some(Section::Mime(number)) => format!("{}\r\n", Message::part_header(SUBTYPES.get(part(number)?)?)).into(),
        // No part is a message of its own.
        Some(
            Section::Header(Some(_))
            | Section::HeaderFields(Some(_), _)
            | Section::HeaderFieldsNot(Some(_), _)
            | Section::Text(Some(_)),
        ) => return None,
    })
}

fn slice(content: &[u8], partial: Option<(u32, std::num::NonZeroU32)>) -> &[u8] {
    let Some((origin, length)) = partial else { return content };
    let index = |number: u32| usize::try_from(number).unwrap_or(usize::MAX).min(content.len());
    let start = index(origin);
    let end = start.saturating_add(index(length.get())).min(content.len());
    content.get(start..end).unwrap_or_default()
}

/// A literal even for a short text: some clients look for the contents of a section in literals only.
fn literal(content: &[u8]) -> NString<'static> {
    Literal::try_from(content.to_vec()).map_or(NString(None), NString::from)
}

fn envelope(message: &Message) -> Option<Envelope<'static>> {
    let field = |name| NString::try_from(message.header_field(name)?).ok();
    let address = |text: &str| {
        let (local, host) = text.rsplit_once('@')?;
        let mailbox = NString::try_from(local.to_owned()).ok()?;
        let host = NString::try_from(host.to_owned()).ok()?;
        Some(Address { name: NString(None), adl: NString(None), mailbox, host })
    };
    let from: Vec<_> = address(message.sender()).into_iter().collect();
    Some(Envelope {
        date: field("Date")?,
        subject: field("Subject")?,
        from: from.clone(),
        sender: from.clone(),
        reply_to: from,
        to: address(message.mailbox()).into_iter().collect(),
        cc: Vec::new(),
        bcc: Vec::new(),
        in_reply_to: NString(None),
        message_id: field("Message-ID")?,
    })
}

fn structure(message: &Message) -> Option<BodyStructure<'static>> {
    let parts = message.parts();
    let bodies = SUBTYPES.iter().zip(&parts).map(|(subtype, part)| part_structure(subtype, part));
    let bodies: Option<Vec<_>> = bodies.collect();
    Some(BodyStructure::Multi {
        bodies: Vec1::try_from(bodies?).ok()?,
        subtype: string("alternative")?,
        extension_data: None,
    })
}

fn part_structure(subtype: &'static str, part: &str) -> Option<BodyStructure<'static>> {
    let basic = BasicFields {
        parameter_list: vec![(string("charset")?, string("us-ascii")?)],
        id: NString(None),
        description: NString(None),
        content_transfer_encoding: string("7bit")?,
        size: size(part.len()),
    };
    let specific = SpecificFields::Text { subtype: string(subtype)?, number_of_lines: size(part.lines().count()) };
    Some(BodyStructure::Single { body: Body { basic, specific }, extension_data: None })
}

fn string(text: &'static str) -> Option<IString<'static>> {
    IString::try_from(text).ok()
}

fn size(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}
