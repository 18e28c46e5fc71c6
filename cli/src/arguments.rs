//! What can be typed after `mfa-relay`.

use crate::{code, inspect};
#[cfg(feature = "home")]
use crate::{demo, enroll, serve};
use clap::{Parser, Subcommand};
use clap_complete::Shell;

/// Hands one-time login codes from a mailbox to the program that waits for them.
#[derive(Debug, Parser)]
#[command(name = "mfa-relay", version, propagate_version = true, arg_required_else_help = true)]
#[command(after_help = "Example:\n  mfa-relay demo")]
pub struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    #[cfg(feature = "home")]
    /// Watch a whole login on this machine, from prestage to code
    Demo(demo::Arguments),
    #[cfg(feature = "home")]
    /// Run the relay on this machine: SMTP in, HTTP out
    Serve(serve::Arguments),
    #[cfg(feature = "home")]
    /// Enrol mailboxes at the relay on this machine
    Enroll(enroll::Arguments),
    /// Ask a relay for a code and print it
    Code(code::Arguments),
    /// Say what the relay thinks of a stored mail
    Inspect(inspect::Arguments),
    /// Print the completions of a shell
    #[command(hide = true)]
    Completions {
        /// The shell
        shell: Shell,
    },
    /// Print the man page
    #[command(hide = true)]
    Man,
}
