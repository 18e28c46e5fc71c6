//! The command line of `mfa-relay`.

#[cfg(feature = "home")]
use crate::{bridge, demo, enroll, serve};
use crate::{code, inspect};
use clap::{Parser, Subcommand};
use clap_complete::Shell;

/// Hands one-time login codes from a mailbox to the program that waits for them.
#[derive(Debug, Parser)]
#[command(name = "mfa-relay", version, propagate_version = true, arg_required_else_help = true)]
#[cfg_attr(feature = "home", command(after_help = "Example:\n  mfa-relay demo"))]
#[cfg_attr(not(feature = "home"), command(after_help = "Example:\n  mfa-relay code --help"))]
pub struct Arguments {
    /// The command.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Show a whole login on this machine, from prestage to code
    #[cfg(feature = "home")]
    Demo(demo::Arguments),
    /// Run the relay on this machine: SMTP in, HTTP out
    #[cfg(feature = "home")]
    Serve(serve::Arguments),
    /// Enrol mailboxes at the relay on this machine
    #[cfg(feature = "home")]
    Enroll(enroll::Arguments),
    /// Serve IMAP and pyaarlo's REST on this machine in front of a relay elsewhere
    #[cfg(feature = "home")]
    Bridge(bridge::Arguments),
    /// Ask a relay for a code and print it
    Code(code::Arguments),
    /// Show what the relay finds in a stored mail
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
