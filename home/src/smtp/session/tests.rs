use super::*;
use crate::smtp::fake::{Rehearsal, hold, rehearse};
use crate::smtp::limits::*;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use relay::mail::LARGEST_MAIL;
use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

const START: &str = "EHLO peer.example\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<arlo@mfa.example.com>\r\nDATA\r\n";

/// The codes that the relay answers with, the greeting's first, and the mails that it took.
async fn session(peer: &[u8]) -> (Vec<String>, Rehearsal) {
    let rehearsal = rehearse(peer).await;
    let last_lines = rehearsal.said.lines().filter(|line| line.get(3..4) == Some(" "));
    (last_lines.map(|line| line.chars().take(3).collect()).collect(), rehearsal)
}

/// Checks the codes of all replies but the greeting.
async fn check(peer: &str, expected: &[&str]) -> Rehearsal {
    let (codes, rehearsal) = session(peer.as_bytes()).await;
    assert_eq!(codes[0], "220");
    assert_eq!(codes[1..], *expected, "{peer}");
    rehearsal
}

#[tokio::test]
async fn a_mail_comes_through_as_it_was_written() {
    let peer = format!("{START}Subject: x\r\n\r\n..a dot\r\n...\r\n\r\n.\r\nQUIT\r\n");
    let heard = check(&peer, &["250", "250", "250", "354", "250", "221"]).await;
    assert_eq!(heard.mails.len(), 1);
    assert_eq!(heard.mails[0].bytes, b"Subject: x\r\n\r\n.a dot\r\n..\r\n\r\n");
    assert_eq!((&*heard.mails[0].sender, &*heard.mails[0].recipients[0]), ("a@b.example", "arlo@mfa.example.com"));
}

#[tokio::test]
async fn several_mails_follow_one_another() {
    let next = START.strip_prefix("EHLO peer.example\r\n").expect("a greeting");
    let peer = format!("{START}one\r\n.\r\n{next}two\r\n.\r\n");
    let heard = check(&peer, &["250", "250", "250", "354", "250", "250", "250", "354", "250"]).await;
    assert_eq!(heard.mails.iter().map(|mail| &*mail.bytes).collect::<Vec<_>>(), [b"one\r\n", b"two\r\n"]);
}

#[tokio::test]
async fn what_is_offered_is_said() {
    let heard = rehearse(b"EHLO peer.example\r\n").await.said;
    for extension in ["PIPELINING", "SIZE 1048576", "8BITMIME", "SMTPUTF8", "STARTTLS", "ENHANCEDSTATUSCODES"] {
        assert!(heard.contains(extension), "{extension}");
    }
}

#[tokio::test]
async fn commands_come_in_their_order_and_as_they_should() {
    for (peer, expected) in [
        ("MAIL FROM:<a@b.example>\r\n", &["503"][..]),
        ("EHLO x\r\nRCPT TO:<arlo@mfa.example.com>\r\n", &["250", "503"]),
        ("EHLO x\r\nDATA\r\n", &["250", "503"]),
        ("EHLO x\r\nMAIL FROM:<>\r\nDATA\r\n", &["250", "250", "503"]),
        ("EHLO x\r\nMAIL FROM:<>\r\nMAIL FROM:<>\r\n", &["250", "250", "503"]),
        ("EHLO x\r\nMAIL FROM:<>\r\nRSET\r\nMAIL FROM:<>\r\n", &["250", "250", "250", "250"]),
        ("EHLO x\r\nMAIL FROM:<>\r\nEHLO x\r\nMAIL FROM:<>\r\n", &["250", "250", "250", "250"]),
        ("HELO x\r\nNOOP\r\nVRFY a\r\nEXPN a\r\nAUTH PLAIN\r\n", &["250", "250", "252", "502", "502"]),
        ("BDAT 10 LAST\r\n", &["502"]),
        ("HELLO x\r\n\r\n", &["500", "500"]),
        ("EHLO x\r\nMAIL a@b.example\r\n", &["250", "501"]),
        ("ehlo x\r\nmail from:<> size=10 body=8bitmime\r\n", &["250", "250"]),
    ] {
        check(peer, expected).await;
    }
}

#[tokio::test]
async fn strangers_are_refused_when_they_are_named() {
    let start = "EHLO x\r\nMAIL FROM:<a@b.example>\r\n";
    for recipient in ["me@gmail.com", "postmaster", "arlo@[192.0.2.1]", "@b.example:arlo@c.example"] {
        let (codes, _) = session(format!("{start}RCPT TO:<{recipient}>\r\n").as_bytes()).await;
        assert!(["550", "501"].contains(&&*codes[3]), "{recipient}: {}", codes[3]);
    }
}

#[tokio::test]
async fn addresses_outside_ascii_need_the_extension() {
    check("EHLO x\r\nMAIL FROM:<ü@b.example>\r\n", &["250", "553"]).await;
    check("EHLO x\r\nMAIL FROM:<ü@b.example> SMTPUTF8\r\n", &["250", "250"]).await;
}

#[tokio::test]
async fn what_is_not_offered_is_not_promised() {
    check("EHLO x\r\nMAIL FROM:<> BODY=BINARYMIME\r\n", &["250", "555"]).await;
    check("EHLO x\r\nMAIL FROM:<> REQUIRETLS\r\n", &["250", "555"]).await;
    check("EHLO x\r\nMAIL FROM:<> XFORWARD=1\r\n", &["250", "555"]).await;
}

#[tokio::test]
async fn a_mail_may_have_so_many_bytes() {
    check(&format!("EHLO x\r\nMAIL FROM:<> SIZE={LARGEST_MAIL}\r\n"), &["250", "250"]).await;
    check(&format!("EHLO x\r\nMAIL FROM:<> SIZE={}\r\n", LARGEST_MAIL + 1), &["250", "552"]).await;
    let line = format!("{}\r\n", "x".repeat(1022));
    let fits = line.repeat(1024);
    let heard = check(&format!("{START}{fits}.\r\n"), &["250", "250", "250", "354", "250"]).await;
    assert_eq!(heard.mails[0].bytes.len(), LARGEST_MAIL);
    let heard = check(&format!("{START}{fits}x\r\n.\r\nNOOP\r\n"), &["250", "250", "250", "354", "552", "250"]).await;
    assert_eq!(heard.mails[0].bytes.len(), LARGEST_MAIL + 1, "enough to see that it is too large, and no more");
    let endless = line.repeat(MOST_BYTES / line.len() + 1);
    assert_eq!(check(&format!("{START}{endless}.\r\n"), &["250", "250", "250", "354", "552"]).await.mails, []);
}

#[tokio::test]
async fn a_mail_may_have_so_many_recipients() {
    let recipients = "RCPT TO:<arlo@mfa.example.com>\r\n".repeat(MOST_RECIPIENTS + 1);
    let (codes, _) = session(format!("EHLO x\r\nMAIL FROM:<>\r\n{recipients}").as_bytes()).await;
    assert_eq!(codes[3..], ["250", "250", "250", "250", "452"]);
}

#[tokio::test]
async fn a_line_may_be_so_long() {
    check(&format!("NOOP {}\r\nNOOP\r\n", "x".repeat(LONGEST_COMMAND - 5)), &["250", "250"]).await;
    check(&format!("NOOP {}\r\nNOOP\r\n", "x".repeat(LONGEST_COMMAND - 4)), &["500"]).await;
    check(&"x".repeat(100_000), &["500"]).await;
    let (fits, exceeds) = ("x".repeat(LONGEST_TEXT_LINE), "x".repeat(LONGEST_TEXT_LINE + 1));
    check(&format!("{START}{fits}\r\n.\r\n"), &["250", "250", "250", "354", "250"]).await;
    assert_eq!(check(&format!("{START}{exceeds}\r\n.\r\n"), &["250", "250", "250", "354", "500"]).await.mails, []);
}

#[tokio::test]
async fn no_mail_hides_in_another() {
    let hidden = "MAIL FROM:<x@y.example>\r\nRCPT TO:<arlo@mfa.example.com>\r\nDATA\r\nforged\r\n.\r\n";
    for end in ["\n.\n", "\n.\r\n", "\r.\r", "\r.\r\n", "\r\n.\n", "\r\n.\r", "\n\n.\r\n", "\r\r\n.\r\n", "\r\n\0.\n"] {
        let (codes, heard) = session(format!("{START}text{end}{hidden}").as_bytes()).await;
        assert_eq!(codes[1..], ["250", "250", "250", "354", "550"], "{end:?}");
        assert_eq!(heard.mails, [], "{end:?}");
    }
    for command in ["NOOP\nNOOP\r\n", "NOOP\rNOOP\r\n", "EHLO x\nMAIL FROM:<>\r\n"] {
        check(command, &["550"]).await;
    }
}

proptest! {
    /// Pieces of which mails and smuggled mails are made, in any order.
    #[test]
    fn whatever_a_peer_says_a_mail_ends_where_everybody_sees_it(
        pieces in vec(select(&[START, "\r\n.\r\n", "\r\n", "\n", "\r", ".", "..", "text", "\0", "\u{e9}", "RSET", "QUIT", "DATA", "MAIL FROM:<>"]), 0..60),
    ) {
        let said = pieces.concat();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
        let mails = runtime.block_on(rehearse(said.as_bytes())).mails;
        let ends = said.matches("\r\n.\r\n").count();
        prop_assert!(mails.len() <= ends);
        for mail in mails {
            let without_ends = String::from_utf8_lossy(&mail.bytes).replace("\r\n", "");
            prop_assert!(!without_ends.contains(['\r', '\n']));
        }
    }
}

#[tokio::test]
async fn a_peer_may_err_so_often() {
    let codes = session("X\r\n".repeat(50).as_bytes()).await.0;
    assert_eq!((codes.len(), codes.last().map(String::as_str)), (MOST_ERRORS as usize + 1, Some("421")));
}

#[tokio::test]
async fn a_peer_may_ask_so_fast() {
    let codes = session("NOOP\r\n".repeat(500).as_bytes()).await.0;
    assert_eq!((codes.len(), codes.last().map(String::as_str)), (MOST_COMMANDS as usize + 2, Some("421")));
}

#[tokio::test]
async fn what_is_said_ahead_of_tls_is_not_taken_for_encrypted() {
    let heard = check("EHLO x\r\nSTARTTLS\r\nMAIL FROM:<>\r\n", &["250", "503"]).await;
    assert_eq!(heard.mails, []);
    check("EHLO x\r\nSTARTTLS\r\n", &["250", "220"]).await;
}

#[tokio::test]
async fn a_peer_that_breaks_off_leaves_nothing() {
    let heard = check(&format!("{START}half a mail\r\n"), &["250", "250", "250", "354"]).await;
    assert_eq!(heard.mails, []);
}

#[tokio::test(start_paused = true)]
async fn a_silent_peer_is_let_go() {
    for words in ["", "EHLO x\r\n", START, "NOO"] {
        let (mut peer, relay) = duplex(4096);
        let held = tokio::spawn(hold(relay));
        peer.write_all(words.as_bytes()).await.expect("heard");
        let began = Instant::now();
        let mut said = String::new();
        peer.read_to_string(&mut said).await.expect("the relay hangs up");
        assert!(said.ends_with("421 4.4.2 Silent for too long\r\n"), "{said}");
        assert!(began.elapsed() >= IDLE);
        assert_eq!(held.await.expect("no panic"), []);
    }
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_only_drips_is_let_go() {
    let (mut peer, relay) = duplex(4096);
    let held = tokio::spawn(hold(relay));
    let began = Instant::now();
    while peer.write_all(b"NOOP\r\n").await.is_ok() {
        tokio::time::advance(IDLE / 2).await;
        tokio::task::yield_now().await;
    }
    assert!(began.elapsed() >= SESSION);
    held.await.expect("no panic");
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_reads_nothing_is_let_go() {
    let (mut peer, relay) = duplex(64);
    let held = tokio::spawn(hold(relay));
    peer.write_all("EHLO x\r\n".as_bytes()).await.expect("heard");
    assert_eq!(held.await.expect("no panic"), []);
}
