use super::*;
use crate::imap::fake::{MAILBOX, TOKEN, TestClient, WINDOW};
use crate::imap::limits::{LOGIN_PAUSE, MAX_COMMAND, MAX_ERRORS, MAX_LOGINS};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use relay::status::End;
use std::time::Duration;

const SECOND: Duration = Duration::from_secs(1);
const NONE: [u32; 0] = [];

/// The numbers in the answer to a search.
async fn search(client: &mut TestClient, keys: &str) -> Vec<u32> {
    let responses = client.command(&format!("SEARCH {keys}")).await;
    let line =
        responses.lines().find_map(|line| line.strip_prefix("* SEARCH")).expect("an answer, also if it is empty");
    line.split_whitespace().map(|number| number.parse().expect("a number")).collect()
}

#[tokio::test(start_paused = true)]
async fn a_login_as_pyaarlo_does_it_finds_its_code() {
    let mut client = TestClient::connect().await;
    assert!(client.command("CAPABILITY").await.starts_with("* CAPABILITY IMAP4REV1 "));
    client.command(&format!("LOGIN {MAILBOX} \"{TOKEN}\"")).await;
    assert_eq!(client.source.opened(), 0, "a login alone opens no request");
    assert!(client.command("EXAMINE INBOX").await.starts_with("* FLAGS (\\Seen)\r\n* 0 EXISTS\r\n* 0 RECENT\r\n"));
    assert_eq!(client.source.opened(), 1);
    assert_eq!(client.command("SEARCH FROM do_not_reply@arlo.com").await, "* SEARCH\r\na OK Done.\r\n");
    tokio::time::advance(3 * SECOND).await;
    client.command("CHECK").await;
    assert_eq!(search(&mut client, "FROM do_not_reply@arlo.com").await, NONE);
    client.source.deliver("467266");
    tokio::time::advance(3 * SECOND).await;
    assert_eq!(client.command("CHECK").await, "* 1 EXISTS\r\n* 1 RECENT\r\na OK Done.\r\n");
    assert_eq!(search(&mut client, "FROM do_not_reply@arlo.com").await, [1]);
    let fetched = client.command("FETCH 1 (BODY.PEEK[])").await;
    assert!(fetched.starts_with("* 1 FETCH (BODY[] {") && fetched.contains("\r\n467266\r\n"), "{fetched}");
    assert_eq!(client.command("CLOSE").await, "a OK Done.\r\n");
    client.send(b"a LOGOUT\r\n").await;
    assert_eq!(client.rest().await, "* BYE Bye.\r\na OK Done.\r\n");
}

#[tokio::test(start_paused = true)]
async fn one_session_serves_logins_for_days() {
    let mut client = TestClient::examine().await;
    client.source.deliver("111111");
    assert_eq!(search(&mut client, "FROM do_not_reply@arlo.com").await, [1]);
    tokio::time::sleep(13 * 24 * 3600 * SECOND).await;
    client.command("CHECK").await;
    assert_eq!(client.source.opened(), 2, "a login that begins has a request of its own");
    assert_eq!(search(&mut client, "FROM do_not_reply@arlo.com").await, [1], "and nothing looks new");
    client.source.deliver("222222");
    tokio::time::advance(SECOND).await;
    assert_eq!(search(&mut client, "FROM do_not_reply@arlo.com").await, [1, 2]);
    let fetched = client.command("FETCH 1:2 (BODY.PEEK[TEXT])").await;
    assert!(fetched.contains("222222") && !fetched.contains("111111"));
}

#[tokio::test(start_paused = true)]
async fn a_request_that_has_ended_is_followed_by_one_at_the_next_question() {
    for (question, end) in [("CHECK", End::TimedOut), ("NOOP", End::Expired), ("SEARCH ALL", End::TimedOut)] {
        let mut client = TestClient::examine().await;
        client.source.end(end);
        client.command("FETCH 1:* FLAGS").await;
        assert_eq!(client.source.opened(), 1);
        let responses = client.command(question).await;
        assert!(responses.contains(&format!("* OK It ended: {}.\r\n", end.word())), "{responses}");
        assert_eq!(client.source.opened(), 2, "{question}");
        client.command(question).await;
        assert_eq!(client.source.opened(), 2, "{question}");
    }
}

#[tokio::test(start_paused = true)]
async fn two_sessions_of_one_program_do_not_supersede_each_other_for_ever() {
    let mut client = TestClient::examine().await;
    client.source.end(End::Superseded);
    for _ in 0..5 {
        client.command("CHECK").await;
        tokio::time::advance(3 * SECOND).await;
    }
    assert_eq!(client.source.opened(), 1);
    tokio::time::advance(LOGIN_PAUSE).await;
    client.command("CHECK").await;
    assert_eq!(client.source.opened(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_late_code_of_the_last_login_is_never_shown_to_the_next() {
    let mut client = TestClient::examine().await;
    client.command("CHECK").await;
    tokio::time::advance(LOGIN_PAUSE).await;
    client.source.deliver("111111");
    client.command("CHECK").await;
    assert_eq!(search(&mut client, "ALL").await, NONE);
}

#[tokio::test(start_paused = true)]
async fn a_newer_code_of_the_same_request_is_one_more_message() {
    let mut client = TestClient::examine().await;
    client.source.deliver("111111");
    assert_eq!(search(&mut client, "ALL").await, [1]);
    client.source.deliver("222222");
    assert_eq!(search(&mut client, "ALL").await, [1, 2]);
    assert_eq!(search(&mut client, "ALL").await, [1, 2]);
}

#[tokio::test(start_paused = true)]
async fn a_code_is_erased_when_its_window_ends_even_if_nobody_asks() {
    let mut client = TestClient::examine().await;
    client.source.deliver("467266");
    assert_eq!(search(&mut client, "ALL").await, [1]);
    tokio::time::sleep(WINDOW).await;
    let fetched = client.command("FETCH 1 (RFC822.SIZE BODY.PEEK[])").await;
    assert!(!fetched.contains("467266") && fetched.contains("******"), "{fetched}");
}

#[tokio::test(start_paused = true)]
async fn a_client_in_idle_is_told_of_a_code_at_once() {
    let mut client = TestClient::examine().await;
    client.send(b"a IDLE\r\n").await;
    assert!(client.line().await.starts_with("+ "));
    tokio::time::sleep(10 * SECOND).await;
    client.source.deliver("467266");
    assert_eq!((client.line().await, client.line().await), ("* 1 EXISTS\r\n".to_owned(), "* 1 RECENT\r\n".to_owned()));
    client.send(b"DONE\r\n").await;
    assert_eq!(client.line().await, "a OK Done.\r\n");
    assert_eq!(client.source.opened(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_wrong_login_is_refused_with_a_sentence_and_opens_no_request() {
    let mut client = TestClient::connect().await;
    for _ in 1..MAX_LOGINS {
        let refused = client.command(&format!("LOGIN {MAILBOX} secret")).await;
        assert_eq!(refused, "a NO [AUTHENTICATIONFAILED] The password is the token.\r\n");
    }
    assert_eq!(client.source.opened(), 0);
    client.command(&format!("LOGIN {MAILBOX} secret")).await;
    assert!(client.rest().await.starts_with("* BYE "));
}

#[tokio::test(start_paused = true)]
async fn every_way_to_log_in_leads_to_the_inbox() {
    // \0me@gmail.com\0mfar_token
    const PLAIN: &str = "AG1lQGdtYWlsLmNvbQBtZmFyX3Rva2Vu";
    let literals = format!("a LOGIN {{{}}}\r\n", MAILBOX.len());
    for dialogue in [
        vec![format!("a LOGIN {MAILBOX} {TOKEN}\r\n")],
        vec![format!("a login \"{MAILBOX}\" \"{TOKEN}\"\r\n")],
        vec![literals, format!("{MAILBOX} {TOKEN}\r\n")],
        vec!["a AUTHENTICATE PLAIN\r\n".to_owned(), format!("{PLAIN}\r\n")],
        vec![format!("a AUTHENTICATE PLAIN {PLAIN}\r\n")],
    ] {
        let mut client = TestClient::connect().await;
        let (last, first) = dialogue.split_last().expect("a line");
        for line in first {
            client.send(line.as_bytes()).await;
            assert!(client.line().await.starts_with('+'), "{dialogue:?}");
        }
        client.send(last.as_bytes()).await;
        assert_eq!(client.line().await, "a OK Logged in.\r\n", "{dialogue:?}");
        assert!(client.command("SELECT inbox").await.contains("a OK [READ-WRITE]"));
    }
    let mut client = TestClient::connect().await;
    client.send(b"a AUTHENTICATE PLAIN\r\n").await;
    client.line().await;
    client.send(b"*\r\n").await;
    assert_eq!(client.line().await, "a BAD Cancelled.\r\n");
}

#[tokio::test(start_paused = true)]
async fn a_relay_that_does_not_answer_is_asked_again() {
    let mut client = TestClient::log_in().await;
    client.source.fake().is_down = true;
    assert_eq!(client.command("EXAMINE INBOX").await, "a NO [UNAVAILABLE] Try again.\r\n");
    client.source.fake().is_down = false;
    client.command("EXAMINE INBOX").await;
    client.source.fake().is_down = true;
    tokio::time::advance(LOGIN_PAUSE).await;
    assert_eq!(client.command("CHECK").await, "* OK Try again.\r\na OK Done.\r\n");
    client.source.fake().is_down = false;
    client.command("CHECK").await;
    assert_eq!(client.source.opened(), 2);
    client.source.fake().is_down = true;
    client.command("CHECK").await;
    client.source.fake().is_down = false;
    client.source.deliver("467266");
    assert_eq!(search(&mut client, "ALL").await, [1]);
}

#[tokio::test(start_paused = true)]
async fn a_revoked_token_ends_the_session_at_the_next_login() {
    let mut client = TestClient::examine().await;
    client.source.fake().is_revoked = true;
    tokio::time::advance(LOGIN_PAUSE).await;
    client.send(b"a CHECK\r\n").await;
    assert_eq!(client.rest().await, "* BYE The password is the token.\r\n");
}

#[tokio::test(start_paused = true)]
async fn messages_are_found_by_every_key_that_clients_use() {
    let mut client = TestClient::examine().await;
    client.source.deliver("467266");
    for (keys, found) in [
        ("ALL", true),
        ("UNSEEN", true),
        ("NEW", true),
        ("FROM arlo.com", true),
        ("FROM \"DO_NOT_REPLY@ARLO.COM\"", true),
        ("FROM blinkforhome.com", false),
        ("SUBJECT \"one-time authentication code\"", true),
        ("SUBJECT newsletter", false),
        ("HEADER From do_not_reply@arlo.com", true),
        ("HEADER X-None \"\"", false),
        ("SINCE 21-Nov-2026", true),
        ("SINCE 22-Nov-2026", false),
        ("BEFORE 22-Nov-2026", true),
        ("ON 21-Nov-2026", true),
        ("UNSEEN FROM arlo.com SINCE 1-Nov-2026", true),
        ("NOT FROM arlo.com", false),
        ("OR SEEN FROM arlo.com", true),
        ("TEXT 467266", true),
        ("BODY 467267", false),
        ("1:*", true),
        ("2", false),
        ("CHARSET UTF-8 ALL", true),
        ("DELETED", false),
        ("UNDELETED", true),
        ("LARGER 100 SMALLER 5000", true),
    ] {
        assert_eq!(search(&mut client, keys).await.len(), usize::from(found), "{keys}");
    }
    let by_uid = client.command("UID SEARCH ALL").await;
    assert!(by_uid.contains("* SEARCH 1795291272\r\n"), "{by_uid}");
}

#[tokio::test(start_paused = true)]
async fn every_item_that_clients_fetch_is_there() {
    let mut client = TestClient::examine().await;
    client.source.deliver("467266");
    client.command("NOOP").await;
    for (items, expected) in [
        ("BODY.PEEK[HEADER.FIELDS (FROM)]", "BODY[HEADER.FIELDS (FROM)] {31}\r\nFrom: do_not_reply@arlo.com\r\n\r\n)"),
        ("BODY.PEEK[HEADER.FIELDS.NOT (FROM TO DATE MESSAGE-ID MIME-VERSION CONTENT-TYPE)]", "Subject: Your one-time"),
        ("BODY.PEEK[HEADER]", "\r\nMIME-Version: 1.0\r\n"),
        ("BODY.PEEK[1]", "BODY[1] {"),
        ("BODY.PEEK[2]", "<h1>467266</h1>"),
        ("BODY.PEEK[3]", "BODY[3] NIL"),
        ("BODY.PEEK[2.MIME]", "Content-Type: text/html; charset=us-ascii\r\n"),
        ("BODY.PEEK[]<0.4>", "BODY[]<0> {4}\r\nFrom)"),
        ("BODY.PEEK[]<99999.4>", "BODY[]<99999> {0}\r\n)"),
        ("RFC822", "RFC822 {"),
        ("RFC822.HEADER", "RFC822.HEADER {"),
        ("INTERNALDATE", "INTERNALDATE \"21-Nov-2026 20:01:12 +0000\""),
        ("FLAGS", "FLAGS (\\Recent)"),
        ("UID", "UID 1795291272"),
        ("ENVELOPE", "((NIL NIL \"do_not_reply\" \"arlo.com\"))"),
        ("BODYSTRUCTURE", "\"alternative\""),
        ("FAST", "RFC822.SIZE "),
        ("ALL", "ENVELOPE ("),
        ("FULL", "BODY ("),
    ] {
        let fetched = client.command(&format!("FETCH 1 ({items})")).await;
        let fetched =
            if fetched.starts_with("a BAD") { client.command(&format!("FETCH 1 {items}")).await } else { fetched };
        assert!(fetched.starts_with("* 1 FETCH (") && fetched.contains(expected), "{items}: {fetched}");
    }
    assert!(client.command("UID FETCH 1:* FLAGS").await.contains("UID 1795291272"));
    assert_eq!(client.command("FETCH 2 FLAGS").await, "a OK Done.\r\n");
}

#[tokio::test(start_paused = true)]
async fn a_message_that_was_read_is_seen_unless_the_mailbox_is_open_for_reading_only() {
    for (open, is_seen) in [("EXAMINE INBOX", false), ("SELECT INBOX", true)] {
        let mut client = TestClient::log_in().await;
        client.command(open).await;
        client.source.deliver("467266");
        client.command("NOOP").await;
        client.command("FETCH 1 BODY.PEEK[]").await;
        assert_eq!(search(&mut client, "UNSEEN").await, [1], "{open}");
        assert_eq!(client.command("FETCH 1 BODY[]").await.contains("FLAGS (\\Recent \\Seen)"), is_seen, "{open}");
        assert_eq!(search(&mut client, "UNSEEN").await.is_empty(), is_seen, "{open}");
        assert_eq!(client.command("STORE 1 -FLAGS (\\Seen)").await.contains("a OK"), is_seen, "{open}");
        assert_eq!(search(&mut client, "UNSEEN").await, [1], "{open}");
    }
}

#[tokio::test(start_paused = true)]
async fn there_is_one_mailbox_and_it_stores_nothing() {
    let mut client = TestClient::log_in().await;
    assert_eq!(client.command("LIST \"\" *").await, "* LIST (\\Noinferiors) NIL INBOX\r\na OK Done.\r\n");
    let status = client.command("STATUS INBOX (MESSAGES UIDNEXT UIDVALIDITY UNSEEN RECENT)").await;
    let expected = "* STATUS INBOX (MESSAGES 0 UIDNEXT 1795291272 UIDVALIDITY 1 UNSEEN 0 RECENT 0)\r\n";
    assert!(status.starts_with(expected), "{status}");
    for command in ["SELECT Sent", "EXAMINE Sent", "STATUS Sent (MESSAGES)", "CREATE x", "DELETE x", "RENAME x y"] {
        assert!(client.command(command).await.starts_with("a NO ["), "{command}");
    }
    client.command("SELECT INBOX").await;
    for command in ["EXPUNGE", "UNSELECT", "NOOP"] {
        assert_eq!(client.command(command).await, "a OK Done.\r\n", "{command}");
    }
}

#[tokio::test(start_paused = true)]
async fn commands_out_of_their_place_and_what_is_no_command_are_refused() {
    let mut client = TestClient::connect().await;
    for command in ["SELECT INBOX", "CHECK", "FETCH 1 FLAGS", "NONSENSE", "LOGIN", "FETCH 1 (BODY["] {
        assert!(client.command(command).await.starts_with("a BAD "), "{command}");
    }
    client.command(&format!("LOGIN {MAILBOX} {TOKEN}")).await;
    for command in ["CHECK", "SEARCH ALL", "IDLE", "CLOSE", "LOGIN x y"] {
        assert!(client.command(command).await.starts_with("a BAD "), "{command}");
    }
    for _ in 0..MAX_ERRORS {
        client.send(b"nonsense\r\n").await;
    }
    assert!(client.rest().await.ends_with("* BYE Too many errors.\r\n"));
}

#[tokio::test(start_paused = true)]
async fn a_command_and_its_literals_are_limited() {
    let mut client = TestClient::log_in().await;
    client.send(format!("a CREATE {{{MAX_COMMAND}}}\r\n").as_bytes()).await;
    assert!(client.line().await.starts_with("a NO [TOOBIG]"));
    assert_eq!(client.command("NOOP").await, "a OK Done.\r\n", "the literal was never sent");
    client.send(format!("a SELECT {}", "x".repeat(2 * MAX_COMMAND)).as_bytes()).await;
    assert_eq!(client.rest().await, "* BYE The command is too long.\r\n");
    let mut client = TestClient::log_in().await;
    client.send(format!("a CREATE {{{MAX_COMMAND}+}}\r\n").as_bytes()).await;
    assert_eq!(client.rest().await, "* BYE The command is too long.\r\n");
}

#[tokio::test(start_paused = true)]
async fn the_rate_of_commands_is_limited() {
    let mut client = TestClient::log_in().await;
    for _ in 1..MAX_COMMANDS {
        assert_eq!(client.command("NOOP").await, "a OK Done.\r\n");
    }
    assert!(client.command("NOOP").await.starts_with("* BYE Too many commands."));
}

#[tokio::test(start_paused = true)]
async fn a_client_that_does_not_log_in_is_disconnected() {
    let started = Instant::now();
    let mut client = TestClient::connect().await;
    for _ in 0..11 {
        tokio::time::sleep(LOGIN_TIMEOUT / 12).await;
        client.command("NOOP").await;
    }
    assert!(client.rest().await.starts_with("* BYE "));
    assert_eq!(started.elapsed(), LOGIN_TIMEOUT);
}

proptest! {
    /// The parts that commands consist of, in any order.
    #[test]
    fn any_input_is_answered_in_whole_lines_and_without_a_panic(
        pieces in vec(select(&[
            "a LOGIN me@gmail.com mfar_token\r\n", "a SELECT INBOX\r\n", "a NOOP\r\n", "a IDLE\r\n", "DONE\r\n", "a FETCH ", "1:*", "0",
            " (BODY[", "HEADER.FIELDS (", "FROM", "]", "<0.5>", ")", "a UID SEARCH ", "NOT ", "OR ", "(", "\r\n", "\n", " ", "{5}\r\n", "{3+}\r\n",
            "{99999}\r\n", "\"", "\\", "\0", "\u{e9}", "a AUTHENTICATE PLAIN\r\n", "AG1lAHg=\r\n", "a STORE 1 +FLAGS (\\Seen)\r\n", "*", "4294967295",
        ]), 0..40),
    ) {
        let input = pieces.concat();
        let mut responses = Vec::new();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
        let source = crate::imap::fake::FakeSource::default();
        let (_trigger, shutdown) = crate::shutdown::channel();
        let session = Session { source: &source, now: crate::imap::fake::now, shutdown };
        runtime.block_on(session.run(tokio::io::join(input.as_bytes(), &mut responses)));
        prop_assert!(responses.starts_with(b"* OK ") && responses.ends_with(b"\r\n") && responses.is_ascii());
    }
}
