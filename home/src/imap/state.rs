//! The state machine of a session (RFC 3501 section 3), without I/O: a command in, an action out.

use super::credentials;
use super::fetch::fetch;
use super::inbox::Inbox;
use super::limits::{MAX_ERRORS, MAX_LOGINS};
use super::response::{AUTHENTICATION_FAILED, CANNOT, NONEXISTENT, Responses, UNAVAILABLE};
use super::search::search;
use super::sequence::Numbering;
use super::store::{Change, store};
use crate::codes::{CodeMail, Login, Refusal};
use imap_codec::imap_types::auth::{AuthMechanism, AuthenticateData};
use imap_codec::imap_types::command::{Command, CommandBody};
use imap_codec::imap_types::core::{Tag, Vec1};
use imap_codec::imap_types::mailbox::{ListMailbox, Mailbox};
use imap_codec::imap_types::response::Code;
use imap_codec::imap_types::search::SearchKey;
use jiff::Timestamp;

/// What the session does next.
#[derive(Debug)]
pub(super) enum Action {
    /// Send these.
    Send(Responses),
    /// Send these and close the connection.
    Close(Responses),
    /// Send these, read a line, then call [`SessionState::credentials`].
    ReadCredentials(Tag<'static>, Responses),
    /// Check mailbox and token, then call [`SessionState::logged_in`] or [`SessionState::login_refused`].
    LogIn(Tag<'static>, Login),
    /// Open a request, then call [`SessionState::selected`] or [`SessionState::select_refused`].
    Select(Tag<'static>, Access),
    /// Look for codes, then call [`SessionState::answer`].
    Look(Tag<'static>, Question),
    /// Look for codes until the client ends it.
    Idle(Tag<'static>),
    /// Forget the request, then send these.
    Unselect(Responses),
}

/// How a mailbox is selected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    /// By SELECT. Flags can be set for the session.
    ReadWrite,
    /// By EXAMINE.
    ReadOnly,
}

/// A command that asks for news.
#[derive(Debug)]
pub(super) enum Question {
    Noop,
    Check,
    Search(Vec1<SearchKey<'static>>, Numbering),
}

#[derive(Debug)]
enum Phase {
    NotAuthenticated,
    Authenticated,
    Selected(Access),
}

/// The state of a session.
#[derive(Debug)]
pub(super) struct SessionState {
    phase: Phase,
    inbox: Inbox,
    /// How many messages the client knows of.
    announced: u32,
    /// What the client's user is told at the next news.
    note: Option<String>,
    errors: u32,
    logins: u32,
}

impl SessionState {
    pub(super) fn new(now: Timestamp) -> Self {
        let inbox = Inbox::new("", now);
        Self { phase: Phase::NotAuthenticated, inbox, announced: 0, note: None, errors: 0, logins: 0 }
    }

    /// Whether the client has logged in.
    pub(super) fn is_authenticated(&self) -> bool {
        !matches!(self.phase, Phase::NotAuthenticated)
    }

    /// Processes a command.
    pub(super) fn command(&mut self, command: Command<'static>) -> Action {
        self.errors = 0;
        let Command { tag, body } = command;
        match (&self.phase, body) {
            (_, CommandBody::Capability) => Action::Send(Responses::default().capability().ok(tag, "Done.")),
            (_, CommandBody::Logout) => Action::Close(Responses::bye("Bye.").ok(tag, "Done.")),
            (Phase::Selected(_), CommandBody::Noop) => Action::Look(tag, Question::Noop),
            (_, CommandBody::Noop) => Action::Send(Responses::default().ok(tag, "Done.")),
            (Phase::NotAuthenticated, body) => self.not_authenticated(tag, body),
            (_, CommandBody::Login { .. } | CommandBody::Authenticate { .. }) => {
                self.out_of_place(tag, "This session is logged in already.")
            }
            (Phase::Selected(access), body) => {
                let access = *access;
                self.selected_command(tag, body, access)
            }
            (Phase::Authenticated, body) => self.authenticated(tag, body),
        }
    }

    /// Refuses what is not a command.
    pub(super) fn invalid(&mut self, tag: Option<Tag<'static>>) -> Action {
        self.error(Responses::default().bad(tag, "This is not a command that the server knows."))
    }

    fn not_authenticated(&mut self, tag: Tag<'static>, body: CommandBody<'static>) -> Action {
        match body {
            CommandBody::Login { username, password } => {
                Action::LogIn(tag, credentials::of_login(&username, &password))
            }
            CommandBody::Authenticate { mechanism: AuthMechanism::Plain, initial_response } => match initial_response {
                Some(response) => self.credentials(tag, AuthenticateData::Continue(response)),
                None => Action::ReadCredentials(tag, Responses::credentials_wanted()),
            },
            CommandBody::Authenticate { .. } => {
                self.error(Responses::default().no(tag, CANNOT, "Log in with LOGIN or AUTHENTICATE PLAIN."))
            }
            _ => self.out_of_place(tag, "Log in first: the user name is the mailbox, the password is the token."),
        }
    }

    /// Processes the client's answer to AUTHENTICATE PLAIN (RFC 4616).
    pub(super) fn credentials(&mut self, tag: Tag<'static>, data: AuthenticateData<'_>) -> Action {
        let AuthenticateData::Continue(data) = data else {
            return self.error(Responses::default().bad(Some(tag), "Cancelled."));
        };
        match credentials::of_plain(&data) {
            Some(login) => Action::LogIn(tag, login),
            None => self.error(Responses::default().bad(Some(tag), "These are not credentials of PLAIN.")),
        }
    }

    /// Processes a login that was accepted.
    pub(super) fn logged_in(&mut self, tag: Tag<'static>, mailbox: &str, now: Timestamp) -> Responses {
        self.phase = Phase::Authenticated;
        self.inbox = Inbox::new(mailbox, now);
        Responses::default().ok(tag, "Logged in.")
    }

    /// Processes a login that was refused.
    pub(super) fn login_refused(&mut self, tag: Tag<'static>, refusal: &Refusal) -> Action {
        self.logins += 1;
        let responses = refused(tag, refusal);
        if self.logins >= MAX_LOGINS {
            return Action::Close(responses.and(&Responses::bye("Too many logins were refused.")));
        }
        Action::Send(responses)
    }

    /// Commands that need a login, with or without a selected mailbox.
    fn authenticated(&mut self, tag: Tag<'static>, body: CommandBody<'static>) -> Action {
        let done = Responses::default();
        match body {
            CommandBody::Select { mailbox: Mailbox::Inbox, .. } => Action::Select(tag, Access::ReadWrite),
            CommandBody::Examine { mailbox: Mailbox::Inbox, .. } => Action::Select(tag, Access::ReadOnly),
            CommandBody::Select { .. } | CommandBody::Examine { .. } => {
                self.phase = Phase::Authenticated;
                Action::Unselect(only_inbox(tag))
            }
            CommandBody::List { mailbox_wildcard, .. } if names_inbox(&mailbox_wildcard) => {
                Action::Send(done.list().ok(tag, "Done."))
            }
            CommandBody::Lsub { mailbox_wildcard, .. } if names_inbox(&mailbox_wildcard) => {
                Action::Send(done.lsub().ok(tag, "Done."))
            }
            CommandBody::Status { mailbox: Mailbox::Inbox, item_names } => {
                Action::Send(done.mailbox_status(&self.inbox, &item_names).ok(tag, "Done."))
            }
            CommandBody::Status { .. } => Action::Send(only_inbox(tag)),
            CommandBody::List { .. }
            | CommandBody::Lsub { .. }
            | CommandBody::Subscribe { .. }
            | CommandBody::Unsubscribe { .. } => Action::Send(done.ok(tag, "Done.")),
            CommandBody::Create { .. }
            | CommandBody::Delete { .. }
            | CommandBody::Rename { .. }
            | CommandBody::Append { .. } => {
                Action::Send(done.no(tag, CANNOT, "This server shows codes; it stores no mail."))
            }
            _ => self.out_of_place(tag, "Select INBOX first."),
        }
    }

    fn selected_command(&mut self, tag: Tag<'static>, body: CommandBody<'static>, access: Access) -> Action {
        match body {
            CommandBody::Check => Action::Look(tag, Question::Check),
            CommandBody::Search { criteria, uid, .. } => {
                Action::Look(tag, Question::Search(criteria, Numbering::of_command(uid)))
            }
            CommandBody::Idle => Action::Idle(tag),
            CommandBody::Fetch { sequence_set, macro_or_item_names, uid, .. } => {
                let may_mark = access == Access::ReadWrite;
                Action::Send(fetch(&mut self.inbox, &sequence_set, macro_or_item_names, uid, may_mark).ok(tag, "Done."))
            }
            CommandBody::Store { .. } if access == Access::ReadOnly => {
                Action::Send(Responses::default().no(tag, CANNOT, "The mailbox is open for reading only."))
            }
            CommandBody::Store { sequence_set, kind, response, flags, uid, .. } => {
                let change = Change { kind, response, flags };
                Action::Send(store(&mut self.inbox, &sequence_set, &change, uid).ok(tag, "Done."))
            }
            // No message has the flag \Deleted, which is not stored.
            CommandBody::Expunge | CommandBody::ExpungeUid { .. } => {
                Action::Send(Responses::default().ok(tag, "Done."))
            }
            CommandBody::Close | CommandBody::Unselect => {
                self.phase = Phase::Authenticated;
                Action::Unselect(Responses::default().ok(tag, "Done."))
            }
            CommandBody::Copy { .. } | CommandBody::Move { .. } => {
                Action::Send(Responses::default().no(tag, CANNOT, "This server shows codes; it stores no mail."))
            }
            body => self.authenticated(tag, body),
        }
    }

    /// Processes a request that was opened for SELECT or EXAMINE.
    pub(super) fn selected(&mut self, tag: Tag<'static>, access: Access) -> Responses {
        self.phase = Phase::Selected(access);
        self.announced = self.inbox.len();
        let code = match access {
            Access::ReadWrite => Code::ReadWrite,
            Access::ReadOnly => Code::ReadOnly,
        };
        Responses::default().selected(&self.inbox).ok_with(
            Some(tag),
            code,
            "A code that comes from now on appears here.",
        )
    }

    /// Processes a SELECT or EXAMINE for which no request could be opened.
    pub(super) fn select_refused(&mut self, tag: Tag<'static>, refusal: &Refusal) -> Responses {
        self.phase = Phase::Authenticated;
        refused(tag, refusal)
    }

    /// Appends a message.
    pub(super) fn add(&mut self, mail: CodeMail, now: Timestamp) {
        self.inbox.add(mail, now);
    }

    /// Erases every code.
    pub(super) fn erase_codes(&mut self) {
        self.inbox.erase_codes();
    }

    /// Whether the session has as many messages as it may have.
    pub(super) fn is_full(&self) -> bool {
        self.inbox.is_full()
    }

    /// Has the client's user told something at the next news.
    pub(super) fn note(&mut self, text: String) {
        self.note = Some(text);
    }

    /// What has changed since the client was told last.
    pub(super) fn news(&mut self) -> Responses {
        let noted = self.note.take().map_or_else(Responses::default, |text| Responses::default().note(&text));
        if self.announced == self.inbox.len() {
            return noted;
        }
        self.announced = self.inbox.len();
        noted.exists(&self.inbox)
    }

    /// Answers a question after a look for codes.
    pub(super) fn answer(&mut self, tag: Tag<'static>, question: &Question) -> Responses {
        let news = self.news();
        match question {
            Question::Noop | Question::Check => news.ok(tag, "Done."),
            Question::Search(keys, numbering) => {
                news.search(search(&self.inbox, keys.as_ref(), *numbering)).ok(tag, "Done.")
            }
        }
    }

    fn out_of_place(&mut self, tag: Tag<'static>, text: &str) -> Action {
        self.error(Responses::default().bad(Some(tag), text))
    }

    fn error(&mut self, responses: Responses) -> Action {
        self.errors += 1;
        if self.errors >= MAX_ERRORS {
            return Action::Close(responses.and(&Responses::bye("Too many errors.")));
        }
        Action::Send(responses)
    }
}

fn refused(tag: Tag<'static>, refusal: &Refusal) -> Responses {
    match refusal {
        Refusal::Denied(text) => Responses::default().no(tag, AUTHENTICATION_FAILED, text),
        Refusal::Unavailable(text) => Responses::default().no(tag, UNAVAILABLE, text),
    }
}

fn only_inbox(tag: Tag<'static>) -> Responses {
    Responses::default().no(tag, NONEXISTENT, "There is no other mailbox than INBOX.")
}

/// Whether a pattern of LIST matches INBOX.
fn names_inbox(pattern: &ListMailbox<'_>) -> bool {
    let bytes = match pattern {
        ListMailbox::Token(token) => token.as_ref(),
        ListMailbox::String(string) => string.as_ref(),
    };
    [b"*".as_slice(), b"%", b"INBOX", b"INBOX*", b"INBOX%"].iter().any(|known| bytes.eq_ignore_ascii_case(known))
}
