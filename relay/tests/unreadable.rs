//! What cannot be read as a mail, by way of the functions that the verdict calls.
#![cfg(test)]

use relay::mail::{Mail, Unreadable};
use std::fmt::Write as _;

#[test]
fn without_a_header_field_there_is_no_mail() {
    for raw in ["", "\r\n", "\n", &"\r\n".repeat(1000)] {
        assert_eq!(Mail::parse(raw.as_bytes()).map(|_| ()), Err(Unreadable), "{raw:?}");
    }
}

/// Closed as it must be, so that nothing but its depth can be refused.
#[test]
fn a_body_that_is_nested_beyond_reason_is_not_parsed() {
    let nested = |levels: usize| {
        let mut raw = "From: do_not_reply@arlo.com\r\n".to_owned();
        for level in 0..levels {
            let _ = write!(raw, "Content-Type: multipart/mixed; boundary=b{level}\r\n\r\n--b{level}\r\n");
        }
        raw.push_str("Content-Type: text/plain\r\n\r\n467266\r\n");
        for level in (0..levels).rev() {
            let _ = write!(raw, "\r\n--b{level}--\r\n");
        }
        raw
    };
    let read = |raw: &str| Mail::parse(raw.as_bytes()).and_then(|mail| mail.body().map(|body| body.texts.len()));
    assert_eq!(read(&nested(3)), Ok(1));
    assert_eq!(read(&nested(10_000)), Err(Unreadable));
}
