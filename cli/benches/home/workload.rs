//! Many mailboxes at one relay, and their code mails.

use jiff::Timestamp;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;
use test_support::{Enrolment, Relay, rfc5322_date};

/// Arlo's mail since 2026-05, 12 kB.
const ARLO: &str = include_str!("../../../tests/mail/base/2026-05-alternative.eml");

/// Enrols mailboxes over the control socket, which is faster than a process for each.
pub(crate) fn add_mailboxes(relay: &Relay, count: usize) -> Vec<Enrolment> {
    (0..count).map(|number| add_mailbox(relay, &format!("me{number}@gmail.com"))).collect()
}

fn add_mailbox(relay: &Relay, mailbox: &str) -> Enrolment {
    let mut socket = UnixStream::connect(relay.data().join("control.sock")).expect("the relay's socket");
    writeln!(socket, "{}", json!({"action": "add", "mailbox": mailbox, "trust": "addressed"})).expect("sent");
    let mut line = String::new();
    BufReader::new(socket).read_line(&mut line).expect("an answer");
    let answer: Value = serde_json::from_str(&line).expect("JSON");
    Enrolment::from_answer(mailbox, &answer)
}

/// The code of a login, different for each so that a crossed code is noticed.
pub(crate) fn code(number: usize) -> String {
    format!("{:06}", 100_000 + number)
}

/// Arlo's mail with this code, dated now.
pub(crate) fn mail(code: &str) -> Vec<u8> {
    let date = rfc5322_date(Timestamp::now());
    let lines = ARLO.lines().map(|line| match line {
        line if line.starts_with("Date:") => format!("Date: {date}\r\n"),
        line => format!("{}\r\n", line.replace("467266", code)),
    });
    lines.collect::<String>().into_bytes()
}
