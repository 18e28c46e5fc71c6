//! The control socket, by which `mfa-relay enroll` reaches a running relay: one line of JSON each way, the event and the
//! answer of the `enroll` function (DESIGN section 3.4).

use crate::enroller::Enroller;
use crate::shutdown::Shutdown;
use serde_json::Value;
use std::fs::Permissions;
use std::io::{self, ErrorKind};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{UnixListener, UnixStream};

/// Maximum length of a line in either direction, in bytes.
const MAX_LINE: u64 = 1 << 20;

/// Timeout of one exchange.
const EXCHANGE_TIMEOUT: Duration = Duration::from_secs(10);

/// Delay before a retry if the operating system cannot accept a connection.
const RETRY_DELAY: Duration = Duration::from_millis(100);

/// Why the control socket cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ControlError {
    /// The socket cannot be created or connected to.
    #[error(
        "cannot use the socket {path}: {cause}. Choose a data folder of your own whose path is shorter than 90 bytes."
    )]
    Unusable {
        /// The socket.
        path: PathBuf,
        /// The operating system's error.
        cause: io::Error,
    },
    /// The running relay closed the connection without an answer.
    #[error("the running relay did not answer: {0}. Look at its log, then try again.")]
    NoAnswer(io::Error),
}

/// Creates the socket, and replaces one that a killed relay left. The caller holds the store, so no other process listens
/// on it.
pub(crate) fn bind(path: &Path) -> Result<UnixListener, ControlError> {
    let unusable = |cause| ControlError::Unusable { path: path.to_owned(), cause };
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(unusable(error)),
        _ => {}
    }
    let listener = UnixListener::bind(path).map_err(unusable)?;
    std::fs::set_permissions(path, Permissions::from_mode(0o600)).map_err(unusable)?;
    Ok(listener)
}

/// Answers until the shutdown is requested, then removes the socket.
pub(crate) async fn serve(listener: UnixListener, enroller: Enroller, mut shutdown: Shutdown) {
    let path = listener.local_addr().ok().and_then(|address| address.as_pathname().map(Path::to_owned));
    let owner = path.as_ref().and_then(|path| std::fs::metadata(path).ok()).map(|file| file.uid());
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) if is_owner(&stream, owner) => {
                    let enroller = enroller.clone();
                    tokio::spawn(async move { tokio::time::timeout(EXCHANGE_TIMEOUT, exchange(stream, &enroller)).await });
                }
                Ok(_) => {}
                Err(_) => tokio::time::sleep(RETRY_DELAY).await,
            },
            () = shutdown.requested() => break,
        }
    }
    if let Some(path) = path {
        let _ = std::fs::remove_file(path);
    }
}

/// Whether the peer runs as the socket's owner or as root. The file mode alone does not ensure it: others may be able to
/// enter the folder, and the socket has its default mode until [`bind`] changes it.
fn is_owner(stream: &UnixStream, owner: Option<u32>) -> bool {
    const ROOT: u32 = 0;
    stream.peer_cred().is_ok_and(|peer| peer.uid() == ROOT || Some(peer.uid()) == owner)
}

async fn exchange(mut stream: UnixStream, enroller: &Enroller) -> io::Result<()> {
    let (reader, mut writer) = stream.split();
    let mut line = String::new();
    BufReader::new(reader.take(MAX_LINE)).read_line(&mut line).await?;
    let event = serde_json::from_str(&line).unwrap_or(Value::Null);
    let answer = enroller.answer_and_log(&event).await;
    writer.write_all(format!("{answer}\n").as_bytes()).await
}

/// Sends `event` to the relay that listens on the socket at `path`. Returns `None` if no relay is running.
///
/// # Errors
/// The socket exists and cannot be used, or the relay closed the connection without an answer.
pub async fn ask(path: &Path, event: &Value) -> Result<Option<Value>, ControlError> {
    let mut stream = match UnixStream::connect(path).await {
        Ok(stream) => stream,
        // The relay is not running, or was killed.
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::ConnectionRefused) => return Ok(None),
        Err(cause) => return Err(ControlError::Unusable { path: path.to_owned(), cause }),
    };
    let exchange = async {
        stream.write_all(format!("{event}\n").as_bytes()).await?;
        let mut line = String::new();
        BufReader::new(stream.take(MAX_LINE)).read_line(&mut line).await?;
        serde_json::from_str(&line).map_err(io::Error::from)
    };
    exchange.await.map(Some).map_err(ControlError::NoAnswer)
}

#[cfg(test)]
mod tests;
