//! The edge on one machine: SMTP in, HTTP out, one file that remembers.
//!
//! | module | room |
//! |---|---|
//! | [`folder`] | the data folder: the key, the store, the socket |
//! | [`store`] | what is remembered, in SQLite |
//! | [`jobs`] | the jobs of [`service`], with this edge's ports |
//! | [`inbox`] | the mail that is being received |
//! | [`clock`] | the ends of windows |
//! | `http` | prestage and status |
//! | [`stop`] | the word that it is over |
//! | `log` | one line for each decision |

pub mod clock;
pub mod folder;
pub mod inbox;
pub mod jobs;
pub mod stop;
pub mod store;

mod http;
mod log;
