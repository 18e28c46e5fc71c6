//! How the program starts, and what it says when it cannot.

use crate::relay::{Relay, program};
use std::fs;

/// Runs the program, which is expected to fail, and gives what it says.
fn complaint(arguments: &[&str]) -> String {
    let output = program().args(arguments).output().expect("the program runs");
    assert!(!output.status.success(), "{arguments:?}");
    String::from_utf8(output.stderr).expect("a text")
}

#[test]
fn what_holds_is_said_at_the_start() {
    let relay = Relay::start();
    let log = relay.log().join("\n");
    for line in ["arlo+<tag>@mfa.example.com", "window         300 s", "starttls       not offered", "/prestage"] {
        assert!(log.contains(line), "{line} in {log}");
    }
}

#[test]
fn a_store_is_opened_by_one_program_at_a_time() {
    let relay = Relay::start();
    let data = relay.data().to_str().expect("a path");
    let told = complaint(&[
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
    assert!(told.contains("is open in another process"), "{told}");
}

#[test]
fn an_address_that_is_taken_is_named_with_its_option() {
    let relay = Relay::start();
    let place = tempfile::tempdir().expect("a folder");
    let data = place.path().to_str().expect("a path");
    let told = complaint(&[
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
    assert!(told.contains(&relay.http) && told.contains("--http"), "{told}");
}

#[test]
fn settings_come_from_a_file_as_well() {
    let place = tempfile::tempdir().expect("a folder");
    let file = place.path().join("mfa-relay.toml");
    fs::write(&file, "domain = 'mfa.example.com'\nwindow = 9\nresolver = 'nowhere'\n").expect("written");
    let told = complaint(&["serve", "--config", file.to_str().expect("a path")]);
    assert!(told.contains("\"nowhere\" is no name server"), "{told}");
    let relay = Relay::with(&["--config", file.to_str().expect("a path"), "--resolver", "none"]);
    assert!(relay.log().iter().any(|line| line == "window         9 s"), "what is typed goes before the file");
}

#[test]
fn what_is_missing_is_asked_for() {
    assert!(complaint(&["serve"]).contains("--domain mfa.example.com"));
    let told = complaint(&["serve", "--domain", "mfa.example.com", "--certificate", "nowhere.pem"]);
    assert!(told.contains("needs its key"), "{told}");
}

#[test]
fn every_command_shows_an_example() {
    for command in ["demo", "serve", "enroll", "code", "inspect"] {
        let output = program().args([command, "--help"]).output().expect("the program runs");
        let help = String::from_utf8(output.stdout).expect("a text");
        assert!(help.contains("Example") && help.contains(&format!("mfa-relay {command}")), "{command}: {help}");
    }
}

#[test]
fn completions_and_the_man_page_are_generated() {
    for arguments in [["completions", "bash"], ["completions", "zsh"], ["completions", "fish"], ["man", ""]] {
        let arguments = arguments.iter().filter(|argument| !argument.is_empty());
        let output = program().args(arguments).output().expect("the program runs");
        assert!(output.status.success());
        let text = String::from_utf8(output.stdout).expect("a text");
        assert!(text.contains("enroll") && text.contains("rotate") && text.contains("inspect"));
    }
}
