//! The mail that the demo sends.

use super::DemoError;
use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimePrinter;
use relay::mail::Mail;
use relay::provider::Provider;
use relay::verdict::mail::provider_of;
use std::path::Path;

/// A fixture, compiled in so that the command needs no file.
const ARLO: &[u8] = include_bytes!("../../../tests/mail/base/2026-05-alternative.eml");

/// A mail with CR LF line endings.
pub(super) struct SampleMail(Vec<u8>);

impl SampleMail {
    /// Reads the mail from a file, or returns Arlo's if `path` is `None`.
    pub(super) fn read(path: Option<&Path>) -> Result<Self, DemoError> {
        let raw = match path {
            None => ARLO.to_vec(),
            Some(path) => std::fs::read(path).map_err(|cause| DemoError::Mail { path: path.to_owned(), cause })?,
        };
        Ok(Self(with_crlf(&raw)))
    }

    /// Returns the mail with this Date, for a mail from another day would be stale.
    pub(super) fn dated(&self, now: Timestamp) -> Vec<u8> {
        let date = DateTimePrinter::new().timestamp_to_rfc9110_string(&now).unwrap_or_default();
        let mut mail = Vec::new();
        let mut section = Section::Header;
        for line in self.0.split_inclusive(|&byte| byte == b'\n') {
            section = section.next(line);
            match section {
                Section::Date => {}
                Section::BlankLine => mail.extend([format!("Date: {date}\r\n").as_bytes(), line].concat()),
                Section::Header | Section::Body => mail.extend_from_slice(line),
            }
        }
        mail
    }

    /// The name of the provider that sent it; the default provider's if no provider did.
    pub(super) fn provider(&self) -> &'static str {
        let mail = Mail::parse(&self.0).ok();
        mail.and_then(|mail| provider_of(&mail)).map_or(Provider::DEFAULT, |provider| provider.name)
    }

    /// The size in bytes.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }
}

/// The part of a mail that a line belongs to.
#[derive(Clone, Copy)]
enum Section {
    /// The header section.
    Header,
    /// The header field Date, which may be folded.
    Date,
    /// The blank line that ends the header section.
    BlankLine,
    /// The body.
    Body,
}

impl Section {
    fn next(self, line: &[u8]) -> Self {
        let is_folded = line.first().is_some_and(|first| b" \t".contains(first));
        let is_date = line.get(..5).is_some_and(|name| name.eq_ignore_ascii_case(b"date:"));
        match self {
            Self::BlankLine | Self::Body => Self::Body,
            _ if line == b"\r\n" => Self::BlankLine,
            Self::Date if is_folded => Self::Date,
            _ if is_date => Self::Date,
            _ => Self::Header,
        }
    }
}

/// Converts line endings to CR LF, as SMTP needs them.
fn with_crlf(raw: &[u8]) -> Vec<u8> {
    let mut mail = Vec::with_capacity(raw.len());
    for line in raw.split_inclusive(|&byte| byte == b'\n') {
        let text = line.strip_suffix(b"\n").unwrap_or(line);
        mail.extend(text.iter().filter(|&&byte| byte != b'\r'));
        mail.extend_from_slice(b"\r\n");
    }
    mail
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_date_of_the_mail_changes() {
        let mail = SampleMail(with_crlf(b"From: a\nDate: Sat,\n 21 Nov 2026\nSubject: b\n\nDate: no field\n"));
        let now = Timestamp::from_second(0).expect("a timestamp");
        let mail = String::from_utf8(mail.dated(now)).expect("a text");
        assert_eq!(mail, "From: a\r\nSubject: b\r\nDate: Thu, 01 Jan 1970 00:00:00 GMT\r\n\r\nDate: no field\r\n");
    }
}
