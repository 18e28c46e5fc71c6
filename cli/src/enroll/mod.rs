//! `mfa-relay enroll`: manages the enrolments of the relay on this machine, running or not.

mod text;

use crate::settings::{Options, SettingsError};
use home::control::{self, ControlError};
use home::{DataFolder, DataFolderError, Enroller, StartError, StoreError};
use serde_json::{Value, json};
use std::io::{self, Write};
use std::process::ExitCode;

/// The arguments of `mfa-relay enroll`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  mfa-relay enroll add me@gmail.com --label 'garden cameras'")]
pub struct Arguments {
    #[command(subcommand)]
    action: Action,
    /// Print the answer as one line of JSON, the same as the AWS function's
    #[arg(long, global = true)]
    json: bool,
}

/// The actions on enrolments.
#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Enrol a mailbox: prints its relay address, its prestage URL and its token, once
    #[command(after_help = "Example:\n  mfa-relay enroll add me@gmail.com --label 'garden cameras'")]
    Add {
        /// What a mail needs for its code to be delivered: signed, forwarded or addressed [default: forwarded]
        #[arg(long)]
        trust: Option<String>,
        /// Your own name for the program that gets the token [default: default]
        #[arg(long)]
        label: Option<String>,
        #[command(flatten)]
        target: Target,
    },
    /// Replace a program's token, and the mailbox's relay address if asked
    #[command(after_help = "Example:\n  mfa-relay enroll rotate me@gmail.com --address")]
    Rotate {
        /// The program whose token to replace; not needed if the mailbox has only one
        #[arg(long)]
        label: Option<String>,
        /// Change what a mail needs for its code to be delivered: signed, forwarded or addressed
        #[arg(long)]
        trust: Option<String>,
        /// Replace the relay address as well, which needs a new forwarding rule
        #[arg(long)]
        address: bool,
        #[command(flatten)]
        target: Target,
    },
    /// Delete a mailbox's enrolment
    #[command(after_help = "Example:\n  mfa-relay enroll revoke me@gmail.com")]
    Revoke(Target),
    /// Show a mailbox's enrolment, and Gmail's forwarding confirmation if one waits
    #[command(after_help = "Example:\n  mfa-relay enroll show me@gmail.com")]
    Show(Target),
    /// Give each program that waits for codes of a mailbox a token of its own
    #[command(subcommand, after_help = TOKEN_EXAMPLES)]
    Token(TokenAction),
    /// List the programs and dates of all enrolments
    #[command(after_help = "Example:\n  mfa-relay enroll list")]
    List {
        #[command(flatten)]
        options: Options,
    },
}

const TOKEN_EXAMPLES: &str = "Examples:
  mfa-relay enroll token add me@gmail.com --label recorder
  mfa-relay enroll token list me@gmail.com
  mfa-relay enroll token revoke me@gmail.com --label recorder";

/// The actions on a mailbox's tokens.
#[derive(Debug, clap::Subcommand)]
enum TokenAction {
    /// Add a program: prints its prestage URL and its token, once
    #[command(after_help = "Example:\n  mfa-relay enroll token add me@gmail.com --label recorder")]
    Add(Program),
    /// Revoke a program's token, which ends its open request only
    #[command(after_help = "Example:\n  mfa-relay enroll token revoke me@gmail.com --label recorder")]
    Revoke(Program),
    /// List the programs of a mailbox, and when each was last used
    #[command(after_help = "Example:\n  mfa-relay enroll token list me@gmail.com")]
    List(Target),
}

/// A program of a mailbox.
#[derive(Debug, clap::Args)]
struct Program {
    /// Your own name for the program
    #[arg(long)]
    label: String,
    #[command(flatten)]
    target: Target,
}

/// A mailbox and its relay.
#[derive(Debug, clap::Args)]
struct Target {
    /// The address that receives the codes
    mailbox: String,
    #[command(flatten)]
    options: Options,
}

/// Why an action was not performed.
#[derive(Debug, thiserror::Error)]
enum EnrollError {
    /// The settings are wrong.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// The data folder cannot be used.
    #[error(transparent)]
    DataFolder(#[from] DataFolderError),
    /// The running relay cannot be reached.
    #[error(transparent)]
    Control(#[from] ControlError),
    /// The store cannot be opened.
    #[error(transparent)]
    Start(#[from] StartError),
    /// The operating system refuses the runtime's own files.
    #[error("the operating system refuses a resource: {0}. Check its limits for processes and open files.")]
    System(#[from] io::Error),
}

/// Runs the command.
pub fn run(arguments: &Arguments) -> ExitCode {
    let answer = match perform(&arguments.action) {
        Ok(answer) => answer,
        Err(error) => json!({"error": "not_done", "message": error.to_string()}),
    };
    let failure = answer.get("error").and(answer.get("message")).and_then(Value::as_str);
    let printed = match failure {
        _ if arguments.json => writeln!(io::stdout(), "{answer}"),
        Some(message) => writeln!(io::stderr(), "mfa-relay enroll: {message}"),
        None => write!(io::stdout(), "{}", text::of(&answer)),
    };
    if failure.is_none() && printed.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Asks the running relay. If none is running, opens its store. A relay that is starting holds the store before it can be
/// asked, so it is asked once more.
#[tokio::main(flavor = "current_thread")]
async fn perform(action: &Action) -> Result<Value, EnrollError> {
    let (event, options) = (action.event(), action.options());
    let folder = DataFolder::open(&options.data()?)?;
    if let Some(answer) = control::ask(&folder.socket(), &event).await? {
        return Ok(answer);
    }
    match Enroller::open(&options.configuration()?) {
        Ok(enroller) => Ok(enroller.answer(&event).await),
        Err(held @ StartError::Store(StoreError::Held(_))) => {
            control::ask(&folder.socket(), &event).await?.ok_or_else(|| held.into())
        }
        Err(error) => Err(error.into()),
    }
}

impl Action {
    /// The event of the `enroll` function (DESIGN section 3.4).
    fn event(&self) -> Value {
        let mut event = match self {
            Self::Add { target, trust, label } => {
                json!({"action": "add", "mailbox": target.mailbox, "trust": trust, "label": label})
            }
            Self::Rotate { target, label, trust, address } => json!({
                "action": "rotate", "mailbox": target.mailbox, "label": label, "trust": trust, "address": address,
            }),
            Self::Token(TokenAction::Add(Program { label, target })) => {
                json!({"action": "token", "do": "add", "mailbox": target.mailbox, "label": label})
            }
            Self::Token(TokenAction::Revoke(Program { label, target })) => {
                json!({"action": "token", "do": "revoke", "mailbox": target.mailbox, "label": label})
            }
            Self::Token(TokenAction::List(target)) => {
                json!({"action": "token", "do": "list", "mailbox": target.mailbox})
            }
            Self::Revoke(target) => json!({"action": "revoke", "mailbox": target.mailbox}),
            Self::Show(target) => json!({"action": "show", "mailbox": target.mailbox}),
            Self::List { .. } => json!({"action": "list"}),
        };
        if let Some(fields) = event.as_object_mut() {
            fields.retain(|_, value| !value.is_null());
        }
        event
    }

    fn options(&self) -> &Options {
        match self {
            Self::Add { target, .. }
            | Self::Rotate { target, .. }
            | Self::Revoke(target)
            | Self::Show(target)
            | Self::Token(
                TokenAction::Add(Program { target, .. })
                | TokenAction::Revoke(Program { target, .. })
                | TokenAction::List(target),
            ) => &target.options,
            Self::List { options } => options,
        }
    }
}
