//! `mfa-relay inspect`: shows what the relay finds in a stored mail: its author, the evidence about it, and its code.

mod report;
mod source;

use crate::terminal::{Paint, print_error};
use relay::evidence::Receiver;
use relay::inspection::Inspection;
use relay::refusal::Refusal;
use report::Report;
use ses::AMAZON_SES;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

/// The arguments of `mfa-relay inspect`.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub struct Arguments {
    /// Stored mails, or folders of them; `-` for standard input
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,

    /// Explain each mail in words
    #[arg(long)]
    human: bool,

    /// The server that accepted the mails, by the first word of its Authentication-Results, for example mx.google.com;
    /// a domain if it has several names (icloud.com), '' if it writes none (Microsoft)
    #[arg(long, value_name = "NAME", default_value = &*AMAZON_SES.authserv_id)]
    authserv_id: String,
}

const AFTER_HELP: &str = "\
One JSON object per mail and line; its \"outcome\" is code, confirmation, no_code, ambiguous, not_from_provider, \
too_large or unreadable. \
\"reasons\" lists why a relay refuses the mail under some trust.

Exit codes: 0 every file was read, 1 a file could not be read, 2 usage.

Examples:
  mfa-relay inspect --human code.eml
  mfa-relay inspect ~/Maildir/new
  mfa-relay inspect --authserv-id mx.google.com - < shown-original.eml";

/// Runs the command.
pub fn run(arguments: &Arguments) -> ExitCode {
    let receiver = receiver(&arguments.authserv_id);
    let mut stdout = std::io::stdout().lock();
    let paint = Paint::for_stream(&stdout);
    let mut all_were_read = true;
    for source in arguments.files.iter().flat_map(|path| source::under(path)) {
        let inspection = source.read().map_or_else(
            |error| {
                all_were_read = false;
                print_error(&format!("mfa-relay: cannot read {}: {error}", source.name()));
                Inspection::refused(Refusal::Unreadable)
            },
            |raw| Inspection::of(&raw, &receiver),
        );
        let report = Report::new(source.name(), &inspection);
        let text = if arguments.human { report.to_text(paint) } else { report.to_json() };
        // A reader that closes the pipe early, such as `head`, has read enough.
        if writeln!(stdout, "{text}").is_err() {
            break;
        }
    }
    if all_were_read { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// The receiver with this authserv-id. Of SES the order of its header fields is known as well.
fn receiver(authserv_id: &str) -> Receiver {
    let is_ses = authserv_id.eq_ignore_ascii_case(&AMAZON_SES.authserv_id);
    let fields_above = AMAZON_SES.fields_above.filter(|_| is_ses);
    Receiver { fields_above, ..Receiver::named(authserv_id.to_owned()) }
}

#[cfg(test)]
mod tests;
