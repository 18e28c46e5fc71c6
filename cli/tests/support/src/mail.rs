//! Code mails.

use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimePrinter;

/// A mail from Arlo with this code, dated now.
pub fn code_mail(code: &str) -> Vec<u8> {
    mail_from("Arlo <do_not_reply@arlo.com>", code)
}

/// A mail from this author, otherwise the same. Each has a Message-ID of its own.
pub fn mail_from(author: &str, code: &str) -> Vec<u8> {
    let now = Timestamp::now();
    let (date, id) = (rfc5322_date(now), now.as_nanosecond());
    format!(
        "From: {author}\r\nTo: me@gmail.com\r\nSubject: Your one-time authentication code from Arlo\r\nDate: {date}\r\n\
         Message-ID: <{id}@arlo.com>\r\nMIME-Version: 1.0\r\nContent-Type: text/html; charset=utf-8\r\n\r\n\
         <html><body><p>Your code:</p><h1>{code}</h1></body></html>\r\n"
    )
    .into_bytes()
}

/// Formats a time for the header field Date.
pub fn rfc5322_date(time: Timestamp) -> String {
    DateTimePrinter::new().timestamp_to_rfc9110_string(&time).expect("a date")
}
