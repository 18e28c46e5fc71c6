//! The edge on one machine: SMTP in, HTTP out, one file that remembers.
//!
//! | module | room |
//! |---|---|
//! | [`local_relay`] | all of it together, from start to stop |
//! | [`configuration`] | what it is told at its start |
//! | [`data_folder`] | the data folder: the key, the store, the socket |
//! | [`store`] | what is remembered, in SQLite |
//! | [`jobs`] | the jobs of [`service`], with this edge's ports |
//! | [`inbox`] | the mail that is being received |
//! | [`clock`] | the ends of windows |
//! | [`smtp`] | mails in |
//! | [`evidence`] | what DNS proves about a mail |
//! | `http` | prestage and status |
//! | [`control`] | the socket for `enroll` |
//! | [`shutdown`] | the word that it is over |
//! | [`log`] | one line for each decision |

pub mod clock;
pub mod configuration;
pub mod control;
pub mod data_folder;
pub mod evidence;
pub mod inbox;
pub mod jobs;
pub mod local_relay;
pub mod log;
pub mod shutdown;
pub mod smtp;
pub mod store;

mod http;
