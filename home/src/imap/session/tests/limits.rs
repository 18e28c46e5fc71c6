//! What is refused: commands out of their place, too long or too many, and any other input.

use super::*;
use crate::imap::fake::{FakeSource, MAILBOX, TOKEN, now};
use crate::imap::limits::{MAX_COMMAND, MAX_COMMANDS, MAX_ERRORS};
use crate::imap::session::Session;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

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
        let source = FakeSource::default();
        let (_trigger, shutdown) = crate::shutdown::channel();
        let session = Session { source: &source, now, shutdown };
        runtime.block_on(session.run(tokio::io::join(input.as_bytes(), &mut responses)));
        prop_assert!(responses.starts_with(b"* OK ") && responses.ends_with(b"\r\n") && responses.is_ascii());
    }
}
