//! The `mfa-relay` command: the relay on one machine, its client, and a look at stored mails.
//!
//! | module | room |
//! |---|---|
//! | [`arguments`] | what can be typed |
//! | [`demo`] | a whole login, told as it happens |
//! | [`serve`] | the relay on this machine |
//! | [`enroll`] | its enrolments |
//! | [`code`] | the client: prestages and waits for a code |
//! | [`edge`] | SMTP in, HTTP out, one file that remembers |
//! | [`inspect`] | what the relay thinks of a stored mail |
//! | [`terminal`] | colours, and the countdown |

pub mod arguments;
pub mod code;
pub mod demo;
pub mod edge;
pub mod enroll;
pub mod inspect;
pub mod serve;
pub mod terminal;
