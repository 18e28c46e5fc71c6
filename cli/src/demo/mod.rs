//! `mfa-relay demo`: a whole login on this machine, printed step by step.
//!
//! The relay is the real one, on free ports of the loopback interface and with its store in a temporary folder.

mod sample_mail;
mod smtp_client;
mod walkthrough;

use crate::terminal::print_error;
use home::{Configuration, FileLost, LocalRelay, Log, Resolver, StartError, shutdown};
use relay::provider::Provider;
use relay::relay_address::{NotARelayAddress, RelayAddress};
use relay::request::DEFAULT_WINDOW_SECONDS;
use sample_mail::SampleMail;
use serde_json::{Value, json};
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use walkthrough::Walkthrough;

/// The mailbox of the login.
const MAILBOX: &str = "me@gmail.com";

/// The arguments of `mfa-relay demo`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  mfa-relay demo\n  mfa-relay demo tests/mail/base/2026-german.eml")]
pub struct Arguments {
    /// The mail that the cloud sends [default: one of Arlo's from 2026]
    #[arg(value_name = "MAIL.eml")]
    mail: Option<PathBuf>,
}

/// Why the demo ends without a code.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DemoError {
    /// The mail cannot be read.
    #[error("cannot read {path}: {cause}. Name a file that holds a mail, for example one of tests/mail/base/.")]
    Mail {
        /// The file.
        path: PathBuf,
        /// The operating system's error.
        cause: io::Error,
    },
    /// The relay cannot start.
    #[error(transparent)]
    Start(#[from] StartError),
    /// The relay had to stop.
    #[error(transparent)]
    Lost(#[from] FileLost),
    /// The relay address of the demo is not valid.
    #[error(transparent)]
    Address(#[from] NotARelayAddress),
    /// The operating system refuses a socket, a thread or the temporary folder.
    #[error("the operating system refuses a resource: {0}. Check the free space in the temporary folder.")]
    System(#[from] io::Error),
    /// The relay did not answer over HTTP.
    #[error("the relay does not answer over HTTP: {0}. Check that no firewall or proxy on this machine blocks it.")]
    Http(#[from] Box<ureq::Error>),
    /// The mailbox could not be enrolled.
    #[error("the mailbox could not be enrolled: {0}")]
    Enrol(String),
    /// The relay refused the mail over SMTP.
    #[error("the relay did not accept the mail: {0}")]
    Smtp(String),
    /// The mail was judged, and no code was delivered.
    #[error("the mail was refused: {0}. `mfa-relay inspect --human` explains it.")]
    Refused(String),
}

/// Runs the command.
pub fn run(arguments: &Arguments) -> ExitCode {
    match SampleMail::read(arguments.mail.as_deref()).and_then(demonstrate) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            print_error(&format!("mfa-relay demo: {error}"));
            ExitCode::FAILURE
        }
    }
}

#[tokio::main(flavor = "current_thread")]
async fn demonstrate(mail: SampleMail) -> Result<(), DemoError> {
    let folder = tempfile::tempdir()?;
    let relay = LocalRelay::open(&configuration(folder.path())?).await?;
    let enroller = relay.enroller();
    let added = enroller.answer(&json!({"action": "add", "mailbox": MAILBOX, "trust": "addressed"})).await;
    let walkthrough = Walkthrough::start(&relay, &added, mail)?;

    let (trigger, shutdown) = shutdown::channel();
    let login = async {
        let code = tokio::task::spawn_blocking(move || walkthrough.log_in()).await;
        let shown = enroller.answer(&json!({"action": "show", "mailbox": MAILBOX})).await;
        trigger.shut_down();
        (code, shown)
    };
    let ((code, shown), ended) = tokio::join!(login, relay.run(shutdown));
    ended?;
    if code.map_err(io::Error::other)??.is_some() {
        return Ok(());
    }
    let reason = shown.get("last_refusal").and_then(Value::as_str);
    Err(DemoError::Refused(reason.unwrap_or("it is not for this mailbox").to_owned()))
}

/// No name server is queried, so that nothing leaves the machine: the trust `addressed` needs no evidence.
fn configuration(data: &Path) -> Result<Configuration, NotARelayAddress> {
    let free_port = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    Ok(Configuration {
        relay_address: RelayAddress::parse(&format!("{}@mfa.example.com", Provider::DEFAULT))?,
        data: data.to_owned(),
        http: free_port,
        smtp: free_port,
        imap: None,
        base_url: None,
        window_seconds: DEFAULT_WINDOW_SECONDS,
        resolver: Resolver::None,
        certificate: None,
        log: Log::Discard,
    })
}
