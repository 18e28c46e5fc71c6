//! The `mfa-relay` command: the relay on one machine, its client, and a look at stored mails.
//!
//! | module | room |
//! |---|---|
//! | [`arguments`] | what can be typed |
//! | [`code`] | the client: prestages and waits for a code |
//! | [`edge`] | SMTP in, HTTP out, one file that remembers |
//! | [`inspect`] | what the relay thinks of a stored mail |
//! | [`terminal`] | colours, and the countdown |

pub mod arguments;
pub mod code;
pub mod edge;
pub mod inspect;
pub mod terminal;
