//! The relay on one machine: SMTP in, HTTP out, one SQLite file.
//!
//! [`LocalRelay`] is the whole of it: [`open`](LocalRelay::open) it with a [`Configuration`], then
//! [`run`](LocalRelay::run) it until its [`Shutdown`](shutdown::Shutdown). [`Enroller`] manages the enrolments in its
//! store; while the relay runs, [`control::ask`] reaches it from another process.
//!
//! | module | contents |
//! |---|---|
//! | `local_relay` | starts, runs and stops everything below |
//! | `configuration` | the settings of a relay |
//! | `data_folder` | the folder with the key, the store and the control socket |
//! | [`smtp`] | mail in |
//! | [`codes`] | where codes come from, for dialects |
//! | [`imap`] | codes out, for clients that read a mailbox |
//! | `evidence` | SPF, DKIM and DMARC over DNS |
//! | `http` | prestage and status |
//! | `enroller`, [`control`] | the owner's actions, and the socket by which they reach a running relay |
//! | `jobs` | the jobs of [`service`] over this crate's adapters |
//! | `now` | the relay's time |
//! | `peer`, `connection_limit`, `rate_limit` | what counts as one peer, and how much it may use |
//! | `tls` | the certificate |
//! | `judge` | the thread on which mails are judged |
//! | `log` | one line per decision |
//! | [`shutdown`] | graceful shutdown |

pub mod codes;
pub mod control;
pub mod imap;
pub mod shutdown;
pub mod smtp;

mod acceptor;
mod clock;
mod configuration;
mod connection_limit;
mod data_folder;
mod enroller;
mod evidence;
pub mod http;
mod jobs;
mod judge;
mod local_relay;
mod log;
mod now;
mod peer;
mod rate_limit;
mod store;
mod tls;

pub use configuration::{CertificateFiles, Configuration};
pub use data_folder::{DataFolder, DataFolderError, FileLost};
pub use enroller::Enroller;
pub use evidence::{Resolver, ResolverError};
pub use local_relay::{LocalRelay, StartError};
pub use log::Log;
pub use store::StoreError;
pub use tls::{Certificate, CertificateError};
