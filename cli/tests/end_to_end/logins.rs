//! Several mailboxes at one relay.

use crate::{PROGRAM, start_relay};
use std::io::{BufRead, BufReader, Read};
use std::process::Stdio;
use test_support::{Enrolment, Relay, SmtpClient, code, code_mail, deliver, end_reason, poll, prestage};

fn add_mailboxes(relay: &Relay) -> Vec<Enrolment> {
    ["me@gmail.com", "you@outlook.com", "them@example.org"].iter().map(|mailbox| relay.add_mailbox(mailbox)).collect()
}

#[test]
fn each_of_several_interleaved_logins_gets_its_own_code() {
    let relay = start_relay();
    let enrolments = add_mailboxes(&relay);
    let urls: Vec<_> = enrolments.iter().map(prestage).collect();
    let codes = ["111111", "222222", "333333"];
    // All three mails are in progress at once, and end in reverse order.
    let mut peers: Vec<_> = enrolments
        .iter()
        .zip(codes)
        .map(|(enrolment, code)| {
            let mut peer = SmtpClient::connect_and_greet(&relay.smtp);
            peer.send_without_final_dot("me@gmail.com", &enrolment.relay_address, &code_mail(code));
            peer
        })
        .collect();
    for peer in peers.iter_mut().rev() {
        assert!(peer.command(".").starts_with("250"));
    }
    for (url, expected) in urls.iter().zip(codes) {
        assert_eq!(code(url), expected);
    }
}

#[test]
fn the_newest_code_wins_and_no_two_requests_share_one() {
    let relay = start_relay();
    let me = relay.add_mailbox("me@gmail.com");
    let first = prestage(&me);
    let mail = code_mail("111111");
    deliver(&relay.smtp, &me.relay_address, &mail);
    deliver(&relay.smtp, &me.relay_address, &code_mail("222222"));
    assert_eq!(code(&first), "222222");
    let second = prestage(&me);
    deliver(&relay.smtp, &me.relay_address, &mail);
    assert_eq!(poll(&second)["status"], "pending", "the mail belongs to the first request");
    assert_eq!(code(&first), "222222");
}

#[test]
fn a_newer_request_supersedes_the_one_that_waits() {
    let relay = start_relay();
    let me = relay.add_mailbox("me@gmail.com");
    let (first, second) = (prestage(&me), prestage(&me));
    assert_eq!(end_reason(&first), "superseded");
    deliver(&relay.smtp, &me.relay_address, &code_mail("467266"));
    assert_eq!(code(&second), "467266");
}

#[test]
fn prestage_accepts_the_relay_address() {
    let relay = start_relay();
    let me = relay.add_mailbox("me@gmail.com");
    let url = prestage(&Enrolment { mailbox: me.relay_address.to_uppercase(), ..me.clone() });
    deliver(&relay.smtp, &me.relay_address.to_uppercase(), &code_mail("467266"));
    assert_eq!(code(&url), "467266");
}

#[test]
fn mfa_relay_code_prints_the_code() {
    let relay = start_relay();
    let me = relay.add_mailbox("me@gmail.com");
    let mut client = PROGRAM.command();
    client.args(["code", "--email", "me@gmail.com"]).env("MFA_RELAY_URL", &me.prestage_url);
    let mut client = client.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program starts");
    let mut stderr = BufReader::new(client.stderr.take().expect("standard error"));
    let mut line = String::new();
    stderr.read_line(&mut line).expect("the login may ask for its code");
    deliver(&relay.smtp, &me.relay_address, &code_mail("467266"));
    let mut code = String::new();
    client.stdout.take().expect("standard output").read_to_string(&mut code).expect("a code");
    assert_eq!(client.wait().expect("ended").code(), Some(0));
    assert_eq!(code.trim(), "467266");
    stderr.read_to_string(&mut line).expect("the rest");
    assert!(!line.contains(&me.token), "the token is never printed");
}
