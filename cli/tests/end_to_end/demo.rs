//! `mfa-relay demo`.

use crate::PROGRAM;
use std::process::Output;

fn demo(arguments: &[&str]) -> (Output, String) {
    let output = PROGRAM.command().arg("demo").args(arguments).output().expect("the program runs");
    let printed = String::from_utf8(output.stdout.clone()).expect("UTF-8");
    (output, printed)
}

/// `mfa-relay demo` with a mail of the corpus.
fn demo_with(case: &str) -> Output {
    let mail = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(mail.path(), corpus::case(case).expect("the case").raw).expect("a file");
    demo(&[mail.path().to_str().expect("a path")]).0
}

#[test]
fn the_demo_prints_the_login_step_by_step() {
    let (output, printed) = demo(&[]);
    assert!(output.status.success(), "{output:?}");
    let position = |text: &str| printed.find(text).unwrap_or_else(|| panic!("{text} in {printed}"));
    assert!(position("A relay is up") < position("prestages"));
    assert!(position(r#""status":"pending""#) < position("arrives over SMTP"));
    assert!(position("250 2.6.0 Accepted") < position(r#""code":"467266""#));
    assert!(!printed.contains("mfar_"), "the token is a secret");
    assert!(!printed.contains('\x1b'), "colours are for terminals only");
}

#[test]
fn the_demo_accepts_any_code_mail() {
    assert!(demo_with("arlo/2026-german").status.success());
    assert!(demo_with("arlo/date-three-days-ago").status.success(), "its Date is replaced");
}

#[test]
fn a_refused_mail_is_reported_with_the_reason() {
    for (case, reason) in [
        ("arlo/empty-body", "no_code"),
        ("arlo/codes-two-in-headings", "ambiguous"),
        ("arlo/from-lookalike-domain", "not_from_provider"),
    ] {
        let output = demo_with(case);
        assert_eq!(output.status.code(), Some(1), "{case}");
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(error.contains(reason), "{case}: {error}");
    }
}

#[test]
fn a_missing_file_is_named_in_the_error() {
    let (output, _) = demo(&["missing.eml"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("cannot read missing.eml"));
}
