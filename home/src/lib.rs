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
//! | `evidence` | SPF, DKIM and DMARC over DNS |
//! | `http` | prestage and status |
//! | `enroller`, [`control`] | the owner's actions, and the socket by which they reach a running relay |
//! | `jobs` | the jobs of [`service`] over this crate's adapters |
//! | `now` | the relay's time |
//! | `peer` | what counts as one peer |
//! | `judge` | the thread on which mails are judged |
//! | `log` | one line per decision |
//! | [`shutdown`] | graceful shutdown |

pub mod control;
pub mod shutdown;
pub mod smtp;

mod clock;
mod configuration;
mod data_folder;
mod enroller;
mod evidence;
mod http;
mod jobs;
mod judge;
mod local_relay;
mod log;
mod now;
mod peer;
mod store;

pub use configuration::{CertificateFiles, Configuration};
pub use data_folder::{DataFolder, DataFolderError, FileLost};
pub use enroller::Enroller;
pub use evidence::{Resolver, ResolverError};
pub use local_relay::{LocalRelay, StartError};
pub use log::Log;
pub use smtp::CertificateError;
pub use store::StoreError;
