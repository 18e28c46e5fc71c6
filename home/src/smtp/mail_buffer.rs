//! A mail as it comes in: finds its end, undoes dot-stuffing, and keeps it within a memory that all sessions share.
//!
//! A line may be as long as the mail: HTML templates have lines of 60 kB, and nothing is gained by refusing them. So a
//! mail is decoded byte by byte, and no line of it is stored twice.

use super::limits::{FREE_MAIL_MEMORY, MAX_CONNECTIONS, MAX_DATA, MAX_MAIL_MEMORY};
use super::line_stream::ReadError;
use relay::mail::LARGEST_MAIL;
use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// How much of a mail is stored, in bytes: one more than is judged, so that the handler can tell that it is too large.
const MAX_STORED: usize = LARGEST_MAIL + 1;

/// The memory that all sessions share for mails; cheap to clone.
///
/// The first 64 KiB of a mail need no share of it, so code mails come in even while strangers send
/// large ones and never end them.
#[derive(Debug, Clone)]
pub struct MailMemory(Arc<Semaphore>);

impl Default for MailMemory {
    /// The memory of one server: 64 MiB for all of its sessions.
    fn default() -> Self {
        Self::of_size(MAX_MAIL_MEMORY - MAX_CONNECTIONS * FREE_MAIL_MEMORY)
    }
}

impl MailMemory {
    /// A shared memory of so many bytes, rounded down to a multiple of [`FREE_MAIL_MEMORY`].
    pub(super) fn of_size(bytes: usize) -> Self {
        Self(Arc::new(Semaphore::new(bytes / FREE_MAIL_MEMORY)))
    }
}

/// A mail, and its share of the memory until it is dropped.
#[derive(Debug)]
pub(super) struct MailBuffer {
    memory: MailMemory,
    reserved: Option<OwnedSemaphorePermit>,
    bytes: Vec<u8>,
    /// The length of the mail so far, stored or not.
    length: usize,
    position: Position,
    has_room: bool,
}

/// What came last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Position {
    /// The end of a line, or nothing.
    LineStart,
    /// A dot at the start of a line.
    Dot,
    /// The same, and a CR.
    DotCr,
    /// Something else within a line.
    Line,
    /// The same, and a CR.
    Cr,
}

/// How far a mail has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Progress {
    /// All of the input belongs to the mail, and there is more to come.
    More,
    /// The mail ended after so many bytes of the input.
    Ended(usize),
}

impl MailBuffer {
    pub(super) fn new(memory: &MailMemory) -> Self {
        Self {
            memory: memory.clone(),
            reserved: None,
            bytes: Vec::new(),
            length: 0,
            position: Position::LineStart,
            has_room: true,
        }
    }

    /// Adds input up to the line with a single dot (RFC 5321 section 4.5.2).
    pub(super) fn add(&mut self, input: &[u8]) -> Result<Progress, ReadError> {
        let mut rest = input;
        while let Some((&byte, after)) = rest.split_first() {
            self.position = match (self.position, byte) {
                (Position::DotCr, b'\n') => return Ok(Progress::Ended(input.len() - after.len())),
                (Position::Cr, b'\n') => {
                    self.store(b"\r\n")?;
                    Position::LineStart
                }
                (Position::DotCr | Position::Cr, _) | (_, b'\n') => return Err(ReadError::BareNewline),
                (Position::Dot, b'\r') => Position::DotCr,
                (_, b'\r') => Position::Cr,
                (Position::LineStart, b'.') => Position::Dot,
                _ => {
                    let end = rest.iter().position(|byte| matches!(byte, b'\r' | b'\n')).unwrap_or(rest.len());
                    let (text, after) = rest.split_at(end);
                    self.store(text)?;
                    (self.position, rest) = (Position::Line, after);
                    continue;
                }
            };
            rest = after;
        }
        Ok(Progress::More)
    }

    /// Returns the mail, or `None` if there was no room for it. One that is larger than [`LARGEST_MAIL`] is truncated to
    /// one byte more than that. Its share of the memory is kept.
    pub(super) fn take_mail(&mut self) -> Option<Vec<u8>> {
        self.has_room.then(|| std::mem::take(&mut self.bytes))
    }

    fn store(&mut self, text: &[u8]) -> Result<(), ReadError> {
        self.length += text.len();
        if self.length > MAX_DATA {
            return Err(ReadError::TooMuchData);
        }
        let text = text.get(..MAX_STORED - self.bytes.len()).unwrap_or(text);
        if self.has_room && !self.reserve(self.bytes.len() + text.len()) {
            // The peer sends the rest nevertheless, and none of it is stored.
            self.has_room = false;
            (self.bytes, self.reserved) = (Vec::new(), None);
        }
        if self.has_room {
            self.bytes.extend_from_slice(text);
        }
        Ok(())
    }

    /// Makes room for so many bytes. Returns `false` if too little memory is left.
    fn reserve(&mut self, length: usize) -> bool {
        let units = length.div_ceil(FREE_MAIL_MEMORY);
        let reserved = self.reserved.as_ref().map_or(0, OwnedSemaphorePermit::num_permits);
        let missing = units.saturating_sub(1).saturating_sub(reserved);
        if missing > 0 {
            let missing = u32::try_from(missing).unwrap_or(u32::MAX);
            let Ok(permit) = Arc::clone(&self.memory.0).try_acquire_many_owned(missing) else { return false };
            match &mut self.reserved {
                Some(reserved) => reserved.merge(permit),
                None => self.reserved = Some(permit),
            }
        }
        // Exactly: a vector that doubles would take up to twice the memory that is counted.
        self.bytes.reserve_exact((units * FREE_MAIL_MEMORY).saturating_sub(self.bytes.len()));
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn add_all(buffer: &mut MailBuffer, pieces: &[&[u8]]) -> Result<Progress, ReadError> {
        pieces.iter().try_fold(Progress::More, |_, piece| buffer.add(piece))
    }

    #[test]
    fn a_mail_is_the_same_however_its_bytes_arrive() {
        let input = b"Subject: x\r\n\r\n..a dot\r\n...\r\n.x\r\n\r\n.\r\nQUIT";
        for size in 1..=input.len() {
            let mut buffer = MailBuffer::new(&MailMemory::default());
            let mut rest = input.len();
            for piece in input.chunks(size) {
                match buffer.add(piece).expect("no bare newline") {
                    Progress::More => rest -= piece.len(),
                    Progress::Ended(taken) => {
                        rest -= taken;
                        break;
                    }
                }
            }
            assert_eq!(rest, "QUIT".len(), "{size}");
            assert_eq!(
                buffer.take_mail().as_deref(),
                Some(&b"Subject: x\r\n\r\n.a dot\r\n..\r\nx\r\n\r\n"[..]),
                "{size}"
            );
        }
    }

    #[test]
    fn a_bare_newline_is_an_error_wherever_it_is() {
        for input in ["\n", "x\n", "\r.", "x\rx", "\r\r\n", ".\n", ".\rx", ".\r\r", "..\n", "x\r\n.\n"] {
            let mut buffer = MailBuffer::new(&MailMemory::default());
            assert_eq!(buffer.add(input.as_bytes()), Err(ReadError::BareNewline), "{input:?}");
        }
    }

    #[test]
    fn a_small_mail_needs_none_of_the_shared_memory_and_a_large_one_gives_its_share_back() {
        let memory = MailMemory::of_size(2 * FREE_MAIL_MEMORY);
        let (small, large) = (vec![b'x'; FREE_MAIL_MEMORY - 2], vec![b'x'; 2 * FREE_MAIL_MEMORY]);
        let mut first = MailBuffer::new(&memory);
        assert_eq!(add_all(&mut first, &[&large, &large[1..], b"\r\n.\r\n"]), Ok(Progress::Ended(5)));
        assert!(first.take_mail().is_none(), "it needs three units, and there are two");
        let mut second = MailBuffer::new(&memory);
        assert_eq!(add_all(&mut second, &[&large, b"\r\n.\r\n"]), Ok(Progress::Ended(5)));
        assert!(second.take_mail().is_some(), "the first gave its share back at once");
        let mut third = MailBuffer::new(&memory);
        assert_eq!(add_all(&mut third, &[&small, b"\r\n.\r\n"]), Ok(Progress::Ended(5)));
        assert!(third.take_mail().is_some(), "it is small");
        assert!(!MailBuffer::new(&memory).reserve(2 * FREE_MAIL_MEMORY), "the second is being judged");
        drop(second);
        assert!(MailBuffer::new(&memory).reserve(2 * FREE_MAIL_MEMORY));
    }

    #[test]
    fn a_mail_is_truncated_and_an_endless_one_is_an_error() {
        let mut buffer = MailBuffer::new(&MailMemory::default());
        let line = vec![b'x'; LARGEST_MAIL];
        assert_eq!(add_all(&mut buffer, &[&line, &line]), Ok(Progress::More));
        assert_eq!((buffer.bytes.len(), buffer.bytes.capacity()), (MAX_STORED, 17 * FREE_MAIL_MEMORY));
        assert_eq!(add_all(&mut buffer, &[&line[..]; 7]), Err(ReadError::TooMuchData));
    }
}
