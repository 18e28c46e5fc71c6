//! Evidence over DNS: a fake name server, and mails signed with the key of RFC 8463 appendix A.2.

use crate::start_relay_with;
use data_encoding::BASE64;
use mail_auth::common::crypto::Ed25519Key;
use mail_auth::common::headers::HeaderWriter;
use mail_auth::dkim::DkimSigner;
use test_support::{Missing, NameServer, SmtpClient, code, code_mail, deliver, mail_from, poll, prestage};

const SEED: &str = "nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=";
const PUBLIC: &str = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";
const KEY: &str = "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";
const SPF: &str = "v=spf1 ip4:127.0.0.1 -all";

/// What a DKIM signature covers.
enum Covers {
    Everything,
    PartOfTheBody,
    EverythingButFrom,
}

/// A code mail with a DKIM signature of this domain.
fn signed_by(domain: &str, code: &str) -> Vec<u8> {
    signed(domain, code, &Covers::Everything)
}

fn signed(domain: &str, code: &str, covers: &Covers) -> Vec<u8> {
    let mail = code_mail(code);
    [signature_over(domain, &mail, covers), mail].concat()
}

/// The header field with a signature of this domain.
fn signature(domain: &str, mail: &[u8]) -> Vec<u8> {
    signature_over(domain, mail, &Covers::Everything)
}

fn signature_over(domain: &str, mail: &[u8], covers: &Covers) -> Vec<u8> {
    let bytes = |text: &str| BASE64.decode(text.as_bytes()).expect("base64");
    let key = Ed25519Key::from_seed_and_public_key(&bytes(SEED), &bytes(PUBLIC)).expect("a key");
    let fields: &[&str] = match covers {
        Covers::EverythingButFrom => &["To", "Subject", "Date"],
        Covers::Everything | Covers::PartOfTheBody => &["From", "To", "Subject", "Date"],
    };
    let signer = DkimSigner::from_key(key).domain(domain).selector("brisbane").headers(fields.iter().copied());
    let signer = signer.body_length(matches!(covers, Covers::PartOfTheBody));
    signer.sign(mail).expect("a signature").to_header().into_bytes()
}

struct Case {
    trust: &'static str,
    records: &'static [(&'static str, &'static str)],
    sender: &'static str,
    mail: Vec<u8>,
    expected: &'static str,
}

#[test]
fn mails_are_judged_by_their_evidence() {
    const SIGNED: &[(&str, &str)] = &[("brisbane._domainkey.arlo.com", KEY)];
    let tampered = String::from_utf8(signed_by("arlo.com", "467266")).expect("UTF-8").replace("467266", "666666");
    let case = |trust, records, sender, mail, expected| Case { trust, records, sender, mail, expected };
    let cases = [
        case("signed", SIGNED, "me@gmail.com", signed_by("arlo.com", "467266"), "467266"),
        case(
            "signed",
            &[("brisbane._domainkey.mail.arlo.com", KEY)],
            "me@gmail.com",
            signed_by("mail.arlo.com", "467266"),
            "467266",
        ),
        case("signed", SIGNED, "me@gmail.com", tampered.into_bytes(), "not_signed"),
        case("signed", SIGNED, "me@gmail.com", signed("arlo.com", "467266", &Covers::PartOfTheBody), "not_signed"),
        case("signed", SIGNED, "me@gmail.com", signed("arlo.com", "467266", &Covers::EverythingButFrom), "not_signed"),
        case("signed", &[], "me@gmail.com", signed_by("arlo.com", "467266"), "not_signed"),
        case(
            "signed",
            &[("brisbane._domainkey.evil.example", KEY)],
            "me@gmail.com",
            signed_by("evil.example", "467266"),
            "not_signed",
        ),
        case("signed", &[("gmail.com", SPF)], "me@gmail.com", code_mail("467266"), "not_signed"),
        case("forwarded", &[("gmail.com", SPF)], "me@gmail.com", code_mail("467266"), "467266"),
        case("forwarded", &[("gmail.com", "v=spf1 -all")], "me@gmail.com", code_mail("467266"), "not_forwarded"),
        case("forwarded", &[("mail.example", SPF)], "", code_mail("467266"), "not_forwarded"),
        case("forwarded", &[("evil.example", SPF)], "me@evil.example", code_mail("467266"), "not_forwarded"),
        case(
            "forwarded",
            &[("brisbane._domainkey.gmail.com", KEY)],
            "x@evil.example",
            signed_by("gmail.com", "467266"),
            "467266",
        ),
        case(
            "signed",
            &[("_dmarc.arlo.com", "v=DMARC1; p=reject"), ("bounce.arlo.com", SPF)],
            "x@bounce.arlo.com",
            code_mail("467266"),
            "467266",
        ),
        case(
            "signed",
            &[("_dmarc.arlo.com", "v=DMARC1; p=reject"), ("evil.example", SPF)],
            "x@evil.example",
            code_mail("467266"),
            "not_signed",
        ),
    ];
    for (index, Case { trust, records, sender, mail, expected }) in cases.into_iter().enumerate() {
        let dns = NameServer::start(records);
        let relay = start_relay_with(&["--resolver", &dns.address.to_string()]);
        let me = relay.add_mailbox_under("me@gmail.com", trust);
        let url = prestage(&me);
        let reply = SmtpClient::connect_and_greet(&relay.smtp).deliver(sender, &me.relay_address, &mail);
        assert!(reply.starts_with("250"), "{index}: {reply}");
        let refusal = relay.last_refusal(&me);
        let found = refusal.as_str().map_or_else(|| code(&url), str::to_owned);
        assert_eq!(found, expected, "{index}: {trust} {sender}");
    }
}

#[test]
fn a_mail_at_the_plain_address_must_be_signed() {
    let dns = NameServer::start(&[("brisbane._domainkey.arlo.com", KEY)]);
    let relay = start_relay_with(&["--resolver", &dns.address.to_string()]);
    let me = relay.add_mailbox_under("me@gmail.com", "forwarded");
    let url = prestage(&me);
    let mut peer = SmtpClient::connect_and_greet(&relay.smtp);
    assert!(peer.deliver("x@y.example", "arlo@mfa.example.com", &code_mail("666666")).starts_with("250"));
    assert_eq!(poll(&url)["status"], "pending");
    assert!(peer.deliver("x@y.example", "arlo@mfa.example.com", &signed_by("arlo.com", "467266")).starts_with("250"));
    assert_eq!(code(&url), "467266");
}

/// The key of the author's signature is all that is answered.
#[test]
fn a_check_that_cannot_change_the_verdict_defers_nothing() {
    let dns = NameServer::start(&[]);
    dns.answer_only(&[("brisbane._domainkey.arlo.com", KEY)], Missing::ServerFailure);
    let relay = start_relay_with(&["--resolver", &dns.address.to_string()]);
    for trust in ["signed", "forwarded"] {
        let me = relay.add_mailbox_under(&format!("{trust}@gmail.com"), trust);
        let url = prestage(&me);
        let mail = [signature("slow.example", &code_mail("467266")), signed_by("arlo.com", "467266")].concat();
        let reply = SmtpClient::connect_and_greet(&relay.smtp).deliver("me@gmail.com", &me.relay_address, &mail);
        assert!(reply.starts_with("250"), "{trust}: {reply}");
        assert_eq!(code(&url), "467266", "{trust}");
    }
}

#[test]
fn no_question_is_asked_if_no_answer_matters() {
    let dns = NameServer::start(&[]);
    dns.fail(Missing::Timeout);
    let relay = start_relay_with(&["--resolver", &dns.address.to_string()]);
    let me = relay.add_mailbox("me@gmail.com");
    let url = prestage(&me);
    for mail in [code_mail("467266"), mail_from("me@gmail.com", "111111")] {
        let reply = SmtpClient::connect_and_greet(&relay.smtp).deliver("me@gmail.com", &me.relay_address, &mail);
        assert!(reply.starts_with("250"), "{reply}");
    }
    assert_eq!(code(&url), "467266");
    assert_eq!(dns.queries(), 0);
}

#[test]
fn a_key_for_testing_or_for_another_service_signs_no_mail() {
    for flag in ["t=y", "s=tlsrpt"] {
        let key = format!("{KEY}; {flag}");
        let dns = NameServer::start(&[("brisbane._domainkey.arlo.com", &key)]);
        let relay = start_relay_with(&["--resolver", &dns.address.to_string()]);
        let me = relay.add_mailbox_under("me@gmail.com", "signed");
        prestage(&me);
        deliver(&relay.smtp, &me.relay_address, &signed_by("arlo.com", "467266"));
        assert_eq!(relay.last_refusal(&me), "not_signed", "{flag}");
    }
}

#[test]
fn a_mail_is_deferred_while_dns_does_not_answer() {
    let dns = NameServer::start(&[]);
    let relay = start_relay_with(&["--resolver", &dns.address.to_string()]);
    let me = relay.add_mailbox_under("me@gmail.com", "signed");
    let url = prestage(&me);
    let mail = signed_by("arlo.com", "467266");
    for missing in [Missing::ServerFailure, Missing::Timeout] {
        dns.fail(missing);
        let reply = SmtpClient::connect_and_greet(&relay.smtp).deliver("me@gmail.com", &me.relay_address, &mail);
        assert!(reply.starts_with("451"), "{missing:?}: {reply}");
        assert_eq!(relay.last_refusal(&me), "deferred");
    }
    assert!(dns.queries() > 0);
    dns.set(&[("brisbane._domainkey.arlo.com", KEY)]);
    let reply = SmtpClient::connect_and_greet(&relay.smtp).deliver("me@gmail.com", &me.relay_address, &mail);
    assert!(reply.starts_with("250"), "{reply}");
    assert_eq!(code(&url), "467266");
}
