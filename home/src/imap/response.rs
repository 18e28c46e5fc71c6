//! Every response. None repeats what the client sent, except its tag and the section that it asks for.

use super::inbox::{Inbox, UID_VALIDITY};
use imap_codec::ResponseCodec;
use imap_codec::encode::Encoder;
use imap_codec::imap_types::auth::AuthMechanism;
use imap_codec::imap_types::core::{Tag, Text, Vec1};
use imap_codec::imap_types::fetch::MessageDataItem;
use imap_codec::imap_types::flag::{Flag, FlagNameAttribute};
use imap_codec::imap_types::mailbox::Mailbox;
use imap_codec::imap_types::response::{
    Capability, Code, CodeOther, CommandContinuationRequest, Data, Response, Status, StatusKind,
};
use imap_codec::imap_types::status::{StatusDataItem, StatusDataItemName};
use std::num::NonZeroU32;
use zeroize::Zeroizing;

/// Mailbox and token do not fit (RFC 5530).
pub(super) const AUTHENTICATION_FAILED: &str = "AUTHENTICATIONFAILED";
/// The relay does not answer (RFC 5530).
pub(super) const UNAVAILABLE: &str = "UNAVAILABLE";
/// There is no such mailbox (RFC 5530).
pub(super) const NONEXISTENT: &str = "NONEXISTENT";
/// The mailbox cannot be changed (RFC 5530).
pub(super) const CANNOT: &str = "CANNOT";

/// Responses in the order in which they are sent. They may hold a code: their memory is overwritten when they are dropped.
#[derive(derive_more::Debug, Default)]
#[debug("Responses(…)")]
pub(super) struct Responses(Zeroizing<Vec<u8>>);

impl Responses {
    /// The bytes to send.
    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Sends these after.
    pub(super) fn and(mut self, other: &Self) -> Self {
        self.0.extend_from_slice(&other.0);
        self
    }

    /// The greeting.
    pub(super) fn greeting() -> Self {
        Self::default().status(None, StatusKind::Ok, Some(capability_code()), "mfa-relay is ready.")
    }

    /// The last response before the server closes the connection.
    pub(super) fn bye(text: &str) -> Self {
        Self::default().push(&Response::Status(Status::Bye(imap_codec::imap_types::response::Bye {
            code: None,
            text: printable(text),
        })))
    }

    /// A command has succeeded.
    pub(super) fn ok(self, tag: Tag<'static>, text: &str) -> Self {
        self.status(Some(tag), StatusKind::Ok, None, text)
    }

    /// A command has succeeded, with a code of RFC 3501.
    pub(super) fn ok_with(self, tag: Option<Tag<'static>>, code: Code<'static>, text: &str) -> Self {
        self.status(tag, StatusKind::Ok, Some(code), text)
    }

    /// A command has failed.
    pub(super) fn no(self, tag: Tag<'static>, code: &'static str, text: &str) -> Self {
        let code = Code::Other(CodeOther::unvalidated(code.as_bytes()));
        self.status(Some(tag), StatusKind::No, Some(code), text)
    }

    /// A command has failed because it is too long.
    pub(super) fn too_big(self, tag: Tag<'static>) -> Self {
        self.status(Some(tag), StatusKind::No, Some(Code::TooBig), "The command is too long.")
    }

    /// A command is not understood, or not in its place.
    pub(super) fn bad(self, tag: Option<Tag<'static>>, text: &str) -> Self {
        self.status(tag, StatusKind::Bad, None, text)
    }

    /// Information for the user.
    pub(super) fn note(self, text: &str) -> Self {
        self.status(None, StatusKind::Ok, None, text)
    }

    /// The client may send more.
    pub(super) fn continuation(text: &str) -> Self {
        match CommandContinuationRequest::basic(None, printable(text)) {
            Ok(request) => Self::default().push(&Response::CommandContinuationRequest(request)),
            Err(_) => Self::default(),
        }
    }

    /// The client may send its credentials.
    pub(super) fn credentials_wanted() -> Self {
        Self::default().push(&Response::CommandContinuationRequest(CommandContinuationRequest::base64(b"".as_slice())))
    }

    pub(super) fn capability(self) -> Self {
        self.data(Data::Capability(capabilities()))
    }

    /// How many messages there are.
    pub(super) fn exists(self, inbox: &Inbox) -> Self {
        self.data(Data::Exists(inbox.len())).data(Data::Recent(inbox.len()))
    }

    /// What a client is told of a mailbox that it selects (RFC 3501 section 6.3.1).
    pub(super) fn selected(self, inbox: &Inbox) -> Self {
        self.data(Data::Flags(vec![Flag::Seen]))
            .exists(inbox)
            .ok_with(None, Code::UidValidity(UID_VALIDITY), "UIDs are times.")
            .ok_with(None, Code::UidNext(inbox.uid_next()), "The next UID.")
            .ok_with(None, Code::PermanentFlags(Vec::new()), "Flags last as long as the session.")
    }

    pub(super) fn list(self) -> Self {
        self.data(Data::List { items: vec![FlagNameAttribute::Noinferiors], delimiter: None, mailbox: Mailbox::Inbox })
    }

    pub(super) fn lsub(self) -> Self {
        self.data(Data::Lsub { items: vec![FlagNameAttribute::Noinferiors], delimiter: None, mailbox: Mailbox::Inbox })
    }

    pub(super) fn mailbox_status(self, inbox: &Inbox, names: &[StatusDataItemName]) -> Self {
        let item = |name: &StatusDataItemName| match name {
            StatusDataItemName::Messages => StatusDataItem::Messages(inbox.len()),
            StatusDataItemName::Recent => StatusDataItem::Recent(inbox.len()),
            StatusDataItemName::UidNext => StatusDataItem::UidNext(inbox.uid_next()),
            StatusDataItemName::UidValidity => StatusDataItem::UidValidity(UID_VALIDITY),
            StatusDataItemName::Unseen => StatusDataItem::Unseen(inbox.unseen()),
            StatusDataItemName::Deleted => StatusDataItem::Deleted(0),
            StatusDataItemName::DeletedStorage => StatusDataItem::DeletedStorage(0),
        };
        let items: Vec<_> = names.iter().map(item).collect();
        self.data(Data::Status { mailbox: Mailbox::Inbox, items: items.into() })
    }

    pub(super) fn search(self, numbers: Vec<NonZeroU32>) -> Self {
        self.data(Data::Search(numbers))
    }

    pub(super) fn fetch(self, seq: NonZeroU32, items: Vec<MessageDataItem<'static>>) -> Self {
        match Vec1::try_from(items) {
            Ok(items) => self.data(Data::Fetch { seq, items }),
            Err(_) => self,
        }
    }

    fn data(self, data: Data<'static>) -> Self {
        self.push(&Response::Data(data))
    }

    fn status(self, tag: Option<Tag<'static>>, kind: StatusKind, code: Option<Code<'static>>, text: &str) -> Self {
        match Status::new(tag, kind, code, printable(text)) {
            Ok(status) => self.push(&Response::Status(status)),
            Err(never) => match never {},
        }
    }

    fn push(mut self, response: &Response<'static>) -> Self {
        let encoded = Zeroizing::new(ResponseCodec::default().encode(response).dump());
        self.0.extend_from_slice(&encoded);
        self
    }
}

fn capabilities() -> Vec1<Capability<'static>> {
    let [first, others @ ..] = [
        Capability::Imap4Rev1,
        Capability::Idle,
        Capability::Unselect,
        Capability::SaslIr,
        Capability::Auth(AuthMechanism::Plain),
    ];
    let all = [first.clone()].into_iter().chain(others).collect::<Vec<_>>();
    Vec1::try_from(all).unwrap_or_else(|_| Vec1::from(first))
}

fn capability_code() -> Code<'static> {
    Code::Capability(capabilities())
}

/// The characters of a text that a response may hold: a sentence may come from another relay.
fn printable(text: &str) -> Text<'static> {
    let text: String = text.chars().map(|c| if c.is_ascii_graphic() || c == ' ' { c } else { '?' }).collect();
    // A bracket at the start would read as a response code.
    let text = text.trim_start_matches(['[', ' ']).to_owned();
    let nothing = || Text::unvalidated(".");
    Text::try_from(text).unwrap_or_else(|_| nothing())
}
