//! The help of every command and the man page, compared with the files in `help/`. `tests/update` rewrites them.

#![allow(clippy::expect_used, reason = "helpers of a test, which clippy does not recognise as one")]

use snapbox::{Assert, Data};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Printed nowhere in the help, but still commands that people type.
const HIDDEN: [&str; 2] = ["completions", "man"];

#[test]
fn every_help_text_is_the_one_in_its_file() {
    let mut commands = vec![Vec::new()];
    commands.extend(HIDDEN.map(|command| vec![command.to_owned()]));
    let mut files = BTreeSet::from([check("mfa-relay.1", &output(&["man".to_owned()]))]);
    while let Some(command) = commands.pop() {
        let help = output(&[command.clone(), vec!["--help".to_owned()]].concat());
        let name = [vec!["mfa-relay".to_owned()], command.clone()].concat().join("-");
        files.insert(check(&format!("{name}.txt"), &help));
        commands.extend(subcommands(&help).map(|part| [command.clone(), vec![part]].concat()));
    }
    let stored = fs::read_dir(folder()).expect("the folder").map(|entry| entry.expect("a file").path());
    assert_eq!(stored.collect::<BTreeSet<_>>(), files, "a file of a command that no longer exists");
}

/// Compares the text with the file, or writes it there if `SNAPSHOTS=overwrite` is set. Returns the file.
fn check(name: &str, text: &str) -> PathBuf {
    let file = folder().join(name);
    let text = text.replace(env!("CARGO_PKG_VERSION"), "[VERSION]");
    // Left alone, backslashes would become slashes, as in paths. The man page is full of them.
    Assert::new().action_env("SNAPSHOTS").normalize_paths(false).eq(Data::text(text), Data::read_from(&file, None));
    file
}

/// The names under `Commands:` of a help text.
fn subcommands(help: &str) -> impl Iterator<Item = String> {
    let lines = help.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    // What else is indented further continues the description of a command.
    let names = lines.filter_map(|line| line.strip_prefix("  ").filter(|line| !line.starts_with(' ')));
    names.filter_map(|line| line.split(' ').next()).filter(|name| *name != "help").map(str::to_owned)
}

fn output(arguments: &[String]) -> String {
    // Help is wrapped at the width of the terminal.
    let output = Command::new(env!("CARGO_BIN_EXE_mfa-relay")).args(arguments).env("COLUMNS", "100").output();
    let output = output.expect("the program runs");
    assert!(output.status.success(), "{arguments:?}");
    String::from_utf8(output.stdout).expect("UTF-8")
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/help")
}
