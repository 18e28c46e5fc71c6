//! The man page and the completions of shells, from the same description as `--help`.

use crate::arguments::Arguments;
use clap::{Command, CommandFactory};
use clap_complete::Shell;
use std::io::Write;
use std::process::ExitCode;

/// Prints the completions of a shell.
pub fn completions(shell: Shell) -> ExitCode {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "mfa-relay", &mut script);
    print(&script)
}

/// Prints the man page: one for the command and all of its subcommands.
pub fn page() -> ExitCode {
    let mut command = Arguments::command();
    command.build();
    let mut page = Vec::new();
    let rendered = clap_mangen::Man::new(command.clone()).render(&mut page).and_then(|()| parts(&command, &mut page));
    if rendered.is_ok() { print(&page) } else { ExitCode::FAILURE }
}

/// The subcommands, and theirs.
fn parts(command: &Command, page: &mut Vec<u8>) -> std::io::Result<()> {
    let is_shown = |part: &&Command| !part.is_hide_set() && part.get_name() != "help";
    for part in command.get_subcommands().filter(is_shown) {
        let man = clap_mangen::Man::new(part.clone());
        man.render_name_section(page)?;
        man.render_synopsis_section(page)?;
        man.render_description_section(page)?;
        man.render_options_section(page)?;
        man.render_extra_section(page)?;
        parts(part, page)?;
    }
    Ok(())
}

/// Who closes the pipe early, as `head` does, has read enough.
fn print(text: &[u8]) -> ExitCode {
    match std::io::stdout().lock().write_all(text) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => ExitCode::FAILURE,
        _ => ExitCode::SUCCESS,
    }
}
