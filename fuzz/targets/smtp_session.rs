//! An SMTP session over any bytes, in one piece or two. Every reply is SMTP, and no mail reaches the handler that another
//! program could read as two.
#![no_main]

use home::shutdown;
use home::smtp::{Envelope, MAX_RECIPIENTS, MailHandler, MailMemory, MailOutcome, RecipientStatus, Session, Tls};
use libfuzzer_sys::fuzz_target;
use relay::address::Address;
use relay::mail::LARGEST_MAIL;
use std::net::{IpAddr, Ipv4Addr};
use tokio::io::AsyncReadExt;

fuzz_target!(|input: &[u8]| {
    let tls = [Tls::Unavailable, Tls::Offered, Tls::Active][input.len() % 3];
    let split = input.last().map_or(0, |&byte| usize::from(byte) * 16);
    let replies = String::from_utf8(run(input, tls, split)).expect("ASCII");
    for line in replies.split_terminator("\r\n") {
        let (code, rest) = line.split_at(3);
        assert!(code.parse::<u16>().is_ok_and(|code| (200..600).contains(&code)), "{line:?}");
        assert!(rest.starts_with([' ', '-']) && rest.chars().all(|c| !c.is_control()), "{line:?}");
    }
    assert!(replies.is_empty() || replies.ends_with("\r\n"));
});

/// Runs a session whose peer sends `input` in two pieces, and returns everything that the server sent.
fn run(input: &[u8], tls: Tls, split: usize) -> Vec<u8> {
    let mut replies = Vec::new();
    let (first, second) = input.split_at(split.min(input.len()));
    let stream = tokio::io::join(first.chain(second), &mut replies);
    let (_trigger, shutdown) = shutdown::channel();
    let (peer, memory) = (Ipv4Addr::LOCALHOST.into(), MailMemory::default());
    let session = Session { handler: &CheckingHandler, peer, tls, memory, shutdown };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
    runtime.block_on(session.run(stream));
    replies
}

/// Checks every mail, and returns every status and every outcome.
struct CheckingHandler;

impl MailHandler for CheckingHandler {
    async fn recipient_status(&self, recipient: &Address) -> RecipientStatus {
        match recipient.local() {
            "unavailable" => RecipientStatus::StoreUnavailable,
            local if local.starts_with("arlo") => RecipientStatus::Known,
            _ => RecipientStatus::Unknown,
        }
    }

    async fn handle(&self, _: IpAddr, envelope: Envelope, mail: Vec<u8>) -> MailOutcome {
        check(&envelope, &mail);
        let outcomes =
            [MailOutcome::Accepted, MailOutcome::TooLarge, MailOutcome::DnsUnavailable, MailOutcome::StoreUnavailable];
        outcomes[mail.len() % outcomes.len()]
    }
}

/// Checks what holds for every mail.
fn check(envelope: &Envelope, mail: &[u8]) {
    assert!((1..=MAX_RECIPIENTS).contains(&envelope.recipients.len()));
    assert!(envelope.recipients.iter().all(|recipient| recipient.local().starts_with("arlo")));
    assert!(mail.len() <= LARGEST_MAIL + 1);
    let has_bare_lf = mail.split(|&byte| byte == b'\n').rev().skip(1).any(|line| !line.ends_with(b"\r"));
    let count = |wanted| mail.iter().filter(|&&byte| byte == wanted).count();
    let has_bare_cr = count(b'\r') != count(b'\n');
    // Truncation can cut between CR and LF.
    let is_truncated = mail.len() > LARGEST_MAIL;
    assert!(!has_bare_lf && (!has_bare_cr || is_truncated), "a mail that can be read as two");
}
