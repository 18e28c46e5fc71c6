//! The `mfa-relay` command: arguments and settings in front of [`home`], the client, and `inspect`.
//!
//! | module | contents |
//! |---|---|
//! | [`arguments`] | the command line |
//! | [`manual`] | man page and shell completions |
//! | [`settings`] | the settings of a relay, from options, environment and file |
//! | [`demo`] | a whole login on this machine, printed step by step |
//! | [`serve`] | runs the relay on this machine |
//! | [`enroll`] | manages its enrolments |
//! | [`bridge`] | serves dialects in front of a relay elsewhere |
//! | [`code`] | the client: prestages and waits for a code |
//! | [`inspect`] | shows what the relay finds in a stored mail |
//! | [`terminal`] | colours and the countdown |
//!
//! Without the feature `home` there are only the client and `inspect`, and neither SQLite nor DNS is compiled.

pub mod arguments;
#[cfg(feature = "home")]
pub mod bridge;
pub mod code;
#[cfg(feature = "home")]
pub mod demo;
#[cfg(feature = "home")]
pub mod enroll;
pub mod inspect;
pub mod manual;
#[cfg(feature = "home")]
pub mod serve;
#[cfg(feature = "home")]
pub mod settings;
pub mod terminal;
