//! Code mails, written for the test.

use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimePrinter;

/// A mail from Arlo with this code, written now.
pub(crate) fn letter(code: &str) -> Vec<u8> {
    from("Arlo <do_not_reply@arlo.com>", code)
}

pub(crate) fn from(author: &str, code: &str) -> Vec<u8> {
    let date = DateTimePrinter::new().timestamp_to_rfc9110_string(&Timestamp::now()).expect("a date");
    // No two logins get the same bytes, as no two mails have the same Message-ID.
    let id = Timestamp::now().as_nanosecond();
    format!(
        "From: {author}\r\nTo: me@gmail.com\r\nSubject: Your one-time authentication code from Arlo\r\nDate: {date}\r\n\
         Message-ID: <{id}@arlo.com>\r\nMIME-Version: 1.0\r\nContent-Type: text/html; charset=utf-8\r\n\r\n\
         <html><body><p>Your code:</p><h1>{code}</h1></body></html>\r\n"
    )
    .into_bytes()
}
