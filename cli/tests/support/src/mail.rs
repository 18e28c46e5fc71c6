//! Code mails.

use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimePrinter;

/// A mail from Arlo with this code, dated now.
pub fn code_mail(code: &str) -> Vec<u8> {
    code_mail_dated(code, Timestamp::now())
}

/// A mail from Arlo with this code and this Date, in whole seconds.
pub fn code_mail_dated(code: &str, date: Timestamp) -> Vec<u8> {
    mail("Arlo <do_not_reply@arlo.com>", code, date)
}

/// A mail from this author, dated now.
pub fn mail_from(author: &str, code: &str) -> Vec<u8> {
    mail(author, code, Timestamp::now())
}

/// Each mail has a Message-ID of its own.
fn mail(author: &str, code: &str, date: Timestamp) -> Vec<u8> {
    let (date, id) = (rfc5322_date(date), Timestamp::now().as_nanosecond());
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
