//! What the relay remembers: one SQLite file, opened by one process.
//!
//! | table | row |
//! |---|---|
//! | `enrolment` | a mailbox's [`Enrolment`](relay::enrolment::Enrolment) |
//! | `holder` | a tag's [`TagHolder`](relay::enrolment::TagHolder) |
//! | `request` | the [`Request`](relay::request::Request) that waits under a tag |
//! | `arrival` | [what has come in](relay::enrolment::Arrivals) under a tag |
//! | `status` | the document that a client polls, and until when |
//! | `ending` | when a request ends |
//!
//! Every step is a transaction of its own, in the log before it is answered: killing the process takes nothing back.
//! The disk itself is waited for only when the log is folded into the file, so that a power cut can cost the last
//! steps, though never the file (<https://www.sqlite.org/pragma.html#pragma_synchronous>). A login is asked again for
//! less than that.

mod enrolments;
mod requests;
mod scheduled_ends;
mod statuses;

pub use scheduled_ends::Ending;

use rusqlite::{Connection, ErrorCode, OptionalExtension, Params};
use serde::Serialize;
use serde::de::DeserializeOwned;
use service::port::{Answer, Unavailable};
use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The form of the tables below. A later one brings the steps from here to there.
const VERSION: i32 = 1;

/// `mfar`: tells a store from any other SQLite file.
const APPLICATION: i32 = 0x6d66_6172;

const TABLES: &str = "
    CREATE TABLE enrolment (mailbox TEXT PRIMARY KEY, digest TEXT NOT NULL, record TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE holder (tag TEXT PRIMARY KEY, record TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE request (tag TEXT PRIMARY KEY, id TEXT NOT NULL, revision INTEGER NOT NULL, record TEXT NOT NULL)
        WITHOUT ROWID;
    CREATE TABLE arrival (tag TEXT PRIMARY KEY, record TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE status (request TEXT PRIMARY KEY, document TEXT, gone_at INTEGER NOT NULL) WITHOUT ROWID;
    CREATE INDEX status_gone ON status (gone_at);
    CREATE TABLE ending (request TEXT PRIMARY KEY, tag TEXT NOT NULL, at INTEGER NOT NULL) WITHOUT ROWID;
    CREATE INDEX ending_at ON ending (at);
";

/// One file, for every port.
#[derive(Clone)]
pub struct Store(Arc<Mutex<Connection>>);

/// Why a store cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Another process has it open.
    #[error("{0} is open in another process. Stop that one first, or give another folder with --data.")]
    Held(PathBuf),
    /// A newer program made it.
    #[error("{path} has version {found} and this program knows versions up to {VERSION}. Use the newer program.")]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its version.
        found: i32,
    },
    /// It is no store.
    #[error("{0} is no store of mfa-relay. Move it away, or give another folder with --data.")]
    Foreign(PathBuf),
    /// It cannot be read or written.
    #[error("cannot use {path}: {cause}. Look at its permissions and at the room on the disk.")]
    Unusable {
        /// The file.
        path: PathBuf,
        /// What the operating system or SQLite says.
        cause: Box<dyn std::error::Error + Send + Sync>,
    },
}

impl Store {
    /// Opens the store, making it where there is none, and keeps every other process out of it.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        // SQLite gives its log the permissions of the file.
        let made = OpenOptions::new().append(true).create(true).mode(0o600).open(path);
        made.map_err(|cause| StoreError::Unusable { path: path.to_owned(), cause: cause.into() })?;
        let mut connection = Connection::open(path).map_err(|cause| refused(path, cause))?;
        let found = prepare(&mut connection).map_err(|cause| refused(path, cause))?;
        match found {
            (APPLICATION, VERSION) => Ok(Self(Arc::new(Mutex::new(connection)))),
            (APPLICATION, found) => Err(StoreError::Newer { path: path.to_owned(), found }),
            _ => Err(StoreError::Foreign(path.to_owned())),
        }
    }

    /// Folds the log into the file, so that what was erased stands in neither.
    pub fn fold_log(&self) -> Answer<()> {
        let folded = self.connection().query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
        folded.map_err(unavailable("store:fold_log"))
    }

    /// A panic cannot leave half a step behind: SQLite takes back what was not committed.
    fn connection(&self) -> MutexGuard<'_, Connection> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes, and says how many rows it touched.
    fn write(&self, operation: &'static str, sql: &str, values: impl Params) -> Answer<usize> {
        let connection = self.connection();
        let written = connection.prepare_cached(sql).and_then(|mut statement| statement.execute(values));
        written.map_err(unavailable(operation))
    }

    /// Reads the record of one row.
    fn read<T: DeserializeOwned>(&self, operation: &'static str, sql: &str, values: impl Params) -> Answer<Option<T>> {
        let text: Option<String> = self.one(operation, sql, values)?;
        text.map(|text| from_record(operation, &text)).transpose()
    }

    /// Reads the one column of one row.
    fn one<T: rusqlite::types::FromSql>(
        &self,
        operation: &'static str,
        sql: &str,
        values: impl Params,
    ) -> Answer<Option<T>> {
        let connection = self.connection();
        let row =
            connection.prepare_cached(sql).and_then(|mut statement| statement.query_row(values, |row| row.get(0)));
        row.optional().map_err(unavailable(operation))
    }
}

/// Takes hold of the file and gives its application and version. A file without tables becomes a store.
fn prepare(connection: &mut Connection) -> rusqlite::Result<(i32, i32)> {
    connection.busy_timeout(std::time::Duration::ZERO)?;
    connection.pragma_update(None, "locking_mode", "EXCLUSIVE")?;
    let found = marks(connection)?;
    let tables: i64 = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    let is_new = found == (0, 0) && tables == 0;
    if !is_new && found != (APPLICATION, VERSION) {
        return Ok(found);
    }
    // The log is read back after a crash; what is deleted is overwritten, for codes and tags were in it.
    connection.pragma_update(None, "secure_delete", "ON")?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "NORMAL")?;
    let transaction = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Exclusive)?;
    if is_new {
        transaction.execute_batch(TABLES)?;
        transaction.pragma_update(None, "application_id", APPLICATION)?;
        transaction.pragma_update(None, "user_version", VERSION)?;
    }
    statuses::forget_unshown(&transaction)?;
    transaction.commit()?;
    marks(connection)
}

fn marks(connection: &Connection) -> rusqlite::Result<(i32, i32)> {
    let mark = |name: &str| connection.pragma_query_value(None, name, |row| row.get(0));
    Ok((mark("application_id")?, mark("user_version")?))
}

fn refused(path: &Path, cause: rusqlite::Error) -> StoreError {
    let path = path.to_owned();
    match cause.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => StoreError::Held(path),
        Some(ErrorCode::NotADatabase) => StoreError::Foreign(path),
        _ => StoreError::Unusable { path, cause: cause.into() },
    }
}

/// Names the kind of error only: its text may hold what was being written.
fn unavailable(operation: &'static str) -> impl Fn(rusqlite::Error) -> Unavailable {
    move |error| {
        let cause = error.sqlite_error_code().map_or_else(|| "unreadable row".to_owned(), |code| format!("{code:?}"));
        Unavailable { operation, cause }
    }
}

fn record(operation: &'static str, value: &impl Serialize) -> Answer<String> {
    serde_json::to_string(value).map_err(|_| Unavailable { operation, cause: "it has no form".to_owned() })
}

fn from_record<T: DeserializeOwned>(operation: &'static str, text: &str) -> Answer<T> {
    serde_json::from_str(text).map_err(|_| Unavailable { operation, cause: "unreadable row".to_owned() })
}

#[cfg(test)]
mod tests;
