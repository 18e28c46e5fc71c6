//! The domain of mfa-relay.
//!
//! A device cloud mails a one-time code; a program waits for it. This crate decides whose message it is, who wrote it,
//! where the code is, and which login may have it. It does no I/O and knows no clock and no cloud: every function is
//! total, takes facts and returns a decision.
//!
//! In reading order:
//!
//! | module | what it holds |
//! |---|---|
//! | [`address`], [`mailbox`], [`relay_address`] | addresses, and the keyed hashes under which mailboxes are stored |
//! | [`secret`], [`id`] | token, tag and code, which are never printed; identifiers |
//! | [`provider`] | who sends codes, as data |
//! | [`mail`], [`evidence`], [`forwarder`] | what came in and what is proven about it |
//! | [`extract`] | where the code is in a mail |
//! | [`verdict`], [`refusal`], [`confirmation`] | the decision on an inbound message |
//! | [`enrolment`], [`arrivals`] | what is stored of a mailbox |
//! | [`request`], [`status`] | how a request lives, which login a code belongs to, what the client reads |
//! | [`inspection`] | the verdict on a stored mail, for a person who asks |

pub mod address;
pub mod arrivals;
pub mod confirmation;
pub mod enrolment;
pub mod evidence;
pub mod extract;
pub mod forwarder;
pub mod id;
pub mod inspection;
pub mod mail;
pub mod mailbox;
pub mod provider;
pub mod refusal;
pub mod relay_address;
pub mod request;
pub mod secret;
pub mod status;
pub mod verdict;
