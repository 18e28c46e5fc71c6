//! The rule book of mfa-relay.
//!
//! A device cloud mails a one-time code; a program waits for it. This crate says whose mail it is, who wrote it,
//! where the code stands in it, and which request may have it. It does no I/O, knows no clock and no cloud: every
//! function is total, takes facts and returns a decision.
//!
//! In reading order:
//!
//! | module | room |
//! |---|---|
//! | [`address`], [`mailbox`], [`relay_address`] | whom a mail names |
//! | [`secret`] | token, tag and code: what must not be printed |
//! | [`provider`] | who sends codes, as data |
//! | [`mail`], [`evidence`], [`forwarder`] | what came in and what is proven about it |
//! | [`extract`] | where the code stands |
//! | [`verdict`], [`refusal`] | the trust table, and the reasons why not |
//! | [`reading`] | what a mail says by itself, for a person who asks |
//! | [`enrolment`], [`request`], [`status`] | what is stored, how a request lives, what the client reads |
//! | [`confirmation`] | the mail by which Gmail asks the owner to confirm the forwarding |

pub mod address;
pub mod confirmation;
pub mod enrolment;
pub mod evidence;
pub mod extract;
pub mod forwarder;
pub mod id;
pub mod mail;
pub mod mailbox;
pub mod provider;
pub mod reading;
pub mod refusal;
pub mod relay_address;
pub mod request;
pub mod secret;
pub mod status;
pub mod verdict;
