//! Lines over a wire. A line ends in CR LF; a CR or LF by itself ends the session, for two programs that disagree on
//! where a mail ends can be made to read one mail as two (SMTP smuggling).

use super::limits::{IDLE, LONGEST_COMMAND, LONGEST_TEXT_LINE, MOST_BYTES};
use super::reply::{self, Reply};
use relay::mail::LARGEST_MAIL;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

/// How much is read at once.
const CHUNK: usize = 16 * 1024;

/// A peer's end of the wire, and what has been read and not been looked at.
pub(super) struct Wire<S> {
    stream: S,
    read: Vec<u8>,
    seen: usize,
    unsaid: Vec<u8>,
}

/// Why nothing more can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Broken {
    /// The peer is gone.
    Gone,
    /// The peer was silent for too long.
    Idle,
    /// A line is longer than it may be.
    LineTooLong,
    /// A CR or an LF stands by itself.
    BareNewline,
    /// The mail does not end.
    Endless,
}

impl Broken {
    /// What to say ahead of hanging up.
    pub(super) fn reply(self) -> Option<Reply> {
        match self {
            Self::Gone => None,
            Self::Idle => Some(reply::TOO_SLOW),
            Self::LineTooLong => Some(reply::LINE_TOO_LONG),
            Self::BareNewline => Some(reply::BARE_NEWLINE),
            Self::Endless => Some(reply::TOO_LARGE),
        }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Wire<S> {
    pub(super) fn new(stream: S) -> Self {
        Self { stream, read: Vec::new(), seen: 0, unsaid: Vec::new() }
    }

    /// Keeps a reply until the peer has to be waited for: a peer that pipelines gets one packet of replies (RFC 2920).
    pub(super) fn say(&mut self, reply: &Reply) {
        self.unsaid.extend_from_slice(reply.to_string().as_bytes());
    }

    /// Sends what has been said.
    pub(super) async fn flush(&mut self) -> Result<(), Broken> {
        if self.unsaid.is_empty() {
            return Ok(());
        }
        let sent = async {
            self.stream.write_all(&self.unsaid).await?;
            self.stream.flush().await
        };
        let sent = tokio::time::timeout(IDLE, sent).await.map_err(|_| Broken::Idle)?;
        self.unsaid.clear();
        sent.map_err(|_| Broken::Gone)
    }

    /// The next command line, without its CR LF.
    pub(super) async fn command(&mut self) -> Result<Vec<u8>, Broken> {
        self.line(LONGEST_COMMAND).await
    }

    /// A mail up to the dot on a line of its own, with doubled dots undone (RFC 5321 section 4.5.2). Of one that is
    /// too large, the beginning: one byte more than a mail may have.
    pub(super) async fn mail(&mut self) -> Result<Vec<u8>, Broken> {
        const KEPT: usize = LARGEST_MAIL + 1;
        let mut mail = Vec::new();
        let mut length = 0;
        loop {
            let mut line = self.line(LONGEST_TEXT_LINE).await?;
            if line == b"." {
                return Ok(mail);
            }
            if line.first() == Some(&b'.') {
                line.remove(0);
            }
            line.extend_from_slice(b"\r\n");
            length += line.len();
            if length > MOST_BYTES {
                return Err(Broken::Endless);
            }
            mail.extend(line.iter().take(KEPT.saturating_sub(mail.len())));
        }
    }

    /// Whether all that was read has been looked at.
    pub(super) fn is_drained(&self) -> bool {
        self.seen == self.read.len()
    }

    /// The stream itself, where nothing has been read from it that was not looked at.
    pub(super) fn into_stream(self) -> Option<S> {
        self.is_drained().then_some(self.stream)
    }

    /// Sends the last words and closes.
    pub(super) async fn part(mut self) {
        if self.flush().await.is_ok() {
            let _ = self.stream.shutdown().await;
        }
    }

    async fn line(&mut self, longest: usize) -> Result<Vec<u8>, Broken> {
        let mut searched = 0;
        loop {
            let unseen = self.read.get(self.seen..).unwrap_or_default();
            if let Some(at) = unseen.iter().skip(searched).position(|&byte| byte == b'\n').map(|at| at + searched) {
                let line = unseen.get(..at).unwrap_or_default();
                let line = line.strip_suffix(b"\r").filter(|line| !line.contains(&b'\r')).ok_or(Broken::BareNewline)?;
                if line.len() > longest {
                    return Err(Broken::LineTooLong);
                }
                let line = line.to_vec();
                self.seen += at + 1;
                return Ok(line);
            }
            searched = unseen.len();
            if searched > longest + 1 {
                return Err(Broken::LineTooLong);
            }
            self.fill().await?;
        }
    }

    async fn fill(&mut self) -> Result<(), Broken> {
        self.flush().await?;
        self.read.drain(..self.seen);
        self.seen = 0;
        self.read.reserve(CHUNK);
        match tokio::time::timeout(IDLE, self.stream.read_buf(&mut self.read)).await {
            Err(_) => Err(Broken::Idle),
            Ok(Ok(1..)) => Ok(()),
            Ok(_) => Err(Broken::Gone),
        }
    }
}
