use super::*;
use proptest::prelude::*;

fn author(from: &str) -> Option<String> {
    let raw = format!("{from}Subject: x\r\n\r\nbody\r\n");
    Mail::parse(raw.as_bytes()).ok()?.sole_from().map(|address| address.as_str().to_owned())
}

#[test]
fn an_author_is_one_address_and_shows_no_other() {
    for (from, expected) in [
        ("From: do_not_reply@arlo.com\r\n", Some("do_not_reply@arlo.com")),
        ("From: Arlo <Do_Not_Reply@arlo.com>\r\n", Some("do_not_reply@arlo.com")),
        ("From: do_not_reply@arlo.com <do_not_reply@arlo.com>\r\n", Some("do_not_reply@arlo.com")),
        ("From: a@arlo.com, b@evil.example\r\n", None),
        ("From: a@arlo.com, a@arlo.com\r\n", None),
        ("From: a@arlo.com\r\nFrom: b@evil.example\r\n", None),
        ("From: a@arlo.com\r\nfrom : b@evil.example\r\n", None),
        ("From: \"do_not_reply@arlo.com\" <b@evil.example>\r\n", None),
        ("From: team: a@arlo.com;\r\n", None),
        ("From: a@arlo.com (b@evil.example)\r\n", None),
        ("From: <\"a@arlo.com\"@evil.example>\r\n", None),
        ("From:\r\n", None),
        ("", None),
    ] {
        assert_eq!(author(from).as_deref(), expected, "{from}");
    }
}

#[test]
fn a_recipient_is_one_address_and_shows_no_other() {
    for (to, expected) in [
        ("me@gmail.com", Some("me@gmail.com")),
        ("Me <me@gmail.com>", Some("me@gmail.com")),
        ("\"me@gmail.com\" <me@gmail.com>", Some("me@gmail.com")),
        ("you@gmail.com <me@gmail.com>", None),
        ("x(@evil.example)me@gmail.com", None),
        ("me@gmail.com, you@gmail.com", None),
    ] {
        let raw = format!("To: {to}\r\n\r\n");
        let found = Mail::parse(raw.as_bytes()).expect("a mail").sole_to();
        assert_eq!(found.as_ref().map(Address::as_str), expected, "{to}");
    }
}

#[test]
fn a_date_counts_once_and_only_when_it_is_one() {
    for (date, expected) in [
        ("Date: Sat, 21 Nov 2026 20:01:10 +0000\r\n", Some("2026-11-21T20:01:10Z")),
        ("Date: Sat, 21 Nov 2026 12:01:10 -0800 (PST)\r\n", Some("2026-11-21T20:01:10Z")),
        ("Date: soon\r\n", None),
        ("Date: Sat, 21 Nov 99999 20:01:10 +0000\r\n", None),
        ("Date: Sat, 21 Nov 2026 20:01:10 +0000\r\nDate: Sat, 21 Nov 2026 20:09:10 +0000\r\n", None),
        ("", None),
    ] {
        let raw = format!("{date}From: a@arlo.com\r\n\r\n");
        let found = Mail::parse(raw.as_bytes()).ok().and_then(|mail| mail.date());
        assert_eq!(found.map(|at| at.to_string()).as_deref(), expected, "{date}");
    }
}

#[test]
fn a_field_that_must_be_single_is_given_once_or_the_mail_is_unreadable() {
    let parse = |fields: &str| Mail::parse(format!("{fields}\r\n\r\n").as_bytes()).map(|_| ());
    for name in ["To", "Date", "Subject", "MIME-Version", "Content-Type", "Content-Transfer-Encoding"] {
        assert_eq!(parse(&format!("{name}: x\r\nX: y")), Ok(()), "{name}");
        assert_eq!(parse(&format!("{name}: x\r\n{}: x", name.to_lowercase())), Err(Unreadable), "{name}");
    }
    // A second author is a question of who wrote the mail.
    assert_eq!(parse("From: a@arlo.com\r\nFrom: b@evil.example"), Ok(()));
}

#[test]
fn a_field_cannot_hide_in_another() {
    let mail = Mail::parse(b"Date: Sat, 21 Nov 2026 20:01:10 Z\r\nFrom: a@arlo.com\r\nTo: b@gmail.com\r\n\r\n")
        .expect("a mail");
    assert_eq!(mail.date().map(|at| at.to_string()).as_deref(), Some("2026-11-21T20:01:10Z"));
    assert_eq!(mail.sole_from().as_ref().map(Address::as_str), Some("a@arlo.com"));
    assert_eq!(mail.sole_to().as_ref().map(Address::as_str), Some("b@gmail.com"));
    assert_eq!(mail.fields().map(|(name, _)| name).collect::<Vec<_>>(), ["Date", "From", "To"]);
}

#[test]
fn a_value_is_read_without_a_line_end_too() {
    assert_eq!(
        Mail::parse(b"From: a@arlo.com").expect("a mail").sole_from().as_ref().map(Address::as_str),
        Some("a@arlo.com")
    );
    assert_eq!(Mail::parse(b"Subject: =?utf-8?q?C=C3=B6de?=").expect("a mail").subject(), Some("C\u{f6}de"));
    assert_eq!(Mail::parse(b"Subject: one\r\n two\r\n\r\n").expect("a mail").subject(), Some("one two"));
    assert_eq!(Mail::parse(b"X: y").expect("a mail").subject(), None);
}

#[test]
fn no_mail_at_all_is_unreadable() {
    for raw in ["", "\r\n", "\r\nFrom: a@arlo.com\r\n", "467266", "PK\u{3}\u{4}"] {
        assert_eq!(Mail::parse(raw.as_bytes()).map(|_| ()), Err(Unreadable), "{raw:?}");
    }
    let mail = |length: usize| {
        let mut mail = b"X: y\r\n\r\n".to_vec();
        mail.resize(length, b'x');
        mail
    };
    assert!(Mail::parse(&mail(LARGEST_MAIL)).is_ok());
    assert!(Mail::parse(&mail(LARGEST_MAIL + 1)).is_err());
}

/// The texts and the pages of a mail.
fn parts(raw: &str) -> Result<(Vec<String>, Vec<String>), Unreadable> {
    let mail = Mail::parse(raw.as_bytes())?;
    let body = mail.body()?;
    let owned = |parts: Vec<Cow<'_, str>>| parts.into_iter().map(Cow::into_owned).collect();
    Ok((owned(body.texts), owned(body.pages)))
}

#[test]
fn texts_and_pages_are_read_and_attachments_are_not() {
    let part = |fields: &str, content: &str| format!("--b\r\n{fields}\r\n{content}\r\n");
    let raw = [
        "Content-Type: multipart/mixed; boundary=\"b \"\r\n\r\n",
        &part("", "one"),
        &part("Content-Type: text/plain; format=flowed\r\n", "two \r\nthree"),
        &part(
            "Content-Type: text/html; charset=iso-8859-1\r\nContent-Transfer-Encoding: base64;\r\n",
            "qQ==\r\n\r\n-- \r\nA list",
        ),
        &part("Content-Type: text/x-amp-html\r\n", "no"),
        &part("Content-Type: text/plain; name=code.txt\r\n", "no"),
        &part("Content-Disposition: attachment\r\n", "no"),
        &part("Content-Type: message/rfc822\r\n", "Subject: no\r\n\r\nno"),
        "--b--\r\nno",
    ];
    assert_eq!(parts(&raw.concat()), Ok((vec!["one".to_owned(), "two three".to_owned()], vec!["\u{a9}".to_owned()])));
}

#[test]
fn a_mail_is_whole_if_its_parts_are() {
    const START: &str = "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\n467266\r\n";
    let page = |html: &str| format!("{START}--b\r\nContent-Type: text/html\r\n\r\n{html}");
    for whole in [
        format!("{START}--b--\r\n"),
        format!("{START}--b--"),
        format!("{START}--b\r\n"),
        page("<html><h1>1</h1></html>\r\n"),
        page("<html><h1>1</h1></HTML >\r\n<img src=x><!-- > -->\u{200b}\r\n"),
        page("<h1>1</h1></BODY>"),
        page("<h1>1</h1>\r\n--b--\r\n"),
        format!("{START}--b\r\nContent-Type: image/png\r\n\r\n467"),
    ] {
        assert!(parts(&whole).is_ok(), "{whole}");
    }
    for cut in [
        START.to_owned(),
        START.replace("266\r\n", ""),
        page("<html><h1>1</h1>\r\n"),
        page("<html><h1>1</h1></html"),
        page("<html><h1>1</h1></html><img src=x"),
        page("<html></html>\r\n--"),
        format!("{START}--b\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n"),
        "Content-Type: multipart/mixed; boundary=b\r\n\r\n467266\r\n".to_owned(),
        "Content-Type: multipart/mixed\r\n\r\n467266\r\n".to_owned(),
    ] {
        assert_eq!(parts(&cut), Err(Unreadable), "{cut}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn any_bytes_are_read_without_panic(
        raw in "((From|To|Date|Subject|Content-Type|Content-Transfer-Encoding)( ?: |:)|a@arlo.com|\"|<|>|\\(|\\)|=\\?utf-8\\?q\\?|multipart/mixed; boundary=b|text/html|base64|quoted-printable|21 Nov 2026|20:01:10|Z|--b(--)?|\r?\n|[ \t=;,]|\0|\u{e9}|[0-9]{1,6}){0,60}"
    ) {
        if let Ok(mail) = Mail::parse(raw.as_bytes()) {
            let _ = (mail.sole_from(), mail.sole_to(), mail.date(), mail.subject(), mail.fields().count());
            let _ = mail.body();
        }
    }
}
