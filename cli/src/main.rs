//! The `mfa-relay` command.

use clap::Parser;
use cli::arguments::{Arguments, Command, manual};
use cli::{code, inspect};
use std::process::ExitCode;

fn main() -> ExitCode {
    match Arguments::parse().command {
        Command::Code(arguments) => code::run(&arguments),
        Command::Inspect(arguments) => inspect::run(&arguments),
        Command::Completions { shell } => manual::completions(shell),
        Command::Man => manual::page(),
    }
}
