//! Runs the built `mfa-relay` program and talks to it from outside, as an owner, a client and a mail server do.
//!
//! Everything panics with a message on failure: this crate is for tests and benchmarks only.

#![allow(
    clippy::indexing_slicing,
    clippy::expect_used,
    clippy::missing_panics_doc,
    clippy::panic,
    reason = "a failed expectation is how a test fails, and clippy does not know that this crate belongs to tests"
)]

mod http_client;
mod imap_client;
mod mail;
mod name_server;
mod relay;
mod smtp_client;

pub use http_client::{Response, agent, code, end_reason, get, poll, post, prestage, prestage_for, send_raw};
pub use imap_client::ImapClient;
pub use mail::{code_mail, code_mail_dated, mail_from, rfc5322_date};
pub use name_server::{Missing, NameServer};
pub use relay::{DOMAIN, Enrolment, Program, Relay, eventually, stored_bytes};
pub use smtp_client::{SmtpClient, deliver};
