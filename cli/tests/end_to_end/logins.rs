//! Several mailboxes at one relay.

use crate::client::{code, end, poll, prestage};
use crate::letter::letter;
use crate::peer::{Peer, bring};
use crate::relay::{Enrolment, PROGRAM, Relay};
use std::io::{BufRead, BufReader, Read};
use std::process::{Command, Stdio};

fn household(relay: &Relay) -> Vec<Enrolment> {
    ["me@gmail.com", "you@outlook.com", "them@example.org"].iter().map(|mailbox| relay.enrolled(mailbox)).collect()
}

#[test]
fn interleaved_logins_get_each_its_own_code() {
    let relay = Relay::start();
    let household = household(&relay);
    let urls: Vec<_> = household.iter().map(prestage).collect();
    let codes = ["111111", "222222", "333333"];
    // All three mails are under way at once, and end in the other order.
    let mut peers: Vec<_> = household
        .iter()
        .zip(codes)
        .map(|(enrolment, code)| {
            let mut peer = Peer::greeted(&relay.smtp);
            peer.bring_all_but_the_end("me@gmail.com", &enrolment.relay_address, &letter(code));
            peer
        })
        .collect();
    for peer in peers.iter_mut().rev() {
        assert!(peer.ask(".").starts_with("250"));
    }
    for (url, expected) in urls.iter().zip(codes) {
        assert_eq!(code(url), expected);
    }
}

#[test]
fn the_newest_code_wins_and_no_two_logins_share_one() {
    let relay = Relay::start();
    let me = relay.enrolled("me@gmail.com");
    let first = prestage(&me);
    let mail = letter("111111");
    bring(&relay.smtp, &me.relay_address, &mail);
    bring(&relay.smtp, &me.relay_address, &letter("222222"));
    assert_eq!(code(&first), "222222");
    let second = prestage(&me);
    bring(&relay.smtp, &me.relay_address, &mail);
    assert_eq!(poll(&second)["status"], "pending", "the mail of the login before");
    assert_eq!(code(&first), "222222");
}

#[test]
fn a_newer_login_takes_the_place_of_one_that_waits() {
    let relay = Relay::start();
    let me = relay.enrolled("me@gmail.com");
    let (first, second) = (prestage(&me), prestage(&me));
    assert_eq!(end(&first), "superseded");
    bring(&relay.smtp, &me.relay_address, &letter("467266"));
    assert_eq!(code(&second), "467266");
}

#[test]
fn the_relay_address_itself_opens_a_request() {
    let relay = Relay::start();
    let me = relay.enrolled("me@gmail.com");
    let url = prestage(&Enrolment { mailbox: me.relay_address.to_uppercase(), ..me.clone() });
    bring(&relay.smtp, &me.relay_address.to_uppercase(), &letter("467266"));
    assert_eq!(code(&url), "467266");
}

#[test]
fn the_client_of_this_program_gets_its_code() {
    let relay = Relay::start();
    let me = relay.enrolled("me@gmail.com");
    let mut client = Command::new(PROGRAM);
    client.args(["code", "--url", &me.prestage_url, "--email", "me@gmail.com"]);
    let mut client = client.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program runs");
    let mut told = BufReader::new(client.stderr.take().expect("its errors"));
    let mut line = String::new();
    told.read_line(&mut line).expect("the login may ask for its code");
    bring(&relay.smtp, &me.relay_address, &letter("467266"));
    let mut code = String::new();
    client.stdout.take().expect("its output").read_to_string(&mut code).expect("a code");
    assert_eq!(client.wait().expect("gone").code(), Some(0));
    assert_eq!(code.trim(), "467266");
    told.read_to_string(&mut line).expect("the rest");
    assert!(!line.contains(&me.token), "the token is never printed");
}
