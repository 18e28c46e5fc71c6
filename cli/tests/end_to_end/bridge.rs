//! `mfa-relay bridge`: the dialects in front of another relay, which here is a `serve` of its own.

use crate::{PROGRAM, start_relay};
use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Stdio};
use tempfile::TempDir;
use test_support::{Enrolment, ImapClient, Relay, code_mail, deliver, get};

/// A process that runs `mfa-relay bridge`, killed on drop.
struct Bridge {
    process: Child,
    folder: TempDir,
    imap: String,
    http: String,
}

impl Bridge {
    fn start(relay: &Relay) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let generated = rcgen::generate_simple_self_signed([String::from("localhost")]).expect("a certificate");
        std::fs::write(folder.path().join("chain.pem"), generated.cert.pem()).expect("written");
        std::fs::write(folder.path().join("key.pem"), generated.signing_key.serialize_pem()).expect("written");
        let mut command = PROGRAM.command();
        command.args(["bridge", "--imap", "127.0.0.1:0", "--http", "127.0.0.1:0", "--url", &relay.url("/prestage")]);
        command.args(["--certificate", "chain.pem", "--key", "key.pem"]).current_dir(folder.path());
        let mut process = command.stdout(Stdio::piped()).spawn().expect("the program starts");
        let mut lines = BufReader::new(process.stdout.take().expect("its output")).lines().map_while(Result::ok);
        let mut announced = |name: &str| {
            let line = lines.find(|line| line.starts_with(name)).expect("an announced address");
            line.split_whitespace().last().expect("an address").to_owned()
        };
        let (imap, http) = (announced("imap"), announced("http"));
        Self { process, folder, imap, http }
    }

    fn connect(&self) -> ImapClient {
        ImapClient::connect(&self.imap, &self.certificate())
    }

    fn certificate(&self) -> PathBuf {
        self.folder.path().join("chain.pem")
    }

    fn pyaarlo(&self, operation: &str, enrolment: &Enrolment) -> Value {
        let Enrolment { mailbox, token, .. } = enrolment;
        get(&format!("http://{}/pyaarlo/{operation}?email={mailbox}&token={token}", self.http)).json()
    }
}

impl Drop for Bridge {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[test]
fn a_login_over_imap_finds_its_code() {
    let relay = start_relay();
    let me = relay.add_mailbox("me@gmail.com");
    let bridge = Bridge::start(&relay);
    let mut client = bridge.connect();
    assert!(client.command(&format!("LOGIN {} {}", me.mailbox, me.token)).starts_with("a OK"));
    assert!(client.command("EXAMINE INBOX").contains("* 0 EXISTS"));
    assert_eq!(client.command("SEARCH FROM do_not_reply@arlo.com"), "* SEARCH\r\na OK Done.\r\n");
    deliver(&relay.smtp, &me.relay_address, &code_mail("467266"));
    client.send("a IDLE\r\n");
    while client.line() != "* 1 EXISTS\r\n" {}
    client.send("DONE\r\n");
    while !client.line().starts_with("a OK") {}
    assert!(client.command("FETCH 1 (BODY.PEEK[])").contains("\r\n467266\r\n"));
    let opened = relay.log().iter().filter(|line| line.contains("prestage opened")).count();
    assert_eq!(opened, 1, "the request by which the login was checked is the one that waits");
}

#[test]
fn a_wrong_token_is_refused_over_imap() {
    let relay = start_relay();
    let me = relay.add_mailbox("me@gmail.com");
    let bridge = Bridge::start(&relay);
    let refused = bridge.connect().command(&format!("LOGIN {} secret", me.mailbox));
    assert!(
        refused.starts_with("a NO [AUTHENTICATIONFAILED] ") && refused.contains("password is the token"),
        "{refused}"
    );
}

#[test]
fn a_relay_that_is_down_is_no_wrong_login() {
    let mut relay = start_relay();
    let me = relay.add_mailbox("me@gmail.com");
    let bridge = Bridge::start(&relay);
    relay.kill();
    let refused = bridge.connect().command(&format!("LOGIN {} {}", me.mailbox, me.token));
    assert!(refused.starts_with("a NO [UNAVAILABLE] "), "{refused}");
    relay.restart();
    assert!(bridge.connect().command(&format!("LOGIN {} {}", me.mailbox, me.token)).starts_with("a OK"));
}

#[test]
fn a_login_over_pyaarlo_s_rest_finds_its_code() {
    let relay = start_relay();
    let me = relay.add_mailbox("me@gmail.com");
    let bridge = Bridge::start(&relay);
    assert_eq!(bridge.pyaarlo("get", &me)["data"]["success"], false);
    assert_eq!(bridge.pyaarlo("clear", &me)["data"]["success"], true);
    deliver(&relay.smtp, &me.relay_address, &code_mail("467266"));
    assert_eq!(bridge.pyaarlo("get", &me)["data"]["code"], "467266");
    let stranger = Enrolment { token: format!("mfar_{}", "A".repeat(43)), ..me };
    assert_eq!(bridge.pyaarlo("get", &stranger)["data"]["code"], Value::Null);
}

#[test]
fn a_url_with_a_token_or_nothing_to_serve_is_refused() {
    for (arguments, expected) in [
        (&["--url", "https://relay.example/prestage?token=mfar_x", "--imap", "127.0.0.1:0"][..], "contains a token"),
        (&["--url", "https://relay.example/prestage"], "Give --imap or --http"),
        (&["--url", "relay.example", "--imap", "127.0.0.1:0"], "not an http or https address"),
        (&["--imap", "127.0.0.1:0"], "--url is missing"),
    ] {
        let output = PROGRAM.command().arg("bridge").args(arguments).output().expect("it runs");
        let stderr = String::from_utf8(output.stderr).expect("UTF-8");
        assert!(!output.status.success() && stderr.contains(expected), "{arguments:?}: {stderr}");
        assert!(!stderr.contains("mfar_x"), "{stderr}");
    }
}
