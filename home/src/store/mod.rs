//! The store: one SQLite file, open in one process at a time.
//!
//! | table | one row per |
//! |---|---|
//! | `enrolment` | mailbox: its [`Enrolment`](relay::enrolment::Enrolment) |
//! | `tag` | tag: the [mailbox](relay::enrolment::TaggedMailbox) that it belongs to |
//! | `request` | tag: its mailbox's [`Requests`](relay::request::Requests) |
//! | `arrival` | tag: what its owner can ask, [`Arrivals`](relay::arrivals::Arrivals) |
//! | `status` | request: its status document, and when its URL expires |
//! | `ending` | request: when its window ends |
//! | `quarantine` | row of another table that could not be read: the table, its key, its record and when it was moved |
//!
//! Every write is a transaction in the write-ahead log before it is answered, so killing the process loses nothing. The
//! log is synced to disk only at a checkpoint, so a power failure can lose the last transactions but cannot corrupt the
//! file (<https://www.sqlite.org/pragma.html#pragma_synchronous>). The cost is a login that has to be repeated.

mod arrivals;
mod enrolments;
mod erasure;
mod records;
mod requests;
mod scheduled_ends;
mod statuses;

pub(crate) use scheduled_ends::ScheduledEnd;

use crate::log::Log;
use rusqlite::{Connection, ErrorCode, Params};
use service::ports::Unavailable;
use std::fs::OpenOptions;
use std::io::ErrorKind;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// The schema version. A later one needs a migration from this one. Version 1 was never released.
const VERSION: i32 = 3;

/// The schema version before [`QUARANTINE`].
const VERSION_WITHOUT_QUARANTINE: i32 = 2;

/// The application id `mfar`: tells a store from other SQLite files.
const APPLICATION: i32 = 0x6d66_6172;

/// How long opening waits for another process to close the store: `enroll` holds it for milliseconds.
const LOCK_TIMEOUT: Duration = Duration::from_secs(3);
const LOCK_RETRY_DELAY: Duration = Duration::from_millis(50);

const CHECKPOINT: &str = "PRAGMA wal_checkpoint(TRUNCATE)";

const TABLES: &str = "
    CREATE TABLE enrolment (mailbox TEXT PRIMARY KEY, record TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE tag (tag TEXT PRIMARY KEY, record TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE request (tag TEXT PRIMARY KEY, record TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE arrival (tag TEXT PRIMARY KEY, record TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE status (request TEXT PRIMARY KEY, document TEXT, gone_at INTEGER NOT NULL) WITHOUT ROWID;
    CREATE INDEX status_gone ON status (gone_at);
    CREATE TABLE ending (request TEXT PRIMARY KEY, tag TEXT NOT NULL, at INTEGER NOT NULL) WITHOUT ROWID;
    CREATE INDEX ending_at ON ending (at);
";

/// Its key and record have the types that the unreadable row had.
const QUARANTINE: &str = "CREATE TABLE quarantine (source TEXT NOT NULL, key, record, at INTEGER NOT NULL)";

/// The store behind every port; cheap to clone.
#[derive(Clone)]
pub(crate) struct Store {
    connection: Arc<Mutex<Connection>>,
    log: Log,
}

/// Why a store cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Another process has it open.
    #[error("{0} is open in another process. Stop that process first, or choose another folder with --data.")]
    Held(PathBuf),
    /// Another version of the program created it.
    #[error(
        "{path} has schema version {found}, and this program reads version {VERSION}. Use the program that created it, or choose another folder with --data."
    )]
    OtherVersion {
        /// The file.
        path: PathBuf,
        /// Its schema version.
        found: i32,
    },
    /// It was there before, because its key is, and is missing or empty now.
    #[error(
        "{0} is missing or empty, and there is a key for it, so it was lost. Restore it from a backup; or move address.key away, which creates an empty store, and enrol the mailboxes again."
    )]
    Lost(PathBuf),
    /// The file is not a store.
    #[error("{0} is not a store of mfa-relay. Move it away, or choose another folder with --data.")]
    Foreign(PathBuf),
    /// It cannot be read or written.
    #[error("cannot use {path}: {cause}. Check its permissions and the free space on its disk.")]
    Unusable {
        /// The file.
        path: PathBuf,
        /// The error of the operating system or of SQLite.
        cause: Box<dyn std::error::Error + Send + Sync>,
    },
}

impl Store {
    /// Opens the store and locks it against other processes. Creates it if it does not exist and `may_create`. Logs the rows
    /// that it moves to quarantine.
    ///
    /// If another process holds it, waits for up to [`LOCK_TIMEOUT`].
    #[expect(clippy::disallowed_methods, reason = "nothing can be waited for that says when another process lets go")]
    pub(crate) fn open(path: &Path, may_create: bool, log: &Log) -> Result<Self, StoreError> {
        let deadline = Instant::now() + LOCK_TIMEOUT;
        loop {
            match Self::try_open(path, may_create, log) {
                Err(StoreError::Held(_)) if Instant::now() < deadline => std::thread::sleep(LOCK_RETRY_DELAY),
                result => return result,
            }
        }
    }

    fn try_open(path: &Path, may_create: bool, log: &Log) -> Result<Self, StoreError> {
        // SQLite gives the write-ahead log the mode of the file.
        let opened = OpenOptions::new().append(true).create(may_create).mode(0o600).open(path);
        opened.map_err(|cause| match cause.kind() {
            ErrorKind::NotFound if !may_create => StoreError::Lost(path.to_owned()),
            _ => StoreError::Unusable { path: path.to_owned(), cause: cause.into() },
        })?;
        let mut connection = Connection::open(path).map_err(|cause| open_error(path, cause))?;
        let found = prepare(&mut connection, may_create).map_err(|cause| open_error(path, cause))?;
        match found {
            Some((APPLICATION, VERSION)) => Ok(Self { connection: Arc::new(Mutex::new(connection)), log: log.clone() }),
            Some((APPLICATION, found)) => Err(StoreError::OtherVersion { path: path.to_owned(), found }),
            None => Err(StoreError::Lost(path.to_owned())),
            Some(_) => Err(StoreError::Foreign(path.to_owned())),
        }
    }

    /// Whether no mailbox has been enrolled yet.
    pub(crate) fn is_unused(&self) -> Result<bool, Unavailable> {
        let sql = "SELECT NOT EXISTS (SELECT 1 FROM enrolment) AND NOT EXISTS (SELECT 1 FROM tag)
            AND NOT EXISTS (SELECT 1 FROM quarantine)";
        self.connection().query_row(sql, [], |row| row.get(0)).map_err(unavailable("store:is_unused"))
    }

    /// Runs a checkpoint, so that erased data remains neither in the file nor in the write-ahead log.
    pub(crate) fn checkpoint(&self) -> Result<(), Unavailable> {
        let done = self.connection().query_row(CHECKPOINT, [], |_| Ok(()));
        done.map_err(unavailable("store:checkpoint"))
    }

    /// Ignores poisoning: after a panic SQLite rolls back what was not committed.
    fn connection(&self) -> MutexGuard<'_, Connection> {
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Executes a statement. Returns the number of changed rows.
    fn write(&self, operation: &'static str, sql: &str, values: impl Params) -> Result<usize, Unavailable> {
        let connection = self.connection();
        let written = connection.prepare_cached(sql).and_then(|mut statement| statement.execute(values));
        written.map_err(unavailable(operation))
    }

    /// Runs `work` in one transaction. Commits it unless `work` fails.
    fn transaction<T>(
        &self,
        operation: &'static str,
        work: impl FnOnce(&Connection) -> Result<T, Unavailable>,
    ) -> Result<T, Unavailable> {
        let mut connection = self.connection();
        let transaction = connection.transaction().map_err(unavailable(operation))?;
        let result = work(&transaction)?;
        transaction.commit().map_err(unavailable(operation))?;
        Ok(result)
    }
}

/// Locks the file, and creates the tables in an empty one if `may_create`. Returns its application id and its schema
/// version, or `None` if it is empty.
fn prepare(connection: &mut Connection, may_create: bool) -> rusqlite::Result<Option<(i32, i32)>> {
    // Waiting is the caller's: SQLite's own timeout does not cover two processes that create the store at the same time.
    connection.busy_timeout(Duration::ZERO)?;
    connection.pragma_update(None, "locking_mode", "EXCLUSIVE")?;
    let found = identity(connection)?;
    let tables: i64 = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    let is_new = found == (0, 0) && tables == 0;
    if is_new && !may_create {
        return Ok(None);
    }
    let lacks_quarantine = found == (APPLICATION, VERSION_WITHOUT_QUARANTINE);
    if !is_new && !lacks_quarantine && found != (APPLICATION, VERSION) {
        return Ok(Some(found));
    }
    // The write-ahead log is replayed after a crash. Deleted data is overwritten, because it held codes and tags.
    connection.pragma_update(None, "secure_delete", "ON")?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "NORMAL")?;
    let transaction = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Exclusive)?;
    if is_new {
        transaction.execute_batch(TABLES)?;
        transaction.pragma_update(None, "application_id", APPLICATION)?;
    }
    if is_new || lacks_quarantine {
        transaction.execute_batch(QUARANTINE)?;
        transaction.pragma_update(None, "user_version", VERSION)?;
    }
    statuses::delete_without_url(&transaction)?;
    transaction.commit()?;
    if is_new {
        // Synced to disk before the key is created: a key without its store is an error.
        connection.query_row(CHECKPOINT, [], |_| Ok(()))?;
    }
    identity(connection).map(Some)
}

fn identity(connection: &Connection) -> rusqlite::Result<(i32, i32)> {
    let read = |name: &str| connection.pragma_query_value(None, name, |row| row.get(0));
    Ok((read("application_id")?, read("user_version")?))
}

fn open_error(path: &Path, cause: rusqlite::Error) -> StoreError {
    let path = path.to_owned();
    match cause.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => StoreError::Held(path),
        Some(ErrorCode::NotADatabase) => StoreError::Foreign(path),
        _ => StoreError::Unusable { path, cause: cause.into() },
    }
}

/// Reports the kind of error only: its text may contain the data.
fn unavailable(operation: &'static str) -> impl Fn(rusqlite::Error) -> Unavailable {
    move |error| {
        let cause = error.sqlite_error_code().map_or_else(|| "unreadable row".to_owned(), |code| format!("{code:?}"));
        Unavailable { operation, cause }
    }
}

#[cfg(test)]
mod tests;
