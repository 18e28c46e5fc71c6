//! What the relay thinks of a stored mail.

use std::process::ExitCode;

/// What `mfa-relay inspect` is given.
#[derive(Debug, clap::Args)]
pub struct Arguments {}

/// Runs the command.
pub fn run(_arguments: &Arguments) -> ExitCode {
    ExitCode::FAILURE
}
