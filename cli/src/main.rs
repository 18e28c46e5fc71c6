//! The `mfa-relay` command.

use clap::Parser;
use cli::arguments::{Arguments, Command, manual};
use cli::{code, demo, enroll, inspect, serve};
use std::process::ExitCode;

fn main() -> ExitCode {
    match Arguments::parse().command {
        Command::Demo(arguments) => demo::run(&arguments),
        Command::Serve(arguments) => serve::run(&arguments),
        Command::Enroll(arguments) => enroll::run(&arguments),
        Command::Code(arguments) => code::run(&arguments),
        Command::Inspect(arguments) => inspect::run(&arguments),
        Command::Completions { shell } => manual::completions(shell),
        Command::Man => manual::page(),
    }
}
