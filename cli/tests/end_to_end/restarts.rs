//! Restarts: `kill -9` at every step of a login, and graceful shutdown.

use crate::{start_relay, start_relay_with};
use test_support::{Enrolment, SmtpClient, code, code_mail, deliver, end_reason, poll, prestage};

#[test]
fn a_login_survives_a_kill_at_every_step() {
    let mut relay = start_relay();
    let me = relay.add_mailbox("me@gmail.com");
    relay.kill_and_restart();
    let url = prestage(&me);
    relay.kill_and_restart();
    assert_eq!(poll(&url)["status"], "pending");

    // In the middle of the mail. The peer gets no reply, so it retries.
    let mail = code_mail("467266");
    let mut peer = SmtpClient::connect_and_greet(&relay.smtp);
    peer.send_without_final_dot("me@gmail.com", &me.relay_address, &mail);
    relay.kill_and_restart();
    assert_eq!(peer.read_reply(), "", "no reply");
    assert_eq!(poll(&url)["status"], "pending");

    assert!(deliver(&relay.smtp, &me.relay_address, &mail).starts_with("250"));
    relay.kill_and_restart();
    assert_eq!(code(&url), "467266");

    // The peer missed the reply, so it retries.
    assert!(deliver(&relay.smtp, &me.relay_address, &mail).starts_with("250"));
    assert_eq!(code(&url), "467266");
}

#[test]
fn a_kill_between_the_final_dot_and_the_reply_loses_nothing() {
    let mut relay = start_relay();
    for round in 0..20 {
        // A mailbox of its own: a mailbox takes two codes of the same second for one.
        let me = relay.add_mailbox(&format!("me{round}@gmail.com"));
        let url = prestage(&me);
        let expected = format!("{:06}", 100_000 + round);
        let mail = code_mail(&expected);
        let mut peer = SmtpClient::connect_and_greet(&relay.smtp);
        peer.send_without_final_dot("me@gmail.com", &me.relay_address, &mail);
        peer.send(b".\r\n");
        relay.kill_and_restart();
        // A peer that got no 250 retries.
        if !peer.read_reply().starts_with("250") {
            assert!(deliver(&relay.smtp, &me.relay_address, &mail).starts_with("250"));
        }
        assert_eq!(code(&url), expected);
    }
}

#[test]
fn a_request_ends_even_if_its_window_ends_while_the_relay_is_down() {
    let mut relay = start_relay_with(&["--resolver", "none", "--window", "1"]);
    let me = relay.add_mailbox("me@gmail.com");
    let url = prestage(&me);
    relay.kill_and_restart();
    assert_eq!(end_reason(&url), "timed_out");
}

#[test]
fn a_clock_that_was_two_hours_ahead_locks_no_mailbox() {
    let mut relay = start_relay();
    let me = relay.add_mailbox("me@gmail.com");
    let (complete, waiting) = (prestage(&me), prestage(&relay.add_program(&me, "other")));
    deliver(&relay.smtp, &me.relay_address, &code_mail("111111"));
    assert_eq!(code(&complete), "111111");
    relay.age_requests(-7200);
    assert_eq!(poll(&waiting)["reason"], "timed_out");
    assert_eq!(poll(&complete)["reason"], "expired");
    let url = prestage(&me);
    deliver(&relay.smtp, &me.relay_address, &code_mail("467266"));
    assert_eq!(code(&url), "467266");
}

#[test]
fn a_code_is_erased_even_if_the_relay_was_killed() {
    let mut relay = start_relay_with(&["--resolver", "none", "--window", "2"]);
    let me = relay.add_mailbox("me@gmail.com");
    let url = prestage(&me);
    deliver(&relay.smtp, &me.relay_address, &code_mail("467266"));
    relay.kill_and_restart();
    assert_eq!(end_reason(&url), "expired");
}

#[test]
fn rows_that_cannot_be_read_stop_nobody_else() {
    let mut relay = start_relay_with(&["--resolver", "none", "--window", "2"]);
    let (me, you) = (relay.add_mailbox("me@gmail.com"), relay.add_mailbox("you@gmail.com"));
    let url = prestage(&me);
    relay.change_store(
        "INSERT INTO ending VALUES ('damaged', 'damaged', 0);
         UPDATE enrolment SET record = '{}' WHERE mailbox = (SELECT json_extract(record, '$.mailbox') FROM tag LIMIT 1)",
    );
    assert_eq!(end_reason(&url), "timed_out");
    assert_eq!(relay.enroll(&["list"])["enrolments"].as_array().map(Vec::len), Some(1));
    let is_lost = |enrolment: &&Enrolment| relay.enroll(&["show", &enrolment.mailbox])["error"] == "not_enrolled";
    let lost: Vec<&Enrolment> = [&me, &you].into_iter().filter(is_lost).collect();
    assert_eq!(lost.len(), 1);
    prestage(&relay.add_mailbox(&lost[0].mailbox));
    for row in ["ending", "enrolment"] {
        let reported = relay.log().iter().filter(|line| line.contains(&format!("store quarantined {row}"))).count();
        assert_eq!(reported, 1, "{row}");
    }
}

#[test]
fn an_enrolment_survives_a_kill_right_after_the_answer() {
    let mut relay = start_relay();
    let me = relay.add_mailbox("me@gmail.com");
    relay.kill_and_restart();
    prestage(&me);
    assert_eq!(relay.enroll(&["revoke", "me@gmail.com"])["revoked"], true);
    relay.kill_and_restart();
    assert_eq!(relay.enroll(&["show", "me@gmail.com"])["error"], "not_enrolled");
}

#[test]
fn a_signal_shuts_the_relay_down_after_the_mails_in_progress() {
    for signal in ["TERM", "INT"] {
        let mut relay = start_relay();
        let me = relay.add_mailbox("me@gmail.com");
        prestage(&me);
        let mut idle = SmtpClient::connect_and_greet(&relay.smtp);
        let mut busy = SmtpClient::connect_and_greet(&relay.smtp);
        busy.send_without_final_dot("me@gmail.com", &me.relay_address, &code_mail("467266"));
        relay.signal(signal);
        assert!(idle.read_reply().starts_with("421"), "an idle session ends");
        assert!(busy.command(".").starts_with("250"), "a mail in progress is accepted");
        assert_eq!(relay.exit_code(), Some(0));
        assert_eq!(relay.log().last().map(String::as_str), Some("stopped"));
        assert!(!relay.data().join("control.sock").exists());
    }
}
