//! The built program from outside: its commands, its HTTP and its SMTP, as an owner, a client and a mail server meet
//! them. Nothing leaves this machine: names are asked of a name server of the suite's own.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    reason = "a test may say what it takes for granted, and these helpers are tests that clippy does not know as such"
)]

mod client;
mod letter;
mod name_server;
mod peer;
mod relay;

mod demo;
mod enrolment;
mod evidence;
mod logins;
mod prestage;
mod restarts;
mod smtp;
mod starting;
mod status;
