use super::*;
use std::fs;

fn report(raw: &[u8]) -> (String, String) {
    let receiver = receiver("amazonses.com");
    let inspection = Inspection::of(raw, &receiver);
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
    let (json, text) = report(CODE_MAIL);
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
    let (json, text) = report(b"");
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
        let (_, text) = report(raw.as_bytes());
        assert!(text.lines().all(|line| !line.ends_with(": ")), "{text}");
    }
}

#[test]
fn ses_is_recognised_in_any_case() {
    assert!(receiver("AmazonSES.com").fields_above.is_some());
    assert!(receiver("mx.google.com").fields_above.is_none());
}
