//! Who may log in, and how.

use super::*;
use crate::imap::fake::{MAILBOX, TOKEN};
use crate::imap::limits::{LOGIN_TIMEOUT, MAX_LOGINS};
use tokio::time::Instant;

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
