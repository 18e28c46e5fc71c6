use super::*;
use std::fs;

fn report(raw: &[u8]) -> (String, String) {
    let reading = Reading::of(raw, &receiver("amazonses.com"));
    let report = Report::new("a\x1b.eml".to_owned(), &reading);
    (report.to_json(), report.for_people(Paint::on(&fs::File::open("/dev/null").expect("no terminal"))))
}

const CODE_MAIL: &[u8] = b"Return-Path: <me+caf_=arlo=mfa.example.com@gmail.com>\r\n\
    Authentication-Results: amazonses.com; spf=pass smtp.mailfrom=gmail.com; dkim=pass header.d=arlo.com; dkim=pass header.d=gmail.com; dmarc=pass header.from=arlo.com\r\n\
    From: Arlo <do_not_reply@arlo.com>\r\n\r\n467266\r\n";

#[test]
fn a_line_holds_all_that_is_known_in_this_order() {
    let (json, words) = report(CODE_MAIL);
    assert_eq!(
        json,
        r#"{"file":"a\u001b.eml","outcome":"code","provider":"arlo","code":"467266","from":"do_not_reply@arlo.com","forwarders":["gmail"],"evidence":{"spf":"gmail.com","dkim":["arlo.com","gmail.com"],"dmarc":"arlo.com"},"reasons":[]}"#
    );
    assert_eq!(
        words,
        "a\u{FFFD}.eml: code 467266 from arlo\n  from       do_not_reply@arlo.com\n  forwarded  by gmail\n  evidence   SPF gmail.com; DKIM arlo.com, gmail.com; DMARC arlo.com"
    );
}

#[test]
fn a_line_holds_every_field_even_where_nothing_is_known() {
    let (json, words) = report(b"");
    assert_eq!(
        json,
        r#"{"file":"a\u001b.eml","outcome":"unreadable","provider":null,"code":null,"from":null,"forwarders":[],"evidence":{"spf":null,"dkim":[],"dmarc":null},"reasons":["unreadable"]}"#
    );
    assert_eq!(
        words,
        "a\u{FFFD}.eml: unreadable\n  evidence   SPF nothing; DKIM nothing; DMARC nothing\n  unreadable: It is cut off, nested beyond reason, or no mail at all."
    );
}

#[test]
fn every_reason_that_a_mail_alone_can_give_is_explained() {
    for raw in
        ["From: a@arlo.com\r\n\r\nHello", "From: a@arlo.com\r\n\r\n467266\r\n482913", "From: a@b.example\r\n\r\n"]
    {
        let (_, words) = report(raw.as_bytes());
        assert!(words.lines().all(|line| !line.ends_with(": ")), "{words}");
    }
}

#[test]
fn ses_is_known_in_any_case_and_others_by_their_name_alone() {
    assert!(receiver("AmazonSES.com").fields_above.is_some());
    assert!(receiver("mx.google.com").fields_above.is_none());
}
