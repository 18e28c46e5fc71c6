//! End-to-end tests of the built program: its commands, HTTP and SMTP, as an owner, a client and a mail server use them.
//!
//! Nothing leaves this machine: DNS queries go to a name server of the suite's own.

#![cfg(test)]

mod bridge;
mod corpus;
mod demo;
mod enrolment;
mod evidence;
mod imap;
mod limits;
mod logins;
mod prestage;
mod programs;
mod pyaarlo;
mod restarts;
mod smtp;
mod starting;
mod status;

use test_support::{Program, Relay};

const PROGRAM: Program = Program(env!("CARGO_BIN_EXE_mfa-relay"));

/// Starts a relay that queries no name server.
fn start_relay() -> Relay {
    start_relay_with(&["--resolver", "none"])
}

fn start_relay_with(options: &[&str]) -> Relay {
    Relay::start(PROGRAM, options)
}
