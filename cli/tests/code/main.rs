//! `mfa-relay code`, as it is typed, against a relay that follows a script.
#![cfg(test)]

mod fake_relay;

use fake_relay::{Line, STATUS_ID, Scripted, TOKEN};
use jiff::{SignedDuration, Timestamp};
use std::net::TcpListener;
use std::process::{Command, Output, Stdio};

fn ok(body: impl Into<String>) -> Line {
    ("200 OK", body.into())
}

fn opened() -> Line {
    ok("http://ADDRESS/status/ID")
}

fn pending(seconds_left: i64) -> Line {
    let at = Timestamp::now() + SignedDuration::from_secs(seconds_left);
    ok(format!(r#"{{"status":"pending","expires_at":"{at:.0}"}}"#))
}

fn complete() -> Line {
    ok(
        r#"{"status":"complete","code":"467266","provider":"arlo","received_at":"2026-11-21T20:01:12Z","expires_at":"2026-11-21T20:05:00Z"}"#,
    )
}

fn error(reason: &str, message: &str) -> Line {
    ok(format!(r#"{{"status":"error","reason":"{reason}","message":"{message}"}}"#))
}

const BUSY: &str = "503 Service Unavailable\r\nRetry-After: 0";

/// The command with nothing of this machine's environment in it.
fn program(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mfa-relay"));
    command.arg("code").args(arguments).env_clear().stdin(Stdio::null());
    command
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("UTF-8")
}

/// Runs it and sees to what holds for every run: no secret comes out.
fn run(mut command: Command) -> (Option<i32>, String, String) {
    let Output { status, stdout, stderr } = command.output().expect("it runs");
    let (stdout, stderr) = (text(&stdout), text(&stderr));
    for secret in [TOKEN, STATUS_ID] {
        assert!(!stdout.contains(secret) && !stderr.contains(secret), "a secret came out: {stdout} {stderr}");
    }
    (status.code(), stdout, stderr)
}

/// Plays a script, and tells the exit code, standard output and standard error.
fn play(script: impl IntoIterator<Item = Line>) -> (Option<i32>, String, String) {
    let relay = Scripted::new(script);
    run(program(&["--url", &relay.url(), "--email", "me@gmail.com"]))
}

const READY: &str = "The login may now ask for its code.\n";

#[test]
fn the_code_stands_alone_on_standard_output() {
    let relay = Scripted::new([opened(), pending(300), pending(300), complete()]);
    let (exit, stdout, stderr) = run(program(&["--url", &relay.url(), "--email", "me@gmail.com"]));
    assert_eq!((exit, &*stdout, &*stderr), (Some(0), "467266\n", READY));
    let heard = relay.heard();
    assert!(heard[0].starts_with(&format!("POST /prestage?token={TOKEN} HTTP/1.1\r\n")), "{heard:?}");
    assert!(heard[0].ends_with("\r\n\r\n{\"email\":\"me@gmail.com\"}"), "{heard:?}");
    assert!(heard[1..].iter().all(|asked| asked.starts_with(&format!("GET /status/{STATUS_ID} "))), "{heard:?}");
    assert!(heard[1..].iter().all(|asked| !asked.to_lowercase().contains("authorization")), "{heard:?}");
}

#[test]
fn everything_can_come_from_the_environment() {
    let relay = Scripted::new([opened(), complete()]);
    let mut command = program(&["--provider", "blink"]);
    command.env("MFA_RELAY_URL", format!("http://{}/prestage", relay.address));
    command.env("MFA_RELAY_EMAIL", "me@gmail.com").env("MFA_RELAY_TOKEN", TOKEN);
    assert_eq!(run(command), (Some(0), "467266\n".to_owned(), READY.to_owned()));
    let heard = &relay.heard()[0];
    assert!(heard.to_lowercase().contains(&format!("authorization: bearer {TOKEN}\r\n").to_lowercase()), "{heard}");
    assert!(heard.ends_with("{\"email\":\"me@gmail.com\",\"provider\":\"blink\"}"), "{heard}");
}

#[test]
fn a_proxy_is_not_asked_for_a_relay_on_this_machine() {
    let relay = Scripted::new([opened(), complete()]);
    let mut command = program(&["--url", &relay.url(), "--email", "me@gmail.com"]);
    command.env("HTTP_PROXY", "http://127.0.0.1:1").env("ALL_PROXY", "http://127.0.0.1:1");
    assert_eq!(run(command).0, Some(0));
}

#[test]
fn a_busy_relay_is_asked_again() {
    let busy = || (BUSY, r#"{"error":"try_again","message":"m"}"#.to_owned());
    let slow = ("429 Too Many Requests\r\nRetry-After: 1", String::new());
    let (exit, stdout, _) = play([busy(), slow, opened(), busy(), pending(300), busy(), complete()]);
    assert_eq!((exit, &*stdout), (Some(0), "467266\n"));
}

#[test]
fn a_relay_that_asks_for_too_much_patience_is_an_error() {
    for head in
        ["503 Service Unavailable\r\nRetry-After: 3600", "503 Service Unavailable\r\nRetry-After: 18446744073709551615"]
    {
        let (exit, stdout, stderr) = play([(head, String::new())]);
        assert_eq!((exit, &*stdout), (Some(1), ""));
        assert_eq!(stderr, "mfa-relay: the relay cannot serve right now (HTTP 503): try again in a minute\n");
    }
}

#[test]
fn a_refusal_is_told_in_the_relays_words() {
    for (head, word) in [
        ("400 Bad Request", "invalid_request"),
        ("401 Unauthorized", "token_missing"),
        ("403 Forbidden", "not_enrolled"),
        ("413 Content Too Large", "too_large"),
    ] {
        let body = format!(r#"{{"error":"{word}","message":"Do this about {word} and {TOKEN}."}}"#);
        let (exit, stdout, stderr) = play([(head, body)]);
        assert_eq!((exit, &*stdout), (Some(1), ""), "{word}");
        assert_eq!(stderr, format!("mfa-relay: the relay refused: Do this about {word} and ….\n"));
    }
}

#[test]
fn what_no_relay_answers_is_told() {
    for script in [
        vec![ok("<html>Welcome</html>")],
        vec![("301 Moved Permanently\r\nLocation: http://ADDRESS/", String::new())],
        vec![("308 Permanent Redirect\r\nLocation: http://ADDRESS/", String::new())],
        vec![opened(), ("302 Found\r\nLocation: http://ADDRESS/", String::new())],
        vec![("404 Not Found", "<h1>Not Found</h1>".to_owned())],
        vec![opened(), ok(r#"{"status":"pend"#)],
        vec![opened(), ok("[1,2,3]")],
        vec![opened(), ok(r#"{"status":"complete","code":"46726"}"#)],
        vec![opened(), ("403 Forbidden", "<?xml version=\"1.0\"?><Error/>".to_owned())],
    ] {
        let (exit, stdout, stderr) = play(script.clone());
        assert_eq!((exit, &*stdout), (Some(1), ""), "{script:?}");
        assert!(stderr.contains("is not what a relay answers"), "{stderr}");
    }
}

#[test]
fn each_end_of_a_request_has_its_exit_code_and_its_message() {
    for (reason, expected) in [("timed_out", 3), ("superseded", 1), ("expired", 1), ("revoked", 1), ("news", 1)] {
        let (exit, stdout, stderr) = play([opened(), pending(300), error(reason, "Do this.")]);
        assert_eq!(
            (exit, &*stdout, &*stderr),
            (Some(expected), "", &*format!("{READY}mfa-relay: Do this.\n")),
            "{reason}"
        );
    }
    let gone = ("410 Gone", error("expired", "Erased.").1);
    assert_eq!(play([opened(), gone]), (Some(1), String::new(), format!("{READY}mfa-relay: Erased.\n")));
}

#[test]
fn a_message_cannot_command_the_terminal() {
    let (_, _, stderr) = play([opened(), error("expired", r"a\u001b[2Jb\nc")]);
    assert_eq!(stderr, format!("{READY}mfa-relay: a\u{FFFD}[2Jb\u{FFFD}c\n"));
}

#[test]
fn a_request_that_never_ends_is_given_up_at_the_end_of_its_window() {
    let (exit, stdout, stderr) = play([opened(), pending(-1)]);
    assert_eq!((exit, &*stdout), (Some(3), ""));
    assert!(stderr.contains("No code arrived within the window."), "{stderr}");
}

#[test]
fn the_window_is_counted_by_the_clock_of_who_answers() {
    let skewed = (
        "200 OK\r\nDate: Sat, 21 Nov 2026 20:04:59 GMT",
        r#"{"status":"pending","expires_at":"2026-11-21T20:04:55Z"}"#.to_owned(),
    );
    assert_eq!(play([opened(), skewed]).0, Some(3));
}

#[test]
fn trouble_at_the_end_of_the_window_is_an_error() {
    let (exit, _, stderr) = play([opened(), pending(-1), (BUSY, String::new())]);
    assert_eq!(exit, Some(1), "{stderr}");
}

#[test]
fn a_relay_that_is_not_there_is_an_error() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("an address");
    drop(listener);
    let url = format!("http://{address}/prestage?token={TOKEN}");
    let (exit, _, stderr) = run(program(&["--url", &url, "--email", "me@gmail.com"]));
    assert_eq!(exit, Some(1));
    assert_eq!(
        stderr,
        "mfa-relay: 127.0.0.1 does not answer: connection refused; check --url and that the relay runs, then try again\n"
    );
}

#[test]
fn what_is_typed_wrong_is_usage_and_repeats_no_secret() {
    let web = format!("http://127.0.0.1:1/prestage?token={TOKEN}");
    let typo = format!("htp://relay.example/prestage?token={TOKEN}");
    for arguments in [
        &[][..],
        &["--url", &web],
        &["--email", "me@gmail.com"],
        &["--url", &web, "--email", "nobody"],
        &["--url", &typo, "--email", "me@gmail.com"],
        &["--url", "", "--email", "me@gmail.com"],
        &["--url", &web, "--email", "me@gmail.com", "--what"],
        &["--url", &web, "--email", "me@gmail.com", &web],
        &["--email", "me@gmail.com", &web],
        &[&web],
        &[&format!("--ulr={web}"), "--email", "me@gmail.com"],
    ] {
        let (exit, stdout, _) = run(program(arguments));
        assert_eq!((exit, &*stdout), (Some(2), ""), "{arguments:?}");
    }
}
