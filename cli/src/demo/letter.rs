//! The mail of the story.

use super::DemoError;
use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimePrinter;
use relay::mail::Mail;
use relay::provider::Provider;
use relay::verdict::provider_of;
use std::path::Path;

/// One of the fixtures, so that the command needs no file beside it.
const ARLO: &[u8] = include_bytes!("../../../tests/mail/base/2026-05-alternative.eml");

/// A mail whose lines end in CR LF.
pub(super) struct Letter(Vec<u8>);

impl Letter {
    /// The mail in this file, or Arlo's.
    pub(super) fn read(path: Option<&Path>) -> Result<Self, DemoError> {
        let raw = match path {
            None => ARLO.to_vec(),
            Some(path) => std::fs::read(path).map_err(|cause| DemoError::Mail { path: path.to_owned(), cause })?,
        };
        Ok(Self(with_line_ends(&raw)))
    }

    /// The mail as it would be if it were written now: one from another day is stale to every request.
    pub(super) fn written_at(&self, now: Timestamp) -> Vec<u8> {
        let date = DateTimePrinter::new().timestamp_to_rfc9110_string(&now).unwrap_or_default();
        let mut mail = Vec::new();
        let mut section = Section::Head;
        for line in self.0.split_inclusive(|&byte| byte == b'\n') {
            section = section.next(line);
            match section {
                Section::Date => {}
                Section::Blank => mail.extend([format!("Date: {date}\r\n").as_bytes(), line].concat()),
                Section::Head | Section::Body => mail.extend_from_slice(line),
            }
        }
        mail
    }

    /// The provider that wrote it, or the one that a client asks for when it names none.
    pub(super) fn provider(&self) -> &'static str {
        let mail = Mail::parse(&self.0).ok();
        mail.and_then(|mail| provider_of(&mail)).map_or(Provider::DEFAULT, |provider| provider.name)
    }

    /// Its size in bytes.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }
}

/// Where in a mail a line stands.
#[derive(Clone, Copy)]
enum Section {
    /// In the header section.
    Head,
    /// In the field Date, which may be folded.
    Date,
    /// At its end.
    Blank,
    /// Behind it.
    Body,
}

impl Section {
    fn next(self, line: &[u8]) -> Self {
        let is_folded = line.first().is_some_and(|first| b" \t".contains(first));
        let is_date = line.get(..5).is_some_and(|name| name.eq_ignore_ascii_case(b"date:"));
        match self {
            Self::Blank | Self::Body => Self::Body,
            _ if line == b"\r\n" => Self::Blank,
            Self::Date if is_folded => Self::Date,
            _ if is_date => Self::Date,
            _ => Self::Head,
        }
    }
}

/// Line ends as SMTP wants them, whatever the file has.
fn with_line_ends(raw: &[u8]) -> Vec<u8> {
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
    fn a_mail_is_written_now_and_otherwise_as_it_was() {
        let letter = Letter(with_line_ends(b"From: a\nDate: Sat,\n 21 Nov 2026\nSubject: b\n\nDate: no field\n"));
        let now = Timestamp::from_second(0).expect("a moment");
        let mail = String::from_utf8(letter.written_at(now)).expect("a text");
        assert_eq!(mail, "From: a\r\nSubject: b\r\nDate: Thu, 01 Jan 1970 00:00:00 GMT\r\n\r\nDate: no field\r\n");
    }
}
