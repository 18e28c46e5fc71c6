//! What clients find, fetch and mark.

use super::*;

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
