use super::*;
use crate::smtp::fake::{Transcript, run, run_with_input, run_with_memory};
use crate::smtp::limits::*;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use relay::mail::LARGEST_MAIL;
use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};
use tokio::time::Instant;

const START: &str = "EHLO peer.example\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<arlo@mfa.example.com>\r\nDATA\r\n";

/// Runs a session, and returns the code of each reply, the greeting's first.
async fn session(input: &[u8]) -> (Vec<String>, Transcript) {
    let transcript = run_with_input(input).await;
    let last_lines = transcript.replies.lines().filter(|line| line.get(3..4) == Some(" "));
    (last_lines.map(|line| line.chars().take(3).collect()).collect(), transcript)
}

/// Runs a session, and checks the code of each reply after the greeting.
async fn check(input: &str, expected: &[&str]) -> Transcript {
    let (codes, transcript) = session(input.as_bytes()).await;
    assert_eq!(codes[0], "220");
    assert_eq!(codes[1..], *expected, "{input}");
    transcript
}

#[tokio::test]
async fn a_mail_arrives_byte_for_byte_without_dot_stuffing() {
    let input = format!("{START}Subject: x\r\n\r\n..a dot\r\n...\r\n\r\n.\r\nQUIT\r\n");
    let transcript = check(&input, &["250", "250", "250", "354", "250", "221"]).await;
    assert_eq!(transcript.mails.len(), 1);
    assert_eq!(transcript.mails[0].bytes, b"Subject: x\r\n\r\n.a dot\r\n..\r\n\r\n");
    assert_eq!(
        (&*transcript.mails[0].sender, &*transcript.mails[0].recipients[0]),
        ("a@b.example", "arlo@mfa.example.com")
    );
}

#[tokio::test]
async fn one_session_can_carry_several_mails() {
    let next = START.strip_prefix("EHLO peer.example\r\n").expect("a greeting");
    let input = format!("{START}one\r\n.\r\n{next}two\r\n.\r\n");
    let transcript = check(&input, &["250", "250", "250", "354", "250", "250", "250", "354", "250"]).await;
    assert_eq!(transcript.mails.iter().map(|mail| &*mail.bytes).collect::<Vec<_>>(), [b"one\r\n", b"two\r\n"]);
}

#[tokio::test]
async fn ehlo_lists_the_extensions() {
    let replies = run_with_input(b"EHLO peer.example\r\n").await.replies;
    for extension in ["PIPELINING", "SIZE 1048576", "8BITMIME", "SMTPUTF8", "STARTTLS", "ENHANCEDSTATUSCODES"] {
        assert!(replies.contains(extension), "{extension}");
    }
}

#[tokio::test]
async fn commands_out_of_sequence_and_unknown_ones_are_refused() {
    for (input, expected) in [
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
        check(input, expected).await;
    }
}

#[tokio::test]
async fn unknown_recipients_are_refused() {
    let start = "EHLO x\r\nMAIL FROM:<a@b.example>\r\n";
    for recipient in ["me@gmail.com", "postmaster", "arlo@[192.0.2.1]", "@b.example:arlo@c.example"] {
        let (codes, _) = session(format!("{start}RCPT TO:<{recipient}>\r\n").as_bytes()).await;
        assert!(["550", "501"].contains(&&*codes[3]), "{recipient}: {}", codes[3]);
    }
}

#[tokio::test]
async fn addresses_outside_ascii_need_smtputf8() {
    check("EHLO x\r\nMAIL FROM:<ü@b.example>\r\n", &["250", "553"]).await;
    check("EHLO x\r\nMAIL FROM:<ü@b.example> SMTPUTF8\r\n", &["250", "250"]).await;
}

#[tokio::test]
async fn parameters_that_are_not_offered_are_refused() {
    check("EHLO x\r\nMAIL FROM:<> BODY=BINARYMIME\r\n", &["250", "555"]).await;
    check("EHLO x\r\nMAIL FROM:<> REQUIRETLS\r\n", &["250", "555"]).await;
    check("EHLO x\r\nMAIL FROM:<> XFORWARD=1\r\n", &["250", "555"]).await;
}

#[tokio::test]
async fn the_size_of_a_mail_is_limited() {
    check(&format!("EHLO x\r\nMAIL FROM:<> SIZE={LARGEST_MAIL}\r\n"), &["250", "250"]).await;
    check(&format!("EHLO x\r\nMAIL FROM:<> SIZE={}\r\n", LARGEST_MAIL + 1), &["250", "552"]).await;
    let line = format!("{}\r\n", "x".repeat(1022));
    let fits = line.repeat(1024);
    let transcript = check(&format!("{START}{fits}.\r\n"), &["250", "250", "250", "354", "250"]).await;
    assert_eq!(transcript.mails[0].bytes.len(), LARGEST_MAIL);
    let transcript =
        check(&format!("{START}{fits}x\r\n.\r\nNOOP\r\n"), &["250", "250", "250", "354", "552", "250"]).await;
    assert_eq!(transcript.mails[0].bytes.len(), LARGEST_MAIL + 1, "truncated to one byte over the limit");
    let endless = line.repeat(MAX_DATA / line.len() + 1);
    assert_eq!(check(&format!("{START}{endless}.\r\n"), &["250", "250", "250", "354", "552"]).await.mails, []);
}

#[tokio::test]
async fn the_number_of_recipients_is_limited() {
    let recipients = "RCPT TO:<arlo@mfa.example.com>\r\n".repeat(MAX_RECIPIENTS + 1);
    let (codes, _) = session(format!("EHLO x\r\nMAIL FROM:<>\r\n{recipients}").as_bytes()).await;
    assert_eq!(codes[3..], ["250", "250", "250", "250", "452"]);
}

#[tokio::test]
async fn the_length_of_a_command_is_limited() {
    check(&format!("NOOP {}\r\nNOOP\r\n", "x".repeat(MAX_COMMAND_LINE - 5)), &["250", "250"]).await;
    check(&format!("NOOP {}\r\nNOOP\r\n", "x".repeat(MAX_COMMAND_LINE - 4)), &["500"]).await;
    check(&"x".repeat(100_000), &["500"]).await;
}

#[tokio::test]
async fn a_line_may_be_as_long_as_the_mail() {
    let line = "x".repeat(LARGEST_MAIL - 2);
    let transcript = check(&format!("{START}{line}\r\n.\r\n"), &["250", "250", "250", "354", "250"]).await;
    assert_eq!(transcript.mails[0].bytes.len(), LARGEST_MAIL);
}

#[tokio::test]
async fn a_mail_that_exceeds_the_shared_memory_is_deferred_and_the_session_goes_on() {
    let next = START.strip_prefix("EHLO peer.example\r\n").expect("a greeting");
    let large = format!("{}\r\n", "x".repeat(1022)).repeat(100);
    let input = format!("{START}{large}.\r\n{next}small\r\n.\r\n");
    let mut replies = Vec::new();
    let mails = run_with_memory(tokio::io::join(input.as_bytes(), &mut replies), MailMemory::of_size(0)).await;
    let replies = String::from_utf8(replies).expect("ASCII");
    assert!(replies.contains("\r\n452 4.3.1 ") && replies.ends_with("250 2.6.0 Accepted\r\n"), "{replies}");
    assert_eq!(mails.iter().map(|mail| &*mail.bytes).collect::<Vec<_>>(), [b"small\r\n"]);
}

#[tokio::test]
async fn a_bare_newline_ends_the_session_so_that_no_mail_can_be_smuggled() {
    let hidden = "MAIL FROM:<x@y.example>\r\nRCPT TO:<arlo@mfa.example.com>\r\nDATA\r\nforged\r\n.\r\n";
    for end in ["\n.\n", "\n.\r\n", "\r.\r", "\r.\r\n", "\r\n.\n", "\r\n.\r", "\n\n.\r\n", "\r\r\n.\r\n", "\r\n\0.\n"] {
        let (codes, transcript) = session(format!("{START}text{end}{hidden}").as_bytes()).await;
        assert_eq!(codes[1..], ["250", "250", "250", "354", "550"], "{end:?}");
        assert_eq!(transcript.mails, [], "{end:?}");
    }
    for command in ["NOOP\nNOOP\r\n", "NOOP\rNOOP\r\n", "EHLO x\nMAIL FROM:<>\r\n"] {
        check(command, &["550"]).await;
    }
}

proptest! {
    /// The parts that mails and smuggled mails consist of, in any order.
    #[test]
    fn a_mail_ends_only_at_cr_lf_dot_cr_lf(
        pieces in vec(select(&[START, "\r\n.\r\n", "\r\n", "\n", "\r", ".", "..", "text", "\0", "\u{e9}", "RSET", "QUIT", "DATA", "MAIL FROM:<>"]), 0..60),
    ) {
        let input = pieces.concat();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
        let mails = runtime.block_on(run_with_input(input.as_bytes())).mails;
        let ends = input.matches("\r\n.\r\n").count();
        prop_assert!(mails.len() <= ends);
        for mail in mails {
            let without_ends = String::from_utf8_lossy(&mail.bytes).replace("\r\n", "");
            prop_assert!(!without_ends.contains(['\r', '\n']));
        }
    }
}

#[tokio::test]
async fn the_number_of_errors_is_limited() {
    let codes = session("X\r\n".repeat(50).as_bytes()).await.0;
    assert_eq!((codes.len(), codes.last().map(String::as_str)), (MAX_ERRORS as usize + 1, Some("421")));
}

#[tokio::test]
async fn the_rate_of_commands_is_limited() {
    let codes = session("NOOP\r\n".repeat(500).as_bytes()).await.0;
    assert_eq!((codes.len(), codes.last().map(String::as_str)), (MAX_COMMANDS as usize + 2, Some("421")));
}

#[tokio::test]
async fn plaintext_that_was_pipelined_after_starttls_is_not_processed() {
    let transcript = check("EHLO x\r\nSTARTTLS\r\nMAIL FROM:<>\r\n", &["250", "503"]).await;
    assert_eq!(transcript.mails, []);
    check("EHLO x\r\nSTARTTLS\r\n", &["250", "220"]).await;
}

#[tokio::test]
async fn a_mail_that_is_cut_off_is_dropped() {
    let transcript = check(&format!("{START}part of a mail\r\n"), &["250", "250", "250", "354"]).await;
    assert_eq!(transcript.mails, []);
}

#[tokio::test(start_paused = true)]
async fn an_idle_peer_times_out() {
    for input in ["", "EHLO x\r\n", START, "NOO"] {
        let (mut peer, server) = duplex(4096);
        let session = tokio::spawn(run(server));
        peer.write_all(input.as_bytes()).await.expect("sent");
        let start = Instant::now();
        let mut replies = String::new();
        peer.read_to_string(&mut replies).await.expect("the server closes the connection");
        assert!(replies.ends_with("421 4.4.2 Timeout\r\n"), "{replies}");
        assert!(start.elapsed() >= IDLE_TIMEOUT);
        assert_eq!(session.await.expect("no panic"), []);
    }
}

#[tokio::test(start_paused = true)]
async fn a_session_times_out_even_if_its_peer_is_never_idle() {
    let (mut peer, server) = duplex(4096);
    let session = tokio::spawn(run(server));
    let start = Instant::now();
    while peer.write_all(b"NOOP\r\n").await.is_ok() {
        tokio::time::advance(IDLE_TIMEOUT / 2).await;
        tokio::task::yield_now().await;
    }
    assert!(start.elapsed() >= SESSION_TIMEOUT);
    session.await.expect("no panic");
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_reads_no_replies_times_out() {
    let (mut peer, server) = duplex(64);
    let session = tokio::spawn(run(server));
    peer.write_all("EHLO x\r\n".as_bytes()).await.expect("sent");
    assert_eq!(session.await.expect("no panic"), []);
}
