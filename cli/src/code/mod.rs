//! The client: prestages, says when the login may ask for its code, and prints the code.

use std::process::ExitCode;

/// What `mfa-relay code` is given.
#[derive(Debug, clap::Args)]
pub struct Arguments {}

/// Runs the command.
pub fn run(_arguments: &Arguments) -> ExitCode {
    ExitCode::FAILURE
}
