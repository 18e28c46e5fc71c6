//! The `mfa-relay` command.

use clap::Parser;
use cli::arguments::{Arguments, Command};
use cli::{code, inspect, manual};
#[cfg(feature = "home")]
use cli::{demo, enroll, serve};
use std::process::ExitCode;

fn main() -> ExitCode {
    match Arguments::parse().command {
        #[cfg(feature = "home")]
        Command::Demo(arguments) => demo::run(&arguments),
        #[cfg(feature = "home")]
        Command::Serve(arguments) => serve::run(&arguments),
        #[cfg(feature = "home")]
        Command::Enroll(arguments) => enroll::run(&arguments),
        Command::Code(arguments) => code::run(&arguments),
        Command::Inspect(arguments) => inspect::run(&arguments),
        Command::Completions { shell } => manual::completions(shell),
        Command::Man => manual::page(),
    }
}
