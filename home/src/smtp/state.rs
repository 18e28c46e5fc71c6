//! The order of an SMTP session (RFC 5321 section 4.1.4), without a wire: a line in, a turn out.

use super::limits::{MOST_ERRORS, MOST_RECIPIENTS};
use super::reply::{self, Reply};
use relay::address::Address;
use relay::mail::LARGEST_MAIL;
use smtp_proto::{Error, MAIL_BODY_BINARYMIME, MAIL_REQUIRETLS, MAIL_SMTPUTF8, MailFrom, RcptTo, Request};
use std::borrow::Cow;

/// What comes of a line.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Turn {
    /// Say this.
    Say(Reply),
    /// Say this and hang up.
    Part(Reply),
    /// Find out whether this recipient is known, then [`Dialogue::admit`] it or not.
    Ask(Address),
    /// Say that the mail may come, take it, then [`Dialogue::end_mail`].
    TakeMail,
    /// Say so and start TLS.
    StartTls,
}

/// Whether a session is encrypted, or could be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Privacy {
    /// There is no certificate.
    None,
    /// TLS can be started.
    Offered,
    /// TLS has been started.
    Encrypted,
}

/// How a session stands.
#[derive(Debug)]
pub(super) struct Dialogue {
    privacy: Privacy,
    greeting: Option<String>,
    transaction: Option<Transaction>,
    errors: u32,
}

/// A mail that is being announced.
#[derive(Debug, Default)]
struct Transaction {
    sender: String,
    recipients: Vec<Address>,
}

/// From whom a mail comes and to whom it goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Route {
    /// The name in the peer's greeting.
    pub(super) greeting: String,
    /// The envelope sender; empty for a notice of non-delivery.
    pub(super) sender: String,
    /// The recipients, each of them known.
    pub(super) recipients: Vec<Address>,
}

impl Dialogue {
    pub(super) fn new(privacy: Privacy) -> Self {
        Self { privacy, greeting: None, transaction: None, errors: 0 }
    }

    /// What comes of a command line, given without its CR LF.
    pub(super) fn hear(&mut self, line: &[u8]) -> Turn {
        let line = [line, b"\r\n"].concat();
        let turn = match Request::parse(&mut line.iter()) {
            Ok(request) => self.turn(request),
            Err(error) => Turn::Say(misunderstood(&error)),
        };
        self.count(turn)
    }

    /// Whether the recipient that was asked about is known.
    pub(super) fn admit(&mut self, recipient: Address, is_known: bool) -> Turn {
        let Some(transaction) = self.transaction.as_mut().filter(|_| is_known) else {
            return self.count(Turn::Say(reply::NO_SUCH_MAILBOX));
        };
        transaction.recipients.push(recipient);
        Turn::Say(reply::RECIPIENT_OK)
    }

    /// Ends the mail that has been taken and says where it goes.
    pub(super) fn end_mail(&mut self) -> Route {
        let Transaction { sender, recipients } = self.transaction.take().unwrap_or_default();
        Route { greeting: self.greeting.clone().unwrap_or_default(), sender, recipients }
    }

    fn turn(&mut self, request: Request<Cow<'_, str>>) -> Turn {
        match request {
            Request::Ehlo { host } => self.greet(&host, Reply::Extensions { tls: self.privacy == Privacy::Offered }),
            Request::Helo { host } => self.greet(&host, reply::HELLO),
            Request::Mail { from } => Turn::Say(self.mail(from)),
            Request::Rcpt { to } => self.recipient(&to),
            Request::Data => self.data(),
            Request::Rset => {
                self.transaction = None;
                Turn::Say(reply::OK)
            }
            Request::Noop { .. } => Turn::Say(reply::OK),
            Request::Quit => Turn::Part(reply::BYE),
            Request::StartTls if self.privacy == Privacy::Offered => Turn::StartTls,
            Request::Vrfy { .. } => Turn::Say(reply::CANNOT_VERIFY),
            _ => Turn::Say(reply::NOT_OFFERED),
        }
    }

    fn greet(&mut self, host: &str, reply: Reply) -> Turn {
        self.greeting = Some(host.to_owned());
        self.transaction = None;
        Turn::Say(reply)
    }

    fn mail(&mut self, from: MailFrom<Cow<'_, str>>) -> Reply {
        if self.greeting.is_none() || self.transaction.is_some() {
            return reply::OUT_OF_ORDER;
        }
        if from.size > LARGEST_MAIL {
            return reply::TOO_LARGE;
        }
        // Neither is offered, and each would change what the relay owes. What else a peer may ask for here concerns
        // notices of delivery, and the relay sends none.
        if from.flags & (MAIL_BODY_BINARYMIME | MAIL_REQUIRETLS) != 0 {
            return reply::PARAMETER;
        }
        if !from.address.is_ascii() && from.flags & MAIL_SMTPUTF8 == 0 {
            return reply::NOT_UTF8;
        }
        self.transaction = Some(Transaction { sender: from.address.into_owned(), recipients: Vec::new() });
        reply::SENDER_OK
    }

    fn recipient(&self, to: &RcptTo<Cow<'_, str>>) -> Turn {
        match &self.transaction {
            None => Turn::Say(reply::OUT_OF_ORDER),
            Some(transaction) if transaction.recipients.len() >= MOST_RECIPIENTS => {
                Turn::Say(reply::TOO_MANY_RECIPIENTS)
            }
            // Not even for postmaster, whom RFC 5321 section 4.5.1 wants to be reachable: nobody reads mail here.
            Some(_) => Address::parse(&to.address).map_or(Turn::Say(reply::NO_SUCH_MAILBOX), Turn::Ask),
        }
    }

    fn data(&self) -> Turn {
        let is_announced = self.transaction.as_ref().is_some_and(|transaction| !transaction.recipients.is_empty());
        if is_announced { Turn::TakeMail } else { Turn::Say(reply::OUT_OF_ORDER) }
    }

    fn count(&mut self, turn: Turn) -> Turn {
        if matches!(&turn, Turn::Say(reply) if reply.is_error()) {
            self.errors += 1;
        }
        if self.errors >= MOST_ERRORS { Turn::Part(reply::TOO_MANY_ERRORS) } else { turn }
    }
}

fn misunderstood(error: &Error) -> Reply {
    match error {
        Error::InvalidRecipientAddress => reply::NO_SUCH_MAILBOX,
        Error::SyntaxError { .. } | Error::InvalidSenderAddress | Error::InvalidParameter { .. } => reply::SYNTAX,
        Error::UnsupportedParameter { .. } => reply::PARAMETER,
        _ => reply::UNKNOWN_COMMAND,
    }
}
