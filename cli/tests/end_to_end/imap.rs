//! The IMAP view over TLS: what needs a listener, an enrolment or a mail. The session itself is tested in `home`.

use crate::{start_relay, start_relay_with};
use std::path::Path;
use test_support::{Enrolment, ImapClient, Relay, code_mail, deliver, stored_bytes};

const OPTIONS: [&str; 4] = ["--resolver", "none", "--imap", "127.0.0.1:0"];

fn certificate(relay: &Relay) -> std::path::PathBuf {
    relay.data().join("imap.pem")
}

fn connect(relay: &Relay) -> ImapClient {
    ImapClient::connect(&relay.imap(), &certificate(relay))
}

fn log_in(relay: &Relay, enrolment: &Enrolment) -> ImapClient {
    let mut client = connect(relay);
    let responses = client.command(&format!("LOGIN {} {}", enrolment.mailbox, enrolment.token));
    assert!(responses.ends_with("a OK Logged in.\r\n"), "{responses}");
    client
}

#[test]
fn a_login_as_pyaarlo_does_it_finds_its_code() {
    let relay = start_relay_with(&OPTIONS);
    let me = relay.add_mailbox("me@gmail.com");
    let mut client = log_in(&relay, &me);
    client.command("EXAMINE INBOX");
    assert_eq!(client.command("SEARCH FROM do_not_reply@arlo.com"), "* SEARCH\r\na OK Done.\r\n");
    assert!(deliver(&relay.smtp, &me.relay_address, &code_mail("467266")).starts_with("250"));
    client.command("CHECK");
    assert_eq!(client.command("SEARCH FROM do_not_reply@arlo.com"), "* SEARCH 1\r\na OK Done.\r\n");
    assert!(client.command("FETCH 1 (BODY.PEEK[])").contains("\r\n467266\r\n"));
    assert!(client.command("CLOSE").starts_with("a OK"));
    assert!(client.command("LOGOUT").starts_with("* BYE"));
}

#[test]
fn two_programs_of_one_mailbox_see_their_own_codes_only() {
    let relay = start_relay_with(&OPTIONS);
    let me = relay.add_mailbox("me@gmail.com");
    let recorder = relay.add_program(&me, "recorder");
    let (mut first, mut second) = (log_in(&relay, &me), log_in(&relay, &recorder));
    first.command("SELECT INBOX");
    deliver(&relay.smtp, &me.relay_address, &code_mail("111111"));
    second.command("SELECT INBOX");
    assert_eq!(first.command("SEARCH ALL"), "* 1 EXISTS\r\n* 1 RECENT\r\n* SEARCH 1\r\na OK Done.\r\n");
    assert_eq!(second.command("SEARCH ALL"), "* SEARCH\r\na OK Done.\r\n");
}

#[test]
fn a_client_in_idle_is_told_of_a_code() {
    let relay = start_relay_with(&OPTIONS);
    let me = relay.add_mailbox("me@gmail.com");
    let mut client = log_in(&relay, &me);
    client.command("SELECT INBOX");
    client.send("a IDLE\r\n");
    assert!(client.line().starts_with("+ "));
    deliver(&relay.smtp, &me.relay_address, &code_mail("467266"));
    assert_eq!(client.line(), "* 1 EXISTS\r\n");
}

#[test]
fn a_wrong_token_is_refused_with_a_sentence_that_says_what_to_do() {
    let relay = start_relay_with(&OPTIONS);
    let me = relay.add_mailbox("me@gmail.com");
    for (mailbox, token) in [(&*me.mailbox, "secret"), ("nobody@gmail.com", &*me.token), ("nobody", &*me.token)] {
        let refused = connect(&relay).command(&format!("LOGIN {mailbox} {token}"));
        assert!(refused.starts_with("a NO [AUTHENTICATIONFAILED] "), "{refused}");
        assert!(refused.contains("the password is the token that enrolling printed"), "{refused}");
    }
}

#[test]
fn a_revoked_token_ends_its_session() {
    let relay = start_relay_with(&OPTIONS);
    let me = relay.add_mailbox("me@gmail.com");
    let mut client = log_in(&relay, &me);
    client.command("SELECT INBOX");
    relay.enroll(&["revoke", "me@gmail.com"]);
    assert!(client.command("CHECK").starts_with("* BYE "));
}

#[test]
fn the_certificate_stays_the_same_after_a_restart_and_only_its_owner_can_read_it() {
    use std::os::unix::fs::PermissionsExt;
    let mut relay = start_relay_with(&OPTIONS);
    let me = relay.add_mailbox("me@gmail.com");
    let file = certificate(&relay);
    let made = std::fs::read(&file).expect("a certificate");
    assert_eq!(std::fs::metadata(&file).expect("a file").permissions().mode() & 0o777, 0o600);
    relay.kill_and_restart();
    log_in(&relay, &me);
    assert_eq!(std::fs::read(&file).expect("a certificate"), made);
}

#[test]
fn a_certificate_of_the_owner_s_is_used_if_there_is_one() {
    let files = tempfile::tempdir().expect("a folder");
    let generated = rcgen::generate_simple_self_signed([String::from("localhost")]).expect("a certificate");
    let (chain, key) = (files.path().join("chain.pem"), files.path().join("key.pem"));
    std::fs::write(&chain, generated.cert.pem()).expect("written");
    std::fs::write(&key, generated.signing_key.serialize_pem()).expect("written");
    let text = |path: &Path| path.to_str().expect("a path").to_owned();
    let (chain_option, key_option) = (text(&chain), text(&key));
    let own = [&OPTIONS[..], &["--certificate", &chain_option, "--key", &key_option]].concat();
    let relay = start_relay_with(&own);
    assert!(ImapClient::connect(&relay.imap(), &chain).command("NOOP").starts_with("a OK"));
    assert!(!certificate(&relay).exists());
}

#[test]
fn a_shutdown_says_goodbye_and_no_secret_is_logged() {
    let mut relay = start_relay_with(&OPTIONS);
    let me = relay.add_mailbox("me@gmail.com");
    let mut client = log_in(&relay, &me);
    client.command("SELECT INBOX");
    deliver(&relay.smtp, &me.relay_address, &code_mail("467266"));
    assert!(client.command("SEARCH ALL").contains("* SEARCH 1"));
    relay.signal("TERM");
    assert!(client.line().starts_with("* BYE "));
    assert_eq!(relay.exit_code(), Some(0));
    let log = relay.log().join("\n");
    assert!(log.contains("imap opened"), "{log}");
    for secret in ["me@gmail.com", &me.token, "467266"] {
        assert!(!log.contains(secret), "{secret} in {log}");
    }
    assert!(!stored_bytes(relay.data()).windows(6).any(|window| window == b"467266"));
}

#[test]
fn without_the_option_there_is_no_imap() {
    let relay = start_relay();
    assert!(!relay.log().iter().any(|line| line.starts_with("imap ")));
    assert!(!certificate(&relay).exists());
}
