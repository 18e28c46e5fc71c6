//! `mfa-relay enroll`: enrolments of the relay on this machine, whether it is running or not.

mod text;

use crate::settings::{Options, SettingsError};
use home::control::{self, ControlError};
use home::data_folder::{DataFolder, FolderError};
use home::local_relay::{StartError, open_jobs};
use serde_json::{Value, json};
use std::io::{self, Write};
use std::process::ExitCode;

/// What `mfa-relay enroll` is given.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  mfa-relay enroll add me@gmail.com --label 'garden cameras'")]
pub struct Arguments {
    #[command(subcommand)]
    action: Action,
    /// Answer as one line of JSON, in the words of the AWS function
    #[arg(long, global = true)]
    json: bool,
}

/// What can be done.
#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Enrol a mailbox: gives its relay address, its prestage URL and its token, this once
    #[command(after_help = "Example:\n  mfa-relay enroll add me@gmail.com --label 'garden cameras'")]
    Add {
        /// What a mail needs for its code to be delivered: signed, forwarded or addressed [default: forwarded]
        #[arg(long)]
        trust: Option<String>,
        /// Your own name for it, shown by list
        #[arg(long)]
        label: Option<String>,
        #[command(flatten)]
        whose: Whose,
    },
    /// Renew a mailbox's token, and its relay address if asked
    #[command(after_help = "Example:\n  mfa-relay enroll rotate me@gmail.com --address")]
    Rotate {
        /// Change what a mail needs for its code to be delivered: signed, forwarded or addressed
        #[arg(long)]
        trust: Option<String>,
        /// Renew the relay address as well, which takes a new forwarding rule
        #[arg(long)]
        address: bool,
        #[command(flatten)]
        whose: Whose,
    },
    /// End a mailbox's enrolment
    #[command(after_help = "Example:\n  mfa-relay enroll revoke me@gmail.com")]
    Revoke(Whose),
    /// Tell what is known of a mailbox, and Gmail's confirmation when it waits
    #[command(after_help = "Example:\n  mfa-relay enroll show me@gmail.com")]
    Show(Whose),
    /// Tell labels and dates of all enrolments
    #[command(after_help = "Example:\n  mfa-relay enroll list")]
    List {
        #[command(flatten)]
        options: Options,
    },
}

/// Which mailbox, of which relay.
#[derive(Debug, clap::Args)]
struct Whose {
    /// The address that receives the codes
    mailbox: String,
    #[command(flatten)]
    options: Options,
}

/// Why nothing was done.
#[derive(Debug, thiserror::Error)]
enum EnrollError {
    /// The settings are wrong.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// The data folder cannot be used.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// The running relay cannot be asked.
    #[error(transparent)]
    Control(#[from] ControlError),
    /// The store cannot be opened.
    #[error(transparent)]
    Start(#[from] StartError),
    /// The operating system refuses what every program needs.
    #[error("the operating system refuses: {0}. Look at its limits for processes and files.")]
    System(#[from] io::Error),
}

/// Runs the command.
pub fn run(arguments: &Arguments) -> ExitCode {
    let answer = match ask(&arguments.action) {
        Ok(answer) => answer,
        Err(error) => json!({"error": "not_done", "message": error.to_string()}),
    };
    let failure = answer.get("error").and(answer.get("message")).and_then(Value::as_str);
    let told = match failure {
        _ if arguments.json => writeln!(io::stdout(), "{answer}"),
        Some(message) => writeln!(io::stderr(), "mfa-relay enroll: {message}"),
        None => write!(io::stdout(), "{}", text::told(&answer)),
    };
    if failure.is_none() && told.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Asks the running relay; without one, does it on the store itself.
#[tokio::main(flavor = "current_thread")]
async fn ask(action: &Action) -> Result<Value, EnrollError> {
    let (event, options) = action.event();
    let folder = DataFolder::open(&options.data()?)?;
    if let Some(answer) = control::ask(&folder.socket(), &event).await? {
        return Ok(answer);
    }
    let configuration = options.configuration()?;
    let (_, jobs) = open_jobs(&configuration, configuration.http)?;
    Ok(control::act(&jobs, &event).await)
}

impl Action {
    /// The event that the AWS function would be invoked with.
    fn event(&self) -> (Value, &Options) {
        let mut event = match self {
            Self::Add { whose, trust, label } => {
                json!({"action": "add", "mailbox": whose.mailbox, "trust": trust, "label": label})
            }
            Self::Rotate { whose, trust, address } => {
                json!({"action": "rotate", "mailbox": whose.mailbox, "trust": trust, "address": address})
            }
            Self::Revoke(whose) => json!({"action": "revoke", "mailbox": whose.mailbox}),
            Self::Show(whose) => json!({"action": "show", "mailbox": whose.mailbox}),
            Self::List { .. } => json!({"action": "list"}),
        };
        if let Some(fields) = event.as_object_mut() {
            fields.retain(|_, value| !value.is_null());
        }
        let options = match self {
            Self::Add { whose, .. } | Self::Rotate { whose, .. } | Self::Revoke(whose) | Self::Show(whose) => {
                &whose.options
            }
            Self::List { options } => options,
        };
        (event, options)
    }
}
