//! A session over a stream in memory: here its requests, as clients' logins need them.

mod limits;
mod logins;
mod messages;

use crate::imap::fake::{MAILBOX, TOKEN, TestClient, WINDOW};
use crate::imap::limits::LOGIN_PAUSE;
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
