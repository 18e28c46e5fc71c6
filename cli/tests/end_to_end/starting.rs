//! Starting: settings, errors, help and the manual.

use crate::{PROGRAM, start_relay, start_relay_with};
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

/// Runs the program, which must fail, and returns its standard error.
fn error(arguments: &[&str]) -> String {
    let output = PROGRAM.command().args(arguments).output().expect("the program runs");
    assert!(!output.status.success(), "{arguments:?}");
    String::from_utf8(output.stderr).expect("UTF-8")
}

#[test]
fn the_effective_configuration_is_printed() {
    let relay = start_relay();
    let log = relay.log().join("\n");
    for line in ["arlo+<tag>@mfa.example.com", "window         300 s", "starttls       not offered", "/prestage"] {
        assert!(log.contains(line), "{line} in {log}");
    }
}

#[test]
fn a_second_relay_on_the_same_store_is_refused() {
    let relay = start_relay();
    let data = relay.data().to_str().expect("a path");
    let error = error(&[
        "serve",
        "--domain",
        "mfa.example.com",
        "--data",
        data,
        "--http",
        "127.0.0.1:0",
        "--smtp",
        "127.0.0.1:0",
    ]);
    assert!(error.contains("is open in another process"), "{error}");
}

#[test]
fn a_start_waits_for_a_command_that_holds_the_store_for_a_moment() {
    let mut relay = start_relay();
    relay.add_mailbox("me@gmail.com");
    relay.kill();
    relay.restart_beside_holder(Duration::from_millis(500));
}

#[test]
fn a_store_that_is_lost_is_an_error_that_says_what_to_do() {
    let mut relay = start_relay();
    relay.add_mailbox("me@gmail.com");
    fs::remove_file(relay.data().join("relay.db")).expect("removed");
    assert_eq!(relay.exit_code(), Some(1), "it notices that its file is gone");
    assert!(relay.log().iter().any(|line| line.contains("store lost")), "{:?}", relay.log());
    let data = relay.data().to_str().expect("a path");
    for command in [&["serve", "--resolver", "none"][..], &["enroll", "list"]] {
        let error = error(&[command, &["--domain", "mfa.example.com", "--data", data]].concat());
        assert!(error.contains("relay.db is missing or empty") && error.contains("backup"), "{error}");
    }
}

#[test]
fn a_data_folder_that_others_can_write_to_is_refused() {
    let relay = start_relay();
    let data = relay.data().to_str().expect("a path");
    fs::set_permissions(data, Permissions::from_mode(0o770)).expect("set");
    for command in [&["serve", "--resolver", "none"][..], &["enroll", "list"]] {
        let error = error(&[command, &["--domain", "mfa.example.com", "--data", data]].concat());
        assert!(error.contains("other users can write to") && error.contains("chmod go-w"), "{error}");
    }
}

#[test]
fn an_address_in_use_is_named_with_its_option() {
    let relay = start_relay();
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().to_str().expect("a path");
    let error = error(&[
        "serve",
        "--domain",
        "mfa.example.com",
        "--data",
        data,
        "--http",
        &relay.http,
        "--smtp",
        "127.0.0.1:0",
    ]);
    assert!(error.contains(&relay.http) && error.contains("--http"), "{error}");
}

#[test]
fn the_command_line_takes_precedence_over_the_settings_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("mfa-relay.toml");
    fs::write(&file, "domain = 'mfa.example.com'\nwindow = 9\nresolver = 'nowhere'\n").expect("written");
    let error = error(&["serve", "--config", file.to_str().expect("a path")]);
    assert!(
        error.contains("--resolver must be system, none or the address of a name server") && error.contains("nowhere"),
        "{error}"
    );
    let relay = start_relay_with(&["--config", file.to_str().expect("a path"), "--resolver", "none"]);
    assert!(relay.log().iter().any(|line| line == "window         9 s"), "the file sets the rest");
}

#[test]
fn a_missing_setting_is_named() {
    assert!(error(&["serve"]).contains("--domain mfa.example.com"));
    let error = error(&["serve", "--domain", "mfa.example.com", "--certificate", "missing.pem"]);
    assert!(error.contains("--certificate needs --key"), "{error}");
}

#[test]
fn every_command_shows_an_example() {
    for command in ["demo", "serve", "enroll", "code", "inspect"] {
        let output = PROGRAM.command().args([command, "--help"]).output().expect("the program runs");
        let help = String::from_utf8(output.stdout).expect("UTF-8");
        assert!(help.contains("Example") && help.contains(&format!("mfa-relay {command}")), "{command}: {help}");
    }
}

#[test]
fn completions_and_the_man_page_are_generated() {
    for arguments in [["completions", "bash"], ["completions", "zsh"], ["completions", "fish"], ["man", ""]] {
        let arguments = arguments.iter().filter(|argument| !argument.is_empty());
        let output = PROGRAM.command().args(arguments).output().expect("the program runs");
        assert!(output.status.success());
        let text = String::from_utf8(output.stdout).expect("UTF-8");
        assert!(text.contains("enroll") && text.contains("rotate") && text.contains("inspect"));
    }
}
