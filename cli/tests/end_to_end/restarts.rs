//! Restarts, and `kill -9` at every step of a login.

use crate::client::{code, end, poll, prestage};
use crate::letter::letter;
use crate::peer::{Peer, bring};
use crate::relay::Relay;

#[test]
fn a_login_survives_a_kill_at_every_step() {
    let mut relay = Relay::start();
    let me = relay.enrolled("me@gmail.com");
    relay.kill_and_start_again();
    let url = prestage(&me);
    relay.kill_and_start_again();
    assert_eq!(poll(&url)["status"], "pending");

    // In the middle of the mail: the peer got no answer and comes again, with the same mail.
    let mail = letter("467266");
    let mut peer = Peer::greeted(&relay.smtp);
    peer.bring_all_but_the_end("me@gmail.com", &me.relay_address, &mail);
    relay.kill_and_start_again();
    assert_eq!(peer.hear(), "", "no answer");
    assert_eq!(poll(&url)["status"], "pending");

    assert!(bring(&relay.smtp, &me.relay_address, &mail).starts_with("250"));
    relay.kill_and_start_again();
    assert_eq!(code(&url), "467266");

    // The peer did not hear the answer and brings the mail once more.
    assert!(bring(&relay.smtp, &me.relay_address, &mail).starts_with("250"));
    assert_eq!(code(&url), "467266");
}

#[test]
fn a_kill_between_the_dot_and_the_answer_loses_nothing() {
    let mut relay = Relay::start();
    for round in 0..20 {
        // A mailbox for each: two codes of one second are one code to a mailbox.
        let me = relay.enrolled(&format!("me{round}@gmail.com"));
        let url = prestage(&me);
        let expected = format!("{:06}", 100_000 + round);
        let mail = letter(&expected);
        let mut peer = Peer::greeted(&relay.smtp);
        peer.bring_all_but_the_end("me@gmail.com", &me.relay_address, &mail);
        peer.say(b".\r\n");
        relay.kill_and_start_again();
        // Whoever got no 250 brings the mail again.
        if !peer.hear().starts_with("250") {
            assert!(bring(&relay.smtp, &me.relay_address, &mail).starts_with("250"));
        }
        assert_eq!(code(&url), expected);
    }
}

#[test]
fn a_request_ends_although_the_relay_was_down_at_its_time() {
    let mut relay = Relay::with(&["--resolver", "none", "--window", "1"]);
    let me = relay.enrolled("me@gmail.com");
    let url = prestage(&me);
    relay.kill_and_start_again();
    assert_eq!(end(&url), "timed_out");
}

#[test]
fn a_code_is_erased_although_the_relay_was_killed() {
    let mut relay = Relay::with(&["--resolver", "none", "--window", "2"]);
    let me = relay.enrolled("me@gmail.com");
    let url = prestage(&me);
    bring(&relay.smtp, &me.relay_address, &letter("467266"));
    relay.kill_and_start_again();
    assert_eq!(end(&url), "expired");
}

#[test]
fn an_enrolment_survives_a_kill_right_after_its_answer() {
    let mut relay = Relay::start();
    let me = relay.enrolled("me@gmail.com");
    relay.kill_and_start_again();
    prestage(&me);
    assert_eq!(relay.enroll(&["revoke", "me@gmail.com"])["revoked"], true);
    relay.kill_and_start_again();
    assert_eq!(relay.enroll(&["show", "me@gmail.com"])["error"], "not_enrolled");
}

#[test]
fn a_signal_ends_the_relay_once_what_is_under_way_is_done() {
    for signal in ["TERM", "INT"] {
        let mut relay = Relay::start();
        let me = relay.enrolled("me@gmail.com");
        prestage(&me);
        let mut idle = Peer::greeted(&relay.smtp);
        let mut busy = Peer::greeted(&relay.smtp);
        busy.bring_all_but_the_end("me@gmail.com", &me.relay_address, &letter("467266"));
        relay.signal(signal);
        assert!(idle.hear().starts_with("421"), "an idle peer is told to come again");
        assert!(busy.ask(".").starts_with("250"), "a mail under way is still taken");
        assert_eq!(relay.exit_code(), Some(0));
        assert_eq!(relay.log().last().map(String::as_str), Some("stopped"));
        assert!(!relay.data().join("control.sock").exists());
    }
}
