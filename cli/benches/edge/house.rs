//! Many mailboxes at one relay, and the mails for them.

use crate::relay::{Enrolment, Relay};
use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimePrinter;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;

/// Arlo's mail as it is since 2026-05, 12 kB of it.
const ARLO: &str = include_str!("../../../tests/mail/base/2026-05-alternative.eml");

/// Enrols so many mailboxes by the socket, which is quicker than a command for each.
pub(crate) fn enrolled(relay: &Relay, count: usize) -> Vec<Enrolment> {
    (0..count).map(|number| enrol(relay, &format!("me{number}@gmail.com"))).collect()
}

fn enrol(relay: &Relay, mailbox: &str) -> Enrolment {
    let mut socket = UnixStream::connect(relay.data().join("control.sock")).expect("the relay's socket");
    writeln!(socket, "{}", json!({"action": "add", "mailbox": mailbox, "trust": "addressed"})).expect("heard");
    let mut line = String::new();
    BufReader::new(socket).read_line(&mut line).expect("an answer");
    let answer: Value = serde_json::from_str(&line).expect("in JSON");
    let text = |name: &str| answer[name].as_str().expect("a field").to_owned();
    let mailbox = mailbox.to_owned();
    Enrolment {
        mailbox,
        relay_address: text("relay_address"),
        prestage_url: text("prestage_url"),
        token: text("token"),
    }
}

/// The code of this login: no two are alike, so that none can be taken for another.
pub(crate) fn code(number: usize) -> String {
    format!("{:06}", 100_000 + number)
}

/// Arlo's mail with that code, written now.
pub(crate) fn mail(code: &str) -> Vec<u8> {
    let date = DateTimePrinter::new().timestamp_to_rfc9110_string(&Timestamp::now()).expect("a date");
    let lines = ARLO.lines().map(|line| match line {
        line if line.starts_with("Date:") => format!("Date: {date}\r\n"),
        line => format!("{}\r\n", line.replace("467266", code)),
    });
    lines.collect::<String>().into_bytes()
}
