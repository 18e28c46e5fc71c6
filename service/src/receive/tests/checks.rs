//! Checks that the edge makes itself: which answers are waited for, and what becomes of a mail without them.

use super::*;

/// What may still pass, of the mails of this suite.
fn open(spf: Option<&str>, dkim: &[&str]) -> Evidence {
    Evidence {
        spf: spf.and_then(Domain::parse),
        dkim: dkim.iter().filter_map(|domain| Domain::parse(domain)).collect(),
        dmarc: None,
    }
}

#[test]
fn a_check_that_cannot_change_the_verdict_is_not_waited_for() {
    let relay = Relay::new();
    relay.open(0).expect("a request");
    let mail = relay.mail("m", 0, "467266", 0);
    let signed = Checks { passed: mail.evidence.clone(), open: open(Some("gmail.com"), &["slow.example"]) };
    assert_eq!(relay.receive_checked(&mail, [signed]), Ok(vec![Outcome::Delivered { after: Duration::ZERO }]));

    // Under trust addressed no answer is needed.
    relay.enroll(&serde_json::json!({"action": "rotate", "mailbox": MAILBOXES[1], "trust": "addressed"}));
    relay.open(1);
    let mail = relay.mail("n", 1, "111111", 0);
    assert!(matches!(relay.receive_checked(&mail, []), Ok(outcomes) if outcomes != [Outcome::Deferred]));
}

#[test]
fn a_mail_is_deferred_only_if_an_open_check_could_make_it_acceptable() {
    let checks = |open| Checks { open, ..Checks::default() };
    for (about, open, expected) in [
        ("the provider's signature", open(None, &["arlo.com"]), Outcome::Deferred),
        ("the forwarder's SPF", open(Some("gmail.com"), &[]), Outcome::Deferred),
        ("a bystander's signature", open(None, &["slow.example"]), Outcome::Refused(Refusal::NotForwarded)),
        ("another sender's SPF", open(Some("slow.example"), &[]), Outcome::Refused(Refusal::NotForwarded)),
    ] {
        let relay = Relay::new();
        let mut mail = relay.mail("m", 0, "467266", 0);
        assert_eq!(relay.receive_checked(&mail, [checks(open.clone())]), Ok(vec![expected]), "{about}");
        mail.raw = mail.raw.replace("467266", "Hello");
        let newsletter = relay.receive_checked(&mail, [checks(open)]);
        assert_ne!(newsletter, Ok(vec![Outcome::Deferred]), "{about}, and no code is in it");
    }
}

#[test]
fn a_deferred_mail_is_delivered_by_its_retry_and_named_if_none_comes() {
    let mut relay = Relay::new();
    let request = relay.open(0).expect("a request");
    let mail = relay.mail("m", 0, "467266", 0);
    for _ in 0..2 {
        assert_eq!(relay.receive_checked(&mail, []), Ok(vec![Outcome::Deferred]), "nothing was answered");
    }
    let shown = relay.enroll(&serde_json::json!({"action": "show", "mailbox": MAILBOXES[0]}));
    assert_eq!(shown["last_refusal"], "deferred");
    relay.wait(60);
    relay.receive(&mail).expect("the store answers");
    assert_eq!(relay.status(&request), "467266");

    relay.wait(Relay::minutes(10));
    let request = relay.open(0).expect("a request");
    relay.receive_checked(&relay.mail("n", 0, "111111", 0), []).expect("the store answers");
    relay.wait(Relay::minutes(6));
    relay.end_windows().expect("the store answers");
    assert!(relay.message(&request).contains("1 mail was put off"), "{}", relay.message(&request));
}
