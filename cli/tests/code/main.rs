//! `mfa-relay code`, the built program, against a fake relay.
#![cfg(test)]

mod fake_relay;

use fake_relay::{FakeRelay, Response, STATUS_ID, TOKEN};
use jiff::{SignedDuration, Timestamp};
use std::net::TcpListener;
use std::process::{Command, Output, Stdio};

fn ok(body: impl Into<String>) -> Response {
    ("200 OK", body.into())
}

fn opened() -> Response {
    ok("http://ADDRESS/status/ID")
}

fn pending(seconds_left: i64) -> Response {
    let at = Timestamp::now() + SignedDuration::from_secs(seconds_left);
    ok(format!(r#"{{"status":"pending","expires_at":"{at:.0}"}}"#))
}

fn complete() -> Response {
    ok(
        r#"{"status":"complete","code":"467266","provider":"arlo","received_at":"2026-11-21T20:01:12Z","expires_at":"2026-11-21T20:05:00Z"}"#,
    )
}

fn error(reason: &str, message: &str) -> Response {
    ok(format!(r#"{{"status":"error","reason":"{reason}","message":"{message}"}}"#))
}

const BUSY: &str = "503 Service Unavailable\r\nRetry-After: 0";

/// The command, in an empty environment.
fn program(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mfa-relay"));
    command.arg("code").args(arguments).env_clear().stdin(Stdio::null());
    command
}

/// The command with this URL in its environment.
fn program_at(url: &str) -> Command {
    let mut command = program(&["--email", "me@gmail.com"]);
    command.env("MFA_RELAY_URL", url);
    command
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("UTF-8")
}

/// Runs a command, and returns its exit code, standard output and standard error. Checks that neither contains a secret.
fn run(mut command: Command) -> (Option<i32>, String, String) {
    let Output { status, stdout, stderr } = command.output().expect("it runs");
    let (stdout, stderr) = (text(&stdout), text(&stderr));
    for secret in [TOKEN, STATUS_ID] {
        assert!(!stdout.contains(secret) && !stderr.contains(secret), "a secret was printed: {stdout} {stderr}");
    }
    (status.code(), stdout, stderr)
}

/// Runs the command against these responses, and returns its exit code, standard output and standard error.
fn run_with(responses: impl IntoIterator<Item = Response>) -> (Option<i32>, String, String) {
    let relay = FakeRelay::new(responses);
    run(program_at(&relay.url()))
}

const LOGIN_MAY_START: &str = "The login may now ask for its code.\n";

#[test]
fn only_the_code_is_printed_to_standard_output() {
    let relay = FakeRelay::new([opened(), pending(300), pending(300), complete()]);
    let (exit, stdout, stderr) = run(program_at(&relay.url()));
    assert_eq!((exit, &*stdout, &*stderr), (Some(0), "467266\n", LOGIN_MAY_START));
    let requests = relay.requests();
    assert!(requests[0].starts_with(&format!("POST /prestage?token={TOKEN} HTTP/1.1\r\n")), "{requests:?}");
    assert!(requests[0].ends_with("\r\n\r\n{\"email\":\"me@gmail.com\"}"), "{requests:?}");
    assert!(
        requests[1..].iter().all(|request| request.starts_with(&format!("GET /status/{STATUS_ID} "))),
        "{requests:?}"
    );
    assert!(requests[1..].iter().all(|request| !request.to_lowercase().contains("authorization")), "{requests:?}");
}

#[test]
fn everything_can_come_from_the_environment() {
    let relay = FakeRelay::new([opened(), complete()]);
    let mut command = program(&["--provider", "blink"]);
    command.env("MFA_RELAY_URL", format!("http://{}/prestage", relay.address));
    command.env("MFA_RELAY_EMAIL", "me@gmail.com").env("MFA_RELAY_TOKEN", TOKEN);
    assert_eq!(run(command), (Some(0), "467266\n".to_owned(), LOGIN_MAY_START.to_owned()));
    let request = &relay.requests()[0];
    assert!(request.to_lowercase().contains(&format!("authorization: bearer {TOKEN}\r\n").to_lowercase()), "{request}");
    assert!(request.ends_with("{\"email\":\"me@gmail.com\",\"provider\":\"blink\"}"), "{request}");
}

#[test]
fn the_url_can_come_from_a_file() {
    let (relay, other) = (FakeRelay::new([opened(), complete()]), FakeRelay::new([complete()]));
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("url");
    std::fs::write(&file, format!("{}\n", relay.url())).expect("written");
    let mut command = program(&["--email", "me@gmail.com", "--url-file", file.to_str().expect("a path")]);
    command.env("MFA_RELAY_URL", other.url());
    assert_eq!(run(command), (Some(0), "467266\n".to_owned(), LOGIN_MAY_START.to_owned()));
    let missing = format!("missing/{TOKEN}");
    let (exit, _, stderr) = run(program(&["--email", "me@gmail.com", "--url-file", &missing]));
    assert!(exit == Some(2) && stderr.contains("cannot be read"), "{stderr}");
}

#[test]
fn a_url_on_the_command_line_must_have_no_token() {
    let relay = FakeRelay::new([opened(), complete()]);
    let url = format!("http://{}/prestage", relay.address);
    let mut command = program(&["--email", "me@gmail.com", "--url", &url]);
    command.env("MFA_RELAY_TOKEN", TOKEN);
    assert_eq!(run(command).0, Some(0));
    let (exit, _, stderr) = run(program(&["--email", "me@gmail.com", "--url", &relay.url()]));
    assert!(exit == Some(2) && stderr.contains("MFA_RELAY_URL") && stderr.contains("rotate"), "{stderr}");
    let (exit, _, stderr) = run(program(&["--email", "me@gmail.com"]));
    assert!(exit == Some(2) && stderr.contains("there is no prestage URL"), "without a terminal nothing is asked");
}

#[test]
fn a_relay_on_this_machine_is_not_reached_through_a_proxy() {
    let relay = FakeRelay::new([opened(), complete()]);
    let mut command = program_at(&relay.url());
    command.env("HTTP_PROXY", "http://127.0.0.1:1").env("ALL_PROXY", "http://127.0.0.1:1");
    assert_eq!(run(command).0, Some(0));
}

#[test]
fn a_busy_relay_is_retried() {
    let busy = || (BUSY, r#"{"error":"try_again","message":"m"}"#.to_owned());
    let slow = ("429 Too Many Requests\r\nRetry-After: 1", String::new());
    let (exit, stdout, _) = run_with([busy(), slow, opened(), busy(), pending(300), busy(), complete()]);
    assert_eq!((exit, &*stdout), (Some(0), "467266\n"));
}

#[test]
fn a_retry_after_that_is_too_long_is_an_error() {
    for head in
        ["503 Service Unavailable\r\nRetry-After: 3600", "503 Service Unavailable\r\nRetry-After: 18446744073709551615"]
    {
        let (exit, stdout, stderr) = run_with([(head, String::new())]);
        assert_eq!((exit, &*stdout), (Some(1), ""));
        assert_eq!(stderr, "mfa-relay: the relay cannot serve right now (HTTP 503): try again in a minute\n");
    }
}

#[test]
fn a_refusal_is_printed_with_the_relay_s_message() {
    for (head, word) in [
        ("400 Bad Request", "invalid_request"),
        ("401 Unauthorized", "token_missing"),
        ("403 Forbidden", "not_enrolled"),
        ("413 Content Too Large", "too_large"),
    ] {
        let body = format!(r#"{{"error":"{word}","message":"Do this about {word} and {TOKEN}."}}"#);
        let (exit, stdout, stderr) = run_with([(head, body)]);
        assert_eq!((exit, &*stdout), (Some(1), ""), "{word}");
        assert_eq!(stderr, format!("mfa-relay: the relay refused: Do this about {word} and ….\n"));
    }
}

#[test]
fn a_response_that_is_not_a_relay_s_is_an_error() {
    for responses in [
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
        let (exit, stdout, stderr) = run_with(responses.clone());
        assert_eq!((exit, &*stdout), (Some(1), ""), "{responses:?}");
        assert!(stderr.contains("is not what a relay answers"), "{stderr}");
    }
}

#[test]
fn each_end_of_a_request_has_its_exit_code_and_message() {
    for (reason, expected) in [("timed_out", 3), ("superseded", 1), ("expired", 1), ("revoked", 1), ("news", 1)] {
        let (exit, stdout, stderr) = run_with([opened(), pending(300), error(reason, "Do this.")]);
        assert_eq!(
            (exit, &*stdout, &*stderr),
            (Some(expected), "", &*format!("{LOGIN_MAY_START}mfa-relay: Do this.\n")),
            "{reason}"
        );
    }
    let gone = ("410 Gone", error("expired", "Erased.").1);
    assert_eq!(run_with([opened(), gone]), (Some(1), String::new(), format!("{LOGIN_MAY_START}mfa-relay: Erased.\n")));
}

#[test]
fn a_message_cannot_send_escape_sequences() {
    let (_, _, stderr) = run_with([opened(), error("expired", r"a\u001b[2Jb\nc")]);
    assert_eq!(stderr, format!("{LOGIN_MAY_START}mfa-relay: a\u{FFFD}[2Jb\u{FFFD}c\n"));
}

#[test]
fn a_request_that_never_ends_times_out_with_its_window() {
    let (exit, stdout, stderr) = run_with([opened(), pending(-1)]);
    assert_eq!((exit, &*stdout), (Some(3), ""));
    assert!(stderr.contains("No code arrived within the window."), "{stderr}");
}

#[test]
fn the_window_is_measured_by_the_server_s_clock() {
    let skewed = (
        "200 OK\r\nDate: Sat, 21 Nov 2026 20:04:59 GMT",
        r#"{"status":"pending","expires_at":"2026-11-21T20:04:55Z"}"#.to_owned(),
    );
    assert_eq!(run_with([opened(), skewed]).0, Some(3));
}

#[test]
fn a_failure_at_the_end_of_the_window_is_an_error() {
    let (exit, _, stderr) = run_with([opened(), pending(-1), (BUSY, String::new())]);
    assert_eq!(exit, Some(1), "{stderr}");
}

#[test]
fn a_refused_connection_is_an_error() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("an address");
    drop(listener);
    let url = format!("http://{address}/prestage?token={TOKEN}");
    let (exit, _, stderr) = run(program_at(&url));
    assert_eq!(exit, Some(1));
    assert_eq!(
        stderr,
        "mfa-relay: 127.0.0.1 does not answer: connection refused; check the URL and that the relay runs, then try again\n"
    );
}

#[test]
fn wrong_arguments_are_a_usage_error_that_prints_no_secret() {
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
