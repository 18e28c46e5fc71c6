//! `mfa-relay demo`.

use crate::relay::program;
use std::process::Output;

fn demo(arguments: &[&str]) -> (Output, String) {
    let output = program().arg("demo").args(arguments).output().expect("the program runs");
    let story = String::from_utf8(output.stdout.clone()).expect("a text");
    (output, story)
}

/// `mfa-relay demo` with a mail of the corpus.
fn demo_with(case: &str) -> Output {
    let mail = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(mail.path(), corpus::case(case).expect("the case").raw).expect("a file");
    demo(&[mail.path().to_str().expect("a path")]).0
}

#[test]
fn the_story_ends_with_the_code() {
    let (output, story) = demo(&[]);
    assert!(output.status.success(), "{output:?}");
    let place = |text: &str| story.find(text).unwrap_or_else(|| panic!("{text} in {story}"));
    assert!(place("A relay is up") < place("prestages"));
    assert!(place(r#""status":"pending""#) < place("arrives over SMTP"));
    assert!(place("250 2.6.0 Accepted") < place(r#""code":"467266""#));
    assert!(!story.contains("mfar_"), "the token is nobody's business");
    assert!(!story.contains('\x1b'), "colours are for terminals");
}

#[test]
fn any_mail_can_take_the_leading_part() {
    assert!(demo_with("arlo/2026-german").status.success());
    assert!(demo_with("arlo/date-three-days-ago").status.success(), "its date is set to now");
}

#[test]
fn a_refused_mail_ends_the_story_with_the_reason() {
    for (case, reason) in [
        ("arlo/empty-body", "no_code"),
        ("arlo/codes-two-in-headings", "ambiguous"),
        ("arlo/from-lookalike-domain", "not_from_provider"),
    ] {
        let output = demo_with(case);
        assert_eq!(output.status.code(), Some(1), "{case}");
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(told.contains(reason), "{case}: {told}");
    }
}

#[test]
fn a_mail_that_is_not_there_is_named() {
    let (output, _) = demo(&["nowhere.eml"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("cannot read nowhere.eml"));
}
