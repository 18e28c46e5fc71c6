//! `mfa-relay demo`: a whole login on this machine, told as it happens. The relay is the real one, on free ports and
//! with a store in a temporary folder; HTTP and SMTP go over the loopback.

mod letter;
mod post;
mod story;

use crate::edge::configuration::Configuration;
use crate::edge::control;
use crate::edge::evidence::Resolver;
use crate::edge::log::Log;
use crate::edge::relay::{LocalRelay, StartError};
use crate::edge::stop;
use crate::terminal::tell;
use letter::Letter;
use relay::relay_address::{NotARelayAddress, RelayAddress};
use serde_json::{Value, json};
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use story::Story;

/// The mailbox of the story.
const MAILBOX: &str = "me@gmail.com";

/// What `mfa-relay demo` is given.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  mfa-relay demo\n  mfa-relay demo tests/mail/base/2026-german.eml")]
pub struct Arguments {
    /// The mail that the cloud sends [default: one of Arlo's from 2026]
    #[arg(value_name = "MAIL.eml")]
    mail: Option<PathBuf>,
}

/// Why the story does not come to its end.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DemoError {
    /// The mail cannot be read.
    #[error("cannot read {path}: {cause}. Give a mail as a file, for example one of tests/mail/base/.")]
    Mail {
        /// The file.
        path: PathBuf,
        /// What the operating system says.
        cause: io::Error,
    },
    /// The relay cannot start.
    #[error(transparent)]
    Start(#[from] StartError),
    /// The address of the story is none.
    #[error(transparent)]
    Address(#[from] NotARelayAddress),
    /// The operating system refuses what every program needs.
    #[error("the operating system refuses: {0}. Look at the room in the temporary folder.")]
    System(#[from] io::Error),
    /// The relay answered something else over HTTP.
    #[error("the relay does not answer over HTTP: {0}. Look whether something on this machine is in its way.")]
    Http(#[from] Box<ureq::Error>),
    /// The mailbox could not be enrolled.
    #[error("the mailbox could not be enrolled: {0}")]
    Enrol(String),
    /// The relay did not take the mail.
    #[error("the relay did not take the mail: {0}")]
    Post(String),
    /// The mail was judged, and has no code to deliver.
    #[error("the mail was refused: {0}. `mfa-relay inspect --human` says more about it.")]
    Refused(String),
}

/// Runs the command.
pub fn run(arguments: &Arguments) -> ExitCode {
    match Letter::read(arguments.mail.as_deref()).and_then(demonstrate) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tell(&format!("mfa-relay demo: {error}"));
            ExitCode::FAILURE
        }
    }
}

#[tokio::main(flavor = "current_thread")]
async fn demonstrate(letter: Letter) -> Result<(), DemoError> {
    let folder = tempfile::tempdir()?;
    let relay = LocalRelay::open(&configuration(folder.path())?).await?;
    let jobs = relay.jobs();
    let enrolled = control::act(&jobs, &json!({"action": "add", "mailbox": MAILBOX, "trust": "addressed"})).await;
    let story = Story::begin(&relay, &enrolled, letter)?;

    let (stopper, stop) = stop::channel();
    let told = async {
        let told = tokio::task::spawn_blocking(move || story.tell()).await;
        let refusal = control::act(&jobs, &json!({"action": "show", "mailbox": MAILBOX})).await;
        stopper.stop();
        (told, refusal)
    };
    let ((told, shown), ()) = tokio::join!(told, relay.run(stop));
    match told.map_err(io::Error::other)?? {
        story::Ending::Code => Ok(()),
        story::Ending::NoCode => {
            let reason = shown.get("last_refusal").and_then(Value::as_str);
            Err(DemoError::Refused(reason.unwrap_or("it is not for this mailbox").to_owned()))
        }
    }
}

/// No name server is asked: nothing leaves the machine, and the secret address is proof enough here.
fn configuration(data: &Path) -> Result<Configuration, NotARelayAddress> {
    let free = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    Ok(Configuration {
        relay_address: RelayAddress::parse("arlo@mfa.example.com")?,
        data: data.to_owned(),
        http: free,
        smtp: free,
        base_url: None,
        window_seconds: 300,
        resolver: Resolver::None,
        certificate: None,
        log: Log::Silent,
    })
}
