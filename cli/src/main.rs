//! The `mfa-relay` command.

use clap::Parser;
use cli::arguments::{Arguments, Command};
#[cfg(feature = "home")]
use cli::{bridge, demo, enroll, serve};
use cli::{code, inspect, manual};
use std::process::ExitCode;

fn main() -> ExitCode {
    match Arguments::parse().command {
        #[cfg(feature = "home")]
        Command::Demo(arguments) => demo::run(&arguments),
        #[cfg(feature = "home")]
        Command::Serve(arguments) => serve::run(&arguments),
        #[cfg(feature = "home")]
        Command::Enroll(arguments) => enroll::run(&arguments),
        #[cfg(feature = "home")]
        Command::Bridge(arguments) => bridge::run(&arguments),
        Command::Code(arguments) => code::run(&arguments),
        Command::Inspect(arguments) => inspect::run(&arguments),
        Command::Completions { shell } => manual::completions(shell),
        Command::Man => manual::page(),
    }
}
