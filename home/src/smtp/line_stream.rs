//! Lines over a byte stream.
//!
//! A line ends in CR LF. A bare CR or LF ends the session: two programs that disagree on where a mail ends can be made to
//! read one mail as two (SMTP smuggling).

use super::limits::{IDLE_TIMEOUT, MAX_COMMAND_LINE};
use super::mail_buffer::{MailBuffer, MailMemory, Progress};
use super::reply::{self, Reply};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

/// How much is read at once, in bytes.
const CHUNK: usize = 16 * 1024;

/// A byte stream with buffers in both directions.
pub(super) struct LineStream<S> {
    stream: S,
    /// Bytes that were read from the stream ...
    buffer: Vec<u8>,
    /// ... of which so many have been returned in lines.
    consumed: usize,
    /// Replies that have not been sent.
    queued: Vec<u8>,
}

/// Why no more lines can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ReadError {
    /// The peer closed the connection.
    Closed,
    /// The peer sent or read nothing within [`IDLE_TIMEOUT`].
    Timeout,
    /// A command line exceeds [`MAX_COMMAND_LINE`].
    LineTooLong,
    /// A CR or LF is not part of a CR LF.
    BareNewline,
    /// The mail exceeds [`MAX_DATA`](super::limits::MAX_DATA).
    TooMuchData,
}

impl ReadError {
    /// The reply before the connection is closed.
    pub(super) fn reply(self) -> Option<Reply> {
        match self {
            Self::Closed => None,
            Self::Timeout => Some(reply::TIMEOUT),
            Self::LineTooLong => Some(reply::LINE_TOO_LONG),
            Self::BareNewline => Some(reply::BARE_NEWLINE),
            Self::TooMuchData => Some(reply::TOO_LARGE),
        }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> LineStream<S> {
    pub(super) fn new(stream: S) -> Self {
        Self { stream, buffer: Vec::new(), consumed: 0, queued: Vec::new() }
    }

    /// Queues a reply. It is sent before the next read, so that a peer that pipelines gets one packet of replies (RFC 2920).
    pub(super) fn queue(&mut self, reply: &Reply) {
        self.queued.extend_from_slice(reply.to_string().as_bytes());
    }

    /// Sends the queued replies.
    pub(super) async fn flush(&mut self) -> Result<(), ReadError> {
        if self.queued.is_empty() {
            return Ok(());
        }
        let sent = async {
            self.stream.write_all(&self.queued).await?;
            self.stream.flush().await
        };
        let sent = tokio::time::timeout(IDLE_TIMEOUT, sent).await.map_err(|_| ReadError::Timeout)?;
        self.queued.clear();
        sent.map_err(|_| ReadError::Closed)
    }

    /// Reads a command line, and returns it without its CR LF.
    pub(super) async fn read_command(&mut self) -> Result<Vec<u8>, ReadError> {
        let mut searched = 0;
        loop {
            let pending = self.buffer.get(self.consumed..).unwrap_or_default();
            if let Some(at) = pending.iter().skip(searched).position(|&byte| byte == b'\n').map(|at| at + searched) {
                let line = pending.get(..at).unwrap_or_default();
                let line =
                    line.strip_suffix(b"\r").filter(|line| !line.contains(&b'\r')).ok_or(ReadError::BareNewline)?;
                if line.len() > MAX_COMMAND_LINE {
                    return Err(ReadError::LineTooLong);
                }
                let line = line.to_vec();
                self.consumed += at + 1;
                return Ok(line);
            }
            searched = pending.len();
            if searched > MAX_COMMAND_LINE + 1 {
                return Err(ReadError::LineTooLong);
            }
            self.fill_buffer().await?;
        }
    }

    /// Reads a mail up to the line with a single dot.
    pub(super) async fn read_mail(&mut self, memory: &MailMemory) -> Result<MailBuffer, ReadError> {
        let mut mail = MailBuffer::new(memory);
        loop {
            let pending = self.buffer.get(self.consumed..).unwrap_or_default();
            match mail.add(pending)? {
                Progress::Ended(taken) => {
                    self.consumed += taken;
                    return Ok(mail);
                }
                Progress::More => {
                    self.consumed = self.buffer.len();
                    self.fill_buffer().await?;
                }
            }
        }
    }

    /// Whether every byte that was read has been returned in a line.
    pub(super) fn is_buffer_empty(&self) -> bool {
        self.consumed == self.buffer.len()
    }

    /// Returns the stream for the TLS handshake, or `None` if plaintext is still buffered (RFC 3207 section 4.2).
    pub(super) fn into_stream(self) -> Option<S> {
        self.is_buffer_empty().then_some(self.stream)
    }

    /// Sends the queued replies and closes the stream.
    pub(super) async fn close(mut self) {
        if self.flush().await.is_ok() {
            let _ = self.stream.shutdown().await;
        }
    }

    async fn fill_buffer(&mut self) -> Result<(), ReadError> {
        self.flush().await?;
        self.buffer.drain(..self.consumed);
        self.consumed = 0;
        self.buffer.reserve(CHUNK);
        match tokio::time::timeout(IDLE_TIMEOUT, self.stream.read_buf(&mut self.buffer)).await {
            Err(_) => Err(ReadError::Timeout),
            Ok(Ok(1..)) => Ok(()),
            Ok(_) => Err(ReadError::Closed),
        }
    }
}
