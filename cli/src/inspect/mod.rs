//! What the relay thinks of a stored mail: who wrote it, what is proven about it, and which code is in it.

mod report;
mod source;

use crate::terminal::{Paint, tell};
use relay::evidence::{AMAZON_SES, Receiver};
use relay::reading::Reading;
use relay::refusal::Refusal;
use report::Report;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

/// What `mfa-relay inspect` is given.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub struct Arguments {
    /// Stored mails, or folders of them; `-` for standard input
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,

    /// Explain each mail to a person
    #[arg(long)]
    human: bool,

    /// The server that accepted the mails, by the name in its Authentication-Results, for example mx.google.com
    #[arg(long, value_name = "NAME", default_value = &*AMAZON_SES.authserv_id)]
    authserv_id: String,
}

const AFTER_HELP: &str = "\
One JSON object per mail and line; its \"outcome\" is code, no_code, ambiguous, not_from_provider or unreadable. \
\"reasons\" lists what a relay holds against the mail under one trust or another.

Exit codes: 0 every mail was looked at, 1 a file could not be opened, 2 usage.

Examples:
  mfa-relay inspect --human code.eml
  mfa-relay inspect ~/Maildir/new
  mfa-relay inspect --authserv-id mx.google.com - < shown-original.eml";

/// Runs the command.
pub fn run(arguments: &Arguments) -> ExitCode {
    let receiver = receiver(&arguments.authserv_id);
    let mut stdout = std::io::stdout().lock();
    let paint = Paint::on(&stdout);
    let mut all_opened = true;
    for source in arguments.files.iter().flat_map(|path| source::under(path)) {
        let reading = source.read().map_or_else(
            |error| {
                all_opened = false;
                tell(&format!("mfa-relay: cannot read {}: {error}", source.name()));
                Reading::unreadable(Refusal::Unreadable)
            },
            |raw| Reading::of(&raw, &receiver),
        );
        let report = Report::new(source.name(), &reading);
        let text = if arguments.human { report.for_people(paint) } else { report.to_json() };
        // Who closes the pipe early, as `head` does, has read enough.
        if writeln!(stdout, "{text}").is_err() {
            break;
        }
    }
    if all_opened { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// The receiver of this name: SES with all that is known of it, any other by its name alone.
fn receiver(authserv_id: &str) -> Receiver {
    let known = authserv_id.eq_ignore_ascii_case(&AMAZON_SES.authserv_id);
    let fields_above = AMAZON_SES.fields_above.filter(|_| known);
    Receiver { fields_above, ..Receiver::named(authserv_id.to_owned()) }
}

#[cfg(test)]
mod tests;
