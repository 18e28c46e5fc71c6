//! The built program from outside: its commands, its HTTP and its SMTP, as an owner, a client and a mail server meet
//! them. Nothing leaves this machine: names are asked of a name server of the suite's own.

mod client;
mod dns;
mod letter;
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
