//! The socket by which `mfa-relay enroll` talks to a running relay: one line of JSON in, one line of JSON out, the
//! words of the `enroll` function (DESIGN section 3.4).

use super::jobs::Jobs;
use super::shutdown::Stop;
use jiff::Timestamp;
use serde_json::{Value, json};
use service::enroll::Action;
use std::fs::Permissions;
use std::io::{self, ErrorKind};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{UnixListener, UnixStream};

/// The longest line in either direction.
const LONGEST_LINE: u64 = 1 << 20;

/// How long one exchange may take.
const EXCHANGE: Duration = Duration::from_secs(10);

/// How long to wait when the operating system has no connection to give.
const PAUSE: Duration = Duration::from_millis(100);

/// Why the socket cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ControlError {
    /// It cannot be made, or not be reached.
    #[error(
        "cannot use the socket {path}: {cause}. Give a data folder of your own, with a path of less than 90 bytes."
    )]
    Unusable {
        /// The socket.
        path: PathBuf,
        /// What the operating system says.
        cause: io::Error,
    },
    /// The running relay broke off.
    #[error("the running relay broke off: {0}. Look at its log, then try again.")]
    BrokenOff(io::Error),
}

/// Makes the socket, in place of one that a killed relay has left: the store is held, so nobody else listens there.
pub(super) fn bind(path: &Path) -> Result<UnixListener, ControlError> {
    let unusable = |cause| ControlError::Unusable { path: path.to_owned(), cause };
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(unusable(error)),
        _ => {}
    }
    let listener = UnixListener::bind(path).map_err(unusable)?;
    std::fs::set_permissions(path, Permissions::from_mode(0o600)).map_err(unusable)?;
    Ok(listener)
}

/// Answers until the relay stops.
pub(super) async fn serve(listener: UnixListener, jobs: Jobs, mut stop: Stop) {
    let jobs = Arc::new(jobs);
    let path = listener.local_addr().ok().and_then(|address| address.as_pathname().map(Path::to_owned));
    let owner = path.as_ref().and_then(|path| std::fs::metadata(path).ok()).map(|file| file.uid());
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) if is_owner(&stream, owner) => {
                    let jobs = Arc::clone(&jobs);
                    tokio::spawn(async move { tokio::time::timeout(EXCHANGE, attend(stream, &jobs)).await });
                }
                Ok(_) => {}
                Err(_) => tokio::time::sleep(PAUSE).await,
            },
            () = stop.wait() => break,
        }
    }
    if let Some(path) = path {
        let _ = std::fs::remove_file(path);
    }
}

/// The folder may be open to others, and the socket was for a moment before it was closed to them.
fn is_owner(stream: &UnixStream, owner: Option<u32>) -> bool {
    const ROOT: u32 = 0;
    stream.peer_cred().is_ok_and(|peer| peer.uid() == ROOT || Some(peer.uid()) == owner)
}

async fn attend(mut stream: UnixStream, jobs: &Jobs) -> io::Result<()> {
    let started = Instant::now();
    let (reader, mut writer) = stream.split();
    let mut line = String::new();
    BufReader::new(reader.take(LONGEST_LINE)).read_line(&mut line).await?;
    let event = serde_json::from_str(&line).unwrap_or(Value::Null);
    let answer = act(jobs, &event).await;
    match answer.get("error").and_then(Value::as_str) {
        None => jobs.log.decision("enroll", "done", None, started),
        reason => jobs.log.decision("enroll", "denied", reason, started),
    }
    writer.write_all(format!("{answer}\n").as_bytes()).await
}

/// Does what the owner asks, and answers in the words of the `enroll` function.
pub async fn act(jobs: &Jobs, event: &Value) -> Value {
    let answer = match Action::read(event, &jobs.relay_address) {
        Ok(action) => jobs.enroll().act(&action, Timestamp::now()).await,
        Err(failure) => Ok(Err(failure)),
    };
    match answer {
        Ok(Ok(answered)) => answered.to_json(),
        Ok(Err(failure)) => failure.to_json(),
        Err(trouble) => json!({"error": "try_again", "message": trouble.to_string()}),
    }
}

/// Asks the running relay, if there is one.
pub async fn ask(path: &Path, event: &Value) -> Result<Option<Value>, ControlError> {
    let mut stream = match UnixStream::connect(path).await {
        Ok(stream) => stream,
        // Nobody listens: the relay is not running, or was killed.
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::ConnectionRefused) => return Ok(None),
        Err(cause) => return Err(ControlError::Unusable { path: path.to_owned(), cause }),
    };
    let exchange = async {
        stream.write_all(format!("{event}\n").as_bytes()).await?;
        let mut line = String::new();
        BufReader::new(stream.take(LONGEST_LINE)).read_line(&mut line).await?;
        serde_json::from_str(&line).map_err(io::Error::from)
    };
    exchange.await.map(Some).map_err(ControlError::BrokenOff)
}
