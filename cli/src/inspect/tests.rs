use super::*;
use std::fs;

fn report(raw: &[u8], authserv_id: &str) -> (String, String) {
    let inspection = Inspection::of(raw, &receiver(authserv_id));
    let report = Report::new("a\x1b.eml".to_owned(), &inspection);
    (report.to_json(), report.to_text(Paint::for_stream(&fs::File::open("/dev/null").expect("a file"))))
}

const CODE_MAIL: &[u8] = b"Return-Path: <me+caf_=arlo=mfa.example.com@gmail.com>\r\n\
    Authentication-Results: amazonses.com; spf=pass smtp.mailfrom=gmail.com; dkim=pass header.d=arlo.com; dkim=pass header.d=gmail.com; dmarc=pass header.from=arlo.com\r\n\
    DKIM-Signature: a=rsa-sha256; d=gmail.com; h=from:to\r\n\
    DKIM-Signature: a=rsa-sha256; d=arlo.com; h=from:to\r\n\
    From: Arlo <do_not_reply@arlo.com>\r\n\r\n467266\r\n";

#[test]
fn a_report_lists_everything_in_this_order() {
    let (json, text) = report(CODE_MAIL, "amazonses.com");
    assert_eq!(
        json,
        r#"{"file":"a\u001b.eml","outcome":"code","provider":"arlo","code":"467266","from":"do_not_reply@arlo.com","forwarders":["gmail"],"evidence":{"spf":"gmail.com","dkim":["arlo.com","gmail.com"],"dmarc":"arlo.com"},"reasons":[]}"#
    );
    assert_eq!(
        text,
        "a\u{FFFD}.eml: code 467266 from arlo\n  from       do_not_reply@arlo.com\n  forwarded  by gmail\n  evidence   SPF gmail.com; DKIM arlo.com, gmail.com; DMARC arlo.com"
    );
}

#[test]
fn a_report_has_every_field_even_if_it_is_empty() {
    let (json, text) = report(b"", "amazonses.com");
    assert_eq!(
        json,
        r#"{"file":"a\u001b.eml","outcome":"unreadable","provider":null,"code":null,"from":null,"forwarders":[],"evidence":{"spf":null,"dkim":[],"dmarc":null},"reasons":["unreadable"]}"#
    );
    assert_eq!(
        text,
        "a\u{FFFD}.eml: unreadable\n  evidence   SPF nothing; DKIM nothing; DMARC nothing\n  unreadable: It is truncated, nested too deeply, or not a mail."
    );
}

#[test]
fn every_refusal_of_a_mail_alone_is_explained() {
    for raw in
        ["From: a@arlo.com\r\n\r\nHello", "From: a@arlo.com\r\n\r\n467266\r\n482913", "From: a@b.example\r\n\r\n"]
    {
        let (_, text) = report(raw.as_bytes(), "amazonses.com");
        assert!(text.lines().all(|line| !line.ends_with(": ")), "{text}");
    }
}

/// As Gmail shows the original of a mail: some values are quoted.
const REPORTED_BY_GMAIL: &[u8] = b"Delivered-To: me@gmail.com\r\n\
    ARC-Authentication-Results: i=1; mx.google.com; dkim=pass header.i=@evil.example\r\n\
    Return-Path: <b@em.arlo.com>\r\n\
    Authentication-Results: mx.google.com;\r\n       \
      dkim=pass header.i=@arlo.com header.s=s1 header.b=\"a/b+c\";\r\n       \
      spf=pass (google.com: domain of b@em.arlo.com designates 192.0.2.9 as permitted sender) smtp.mailfrom=\"bounces+1-me=gmail.com@em.arlo.com\";\r\n       \
      dmarc=pass (p=REJECT sp=REJECT dis=NONE) header.from=arlo.com\r\n\
    DKIM-Signature: a=rsa-sha256; d=arlo.com; h=from:to\r\n\
    From: Arlo <do_not_reply@arlo.com>\r\n\r\n467266\r\n";

#[test]
fn the_report_of_another_receiver_is_read_if_it_is_named() {
    for (name, evidence) in [
        ("mx.google.com", r#""evidence":{"spf":"em.arlo.com","dkim":["arlo.com"],"dmarc":"arlo.com"}"#),
        ("mx.example.com", r#""evidence":{"spf":null,"dkim":[],"dmarc":null}"#),
    ] {
        let json = report(REPORTED_BY_GMAIL, name).0;
        assert!(json.contains(evidence), "{json}");
    }
}

#[test]
fn ses_is_recognised_in_any_case() {
    assert!(receiver("AmazonSES.com").fields_above.is_some());
    assert!(receiver("mx.google.com").fields_above.is_none());
}
