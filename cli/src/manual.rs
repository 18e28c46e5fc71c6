//! The man page and the shell completions, generated from the same description as `--help`.

use crate::arguments::Arguments;
use clap::{Command, CommandFactory};
use clap_complete::Shell;
use std::io::Write;
use std::process::ExitCode;

/// Prints the completions for a shell.
pub fn completions(shell: Shell) -> ExitCode {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "mfa-relay", &mut script);
    print(&script)
}

/// Prints the man page: one page for the command and all of its subcommands.
pub fn page() -> ExitCode {
    let mut command = Arguments::command();
    command.build();
    let mut page = Vec::new();
    let rendered =
        clap_mangen::Man::new(command.clone()).render(&mut page).and_then(|()| subcommands(&command, &mut page));
    if rendered.is_ok() { print(&page) } else { ExitCode::FAILURE }
}

/// Renders the subcommands, recursively.
fn subcommands(command: &Command, page: &mut Vec<u8>) -> std::io::Result<()> {
    let is_listed = |command: &&Command| !command.is_hide_set() && command.get_name() != "help";
    for subcommand in command.get_subcommands().filter(is_listed) {
        let man = clap_mangen::Man::new(subcommand.clone());
        man.render_name_section(page)?;
        man.render_synopsis_section(page)?;
        man.render_description_section(page)?;
        man.render_options_section(page)?;
        man.render_extra_section(page)?;
        subcommands(subcommand, page)?;
    }
    Ok(())
}

/// A closed pipe is a success: a reader such as `head` has read enough.
fn print(text: &[u8]) -> ExitCode {
    match std::io::stdout().lock().write_all(text) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => ExitCode::FAILURE,
        _ => ExitCode::SUCCESS,
    }
}
