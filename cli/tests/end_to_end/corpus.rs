//! Every mail of `tests/mail`, delivered over SMTP: what comes of it at home is what its case expects and `inspect` says.
//!
//! No DNS is asked, so each is delivered to a tagged address under the trust `addressed`. The functions are given one
//! case of each outcome by `tests/stack/test_receive.py`.

use crate::{PROGRAM, start_relay};
use ::corpus::{Case, Expect};
use jiff::Timestamp;
use serde_json::Value;
use std::fs;
use test_support::{Relay, SmtpClient, code, prestage_for, rfc5322_date};

const DATE: &str = "Date: Sat, 21 Nov 2026 20:01:10 +0000\r\n";

/// Results that follow from a scanner, from evidence, or from the time of the request, none of which is the case's here.
const ELSEWHERE: [&str; 6] = ["spam", "virus", "not_signed", "not_forwarded", "outside_window", "stale"];

/// The mail as it is sent: dated now, if it has the date of the corpus, and with a line end at its end.
fn sent(case: &Case) -> (Vec<u8>, bool) {
    let mail = String::from_utf8_lossy(&case.raw);
    // Only mails in UTF-8 get a new date, so that no byte of the others changes.
    let is_dated_now = mail.contains(DATE) && str::from_utf8(&case.raw).is_ok();
    let dated = || mail.replacen(DATE, &format!("Date: {}\r\n", rfc5322_date(Timestamp::now())), 1).into_bytes();
    let mut raw = if is_dated_now { dated() } else { case.raw.clone() };
    if !raw.ends_with(b"\r\n") {
        raw.extend_from_slice(b"\r\n");
    }
    (raw, is_dated_now)
}

/// The provider whose code a request waits for. That of a forwarding confirmation, in `gmail/`, waits for any.
fn provider(case: &Case) -> &str {
    Some(case.provider()).filter(|&provider| provider != "gmail").unwrap_or("arlo")
}

/// Code or refusal of a mail that is delivered to a mailbox of its own.
fn delivered(relay: &Relay, number: usize, provider: &str, mail: &[u8]) -> String {
    let me = relay.add_mailbox(&format!("me{number}@gmail.com"));
    let url = prestage_for(&me, provider);
    let stuffed = mail.split_inclusive(|&byte| byte == b'\n');
    let stuffed: Vec<_> =
        stuffed.flat_map(|line| [if line.starts_with(b".") { ".".as_bytes() } else { b"" }, line]).collect();
    let reply =
        SmtpClient::connect_and_greet(&relay.smtp).deliver("me@gmail.com", &me.relay_address, &stuffed.concat());
    assert!(reply.starts_with("250"), "{reply}");
    relay.last_refusal(&me).as_str().map_or_else(|| code(&url), str::to_owned)
}

#[test]
fn every_mail_of_the_corpus_comes_out_as_its_case_expects_and_inspect_says() {
    let cases = ::corpus::cases().expect("the corpus");
    assert!(cases.len() > 100, "{} cases", cases.len());
    let (folder, relay) = (tempfile::tempdir().expect("a folder"), start_relay());
    let mut outcomes = Vec::new();
    for (number, case) in cases.iter().enumerate() {
        let (mail, is_dated_now) = sent(case);
        fs::write(folder.path().join(format!("{number:04}.eml")), &mail).expect("written");
        outcomes.push((is_dated_now, delivered(&relay, number, provider(case), &mail)));
    }
    let output = PROGRAM.command().arg("inspect").arg(folder.path()).output().expect("the program runs");
    let inspected = String::from_utf8(output.stdout).expect("UTF-8");
    assert_eq!(inspected.lines().count(), cases.len());
    let mut wrong = Vec::new();
    for ((case, line), (is_dated_now, outcome)) in cases.iter().zip(inspected.lines()).zip(&outcomes) {
        let report: Value = serde_json::from_str(line).expect("JSON");
        let inspected = match report["outcome"].as_str() {
            // Google's signature, which nobody vouches for here.
            Some("confirmation") => Some("not_from_provider"),
            // Another provider's code is not what the request waits for.
            Some("code") if report["provider"] != provider(case) => Some("not_from_provider"),
            Some("code") => report["code"].as_str(),
            word => word,
        };
        let expected = match &case.expect {
            Expect::Result { addressed, .. } if !ELSEWHERE.contains(&&**addressed) => Some(&**addressed),
            Expect::Result { .. } | Expect::Confirmation { .. } => None,
        };
        for expected in [expected, inspected].into_iter().flatten() {
            let is_code = expected.bytes().all(|byte| byte.is_ascii_digit());
            if outcome != expected && !(is_code && !is_dated_now && outcome == "stale") {
                wrong.push(format!("{}: {outcome} instead of {expected}", case.name));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}
