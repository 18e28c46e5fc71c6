//! The state machine of an SMTP session (RFC 5321 section 4.1.4), without I/O: a command line in, an action out.

use super::handler::Envelope;
use super::limits::{MAX_ERRORS, MAX_RECIPIENTS};
use super::reply::{self, Reply};
use relay::address::Address;
use relay::mail::LARGEST_MAIL;
use smtp_proto::{Error, MAIL_BODY_BINARYMIME, MAIL_REQUIRETLS, MAIL_SMTPUTF8, MailFrom, RcptTo, Request};
use std::borrow::Cow;

/// What the session does next.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Action {
    /// Send this reply.
    Reply(Reply),
    /// Send this reply and close the connection.
    Close(Reply),
    /// Look up this recipient, then call [`SessionState::recipient`].
    LookUp(Address),
    /// Reply 354, read the mail, then call [`SessionState::end_transaction`].
    ReadMail,
    /// Reply 220 and start the TLS handshake.
    StartTls,
}

/// TLS in a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tls {
    /// There is no certificate.
    Unavailable,
    /// The peer can send STARTTLS.
    Offered,
    /// The session is encrypted.
    Active,
}

/// The state of a session.
#[derive(Debug)]
pub(super) struct SessionState {
    tls: Tls,
    helo: Option<String>,
    transaction: Option<Transaction>,
    errors: u32,
}

/// A mail transaction (RFC 5321 section 3.3): from `MAIL` until the end of the mail.
#[derive(Debug, Default)]
struct Transaction {
    sender: String,
    recipients: Vec<Address>,
}

impl SessionState {
    pub(super) fn new(tls: Tls) -> Self {
        Self { tls, helo: None, transaction: None, errors: 0 }
    }

    /// Processes a command line, given without its CR LF.
    pub(super) fn command(&mut self, line: &[u8]) -> Action {
        let line = [line, b"\r\n"].concat();
        let action = match Request::parse(&mut line.iter()) {
            Ok(request) => self.request(request),
            Err(error) => Action::Reply(reply_to(&error)),
        };
        self.count_error(action)
    }

    /// Processes the result of [`Action::LookUp`].
    pub(super) fn recipient(&mut self, recipient: Address, is_known: bool) -> Action {
        let Some(transaction) = self.transaction.as_mut().filter(|_| is_known) else {
            return self.count_error(Action::Reply(reply::NO_SUCH_RECIPIENT));
        };
        transaction.recipients.push(recipient);
        Action::Reply(reply::RECIPIENT_OK)
    }

    /// Ends the transaction whose mail has been read.
    pub(super) fn end_transaction(&mut self) -> Envelope {
        let Transaction { sender, recipients } = self.transaction.take().unwrap_or_default();
        Envelope { helo: self.helo.clone().unwrap_or_default(), sender, recipients }
    }

    fn request(&mut self, request: Request<Cow<'_, str>>) -> Action {
        match request {
            Request::Ehlo { host } => self.greet(&host, Reply::Extensions { starttls: self.tls == Tls::Offered }),
            Request::Helo { host } => self.greet(&host, reply::HELO_OK),
            Request::Mail { from } => Action::Reply(self.mail(from)),
            Request::Rcpt { to } => self.rcpt(&to),
            Request::Data => self.data(),
            Request::Rset => {
                self.transaction = None;
                Action::Reply(reply::OK)
            }
            Request::Noop { .. } => Action::Reply(reply::OK),
            Request::Quit => Action::Close(reply::BYE),
            Request::StartTls if self.tls == Tls::Offered => Action::StartTls,
            Request::Vrfy { .. } => Action::Reply(reply::CANNOT_VERIFY),
            _ => Action::Reply(reply::NOT_IMPLEMENTED),
        }
    }

    fn greet(&mut self, host: &str, reply: Reply) -> Action {
        self.helo = Some(host.to_owned());
        self.transaction = None;
        Action::Reply(reply)
    }

    fn mail(&mut self, from: MailFrom<Cow<'_, str>>) -> Reply {
        if self.helo.is_none() || self.transaction.is_some() {
            return reply::BAD_SEQUENCE;
        }
        if from.size > LARGEST_MAIL {
            return reply::TOO_LARGE;
        }
        // Neither extension is offered, and each would oblige the relay to something. The other parameters that smtp-proto
        // knows concern delivery reports, and the relay sends none.
        if from.flags & (MAIL_BODY_BINARYMIME | MAIL_REQUIRETLS) != 0 {
            return reply::UNKNOWN_PARAMETER;
        }
        if !from.address.is_ascii() && from.flags & MAIL_SMTPUTF8 == 0 {
            return reply::SMTPUTF8_NEEDED;
        }
        self.transaction = Some(Transaction { sender: from.address.into_owned(), recipients: Vec::new() });
        reply::SENDER_OK
    }

    fn rcpt(&self, to: &RcptTo<Cow<'_, str>>) -> Action {
        match &self.transaction {
            None => Action::Reply(reply::BAD_SEQUENCE),
            Some(transaction) if transaction.recipients.len() >= MAX_RECIPIENTS => {
                Action::Reply(reply::TOO_MANY_RECIPIENTS)
            }
            // Not even postmaster, which RFC 5321 section 4.5.1 requires: nobody would read that mail.
            Some(_) => Address::parse(&to.address).map_or(Action::Reply(reply::NO_SUCH_RECIPIENT), Action::LookUp),
        }
    }

    fn data(&self) -> Action {
        let has_recipients = self.transaction.as_ref().is_some_and(|transaction| !transaction.recipients.is_empty());
        if has_recipients { Action::ReadMail } else { Action::Reply(reply::BAD_SEQUENCE) }
    }

    fn count_error(&mut self, action: Action) -> Action {
        if matches!(&action, Action::Reply(reply) if reply.is_error()) {
            self.errors += 1;
        }
        if self.errors >= MAX_ERRORS { Action::Close(reply::TOO_MANY_ERRORS) } else { action }
    }
}

fn reply_to(error: &Error) -> Reply {
    match error {
        Error::InvalidRecipientAddress => reply::NO_SUCH_RECIPIENT,
        Error::SyntaxError { .. } | Error::InvalidSenderAddress | Error::InvalidParameter { .. } => reply::SYNTAX_ERROR,
        Error::UnsupportedParameter { .. } => reply::UNKNOWN_PARAMETER,
        _ => reply::UNKNOWN_COMMAND,
    }
}
