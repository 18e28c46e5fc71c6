//! Commands and lines over a byte stream. Reading can be cancelled at any await without losing anything.

use super::limits::{MAX_COMMAND, WRITE_TIMEOUT};
use super::response::Responses;
use imap_codec::CommandCodec;
use imap_codec::decode::{CommandDecodeError, Decoder};
use imap_codec::imap_types::IntoStatic;
use imap_codec::imap_types::command::Command;
use imap_codec::imap_types::core::{LiteralMode, Tag};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

/// How much is read at once, in bytes.
const CHUNK: usize = 4096;

/// A byte stream with a buffer for what was read.
pub(super) struct Input<S> {
    stream: S,
    buffer: Vec<u8>,
    /// The end of the literals that are known to be in the buffer, or on their way.
    literals_end: usize,
}

/// What the client has sent.
#[derive(Debug)]
pub(super) enum Received {
    /// A command.
    Command(Command<'static>),
    /// The start of a command. The client waits to be told to send the rest.
    Literal,
    /// A literal that is too long, which the client has not sent yet.
    TooBig(Tag<'static>),
    /// A line that is no command.
    Invalid(Option<Tag<'static>>),
}

/// Why no more can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ReadError {
    /// The client closed the connection.
    Closed,
    /// The client sends more than a command may have.
    TooLong,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Input<S> {
    pub(super) fn new(stream: S) -> Self {
        Self { stream, buffer: Vec::new(), literals_end: 0 }
    }

    /// Reads the next command.
    pub(super) async fn command(&mut self) -> Result<Received, ReadError> {
        loop {
            if self.buffer.len() > self.literals_end
                && let Some(received) = self.decode()?
            {
                return Ok(received);
            }
            self.fill().await?;
        }
    }

    /// Reads a line, and returns it with its CR LF.
    pub(super) async fn line(&mut self) -> Result<Vec<u8>, ReadError> {
        loop {
            if let Some(at) = self.buffer.iter().position(|byte| *byte == b'\n') {
                return Ok(self.buffer.drain(..=at).collect());
            }
            self.fill().await?;
        }
    }

    /// Sends responses.
    pub(super) async fn send(&mut self, responses: &Responses) -> Result<(), ReadError> {
        let sent = async {
            self.stream.write_all(responses.as_bytes()).await?;
            self.stream.flush().await
        };
        match tokio::time::timeout(WRITE_TIMEOUT, sent).await {
            Ok(Ok(())) => Ok(()),
            _ => Err(ReadError::Closed),
        }
    }

    /// Closes the stream.
    pub(super) async fn close(mut self) {
        let _ = tokio::time::timeout(WRITE_TIMEOUT, self.stream.shutdown()).await;
    }

    /// Decodes what is in the buffer. Returns `None` if more is needed.
    fn decode(&mut self) -> Result<Option<Received>, ReadError> {
        let (length, received) = match CommandCodec::default().decode(&self.buffer) {
            Ok((rest, command)) => (self.buffer.len() - rest.len(), Received::Command(command.into_static())),
            Err(CommandDecodeError::Incomplete) => return Ok(None),
            Err(CommandDecodeError::LiteralFound { tag, length, mode }) => {
                let end = usize::try_from(length).ok().and_then(|length| self.buffer.len().checked_add(length));
                let fits = end.filter(|end| *end < MAX_COMMAND);
                match (fits, mode) {
                    (Some(end), LiteralMode::Sync) => {
                        self.literals_end = end;
                        return Ok(Some(Received::Literal));
                    }
                    (Some(end), LiteralMode::NonSync) => {
                        self.literals_end = end;
                        return Ok(None);
                    }
                    (None, LiteralMode::Sync) => (self.buffer.len(), Received::TooBig(tag.into_static())),
                    // The client sends it without waiting.
                    (None, LiteralMode::NonSync) => return Err(ReadError::TooLong),
                }
            }
            Err(CommandDecodeError::Failed) => {
                let rest = self.buffer.get(self.literals_end..).unwrap_or_default();
                let Some(at) = rest.iter().position(|byte| *byte == b'\n') else { return Ok(None) };
                (self.literals_end + at + 1, Received::Invalid(first_word(&self.buffer)))
            }
        };
        self.buffer.drain(..length);
        self.literals_end = 0;
        Ok(Some(received))
    }

    async fn fill(&mut self) -> Result<(), ReadError> {
        if self.buffer.len() > MAX_COMMAND {
            return Err(ReadError::TooLong);
        }
        self.buffer.reserve(CHUNK);
        match self.stream.read_buf(&mut self.buffer).await {
            Ok(1..) => Ok(()),
            _ => Err(ReadError::Closed),
        }
    }
}

/// The tag of a line that is no command, if it has one.
fn first_word(line: &[u8]) -> Option<Tag<'static>> {
    let word = line.split(u8::is_ascii_whitespace).next()?;
    Tag::try_from(word.to_vec()).ok()
}
