//! Tables of records: a key, and the record in JSON.
//!
//! A row that cannot be read, because it is damaged or a later version wrote it, counts as missing and is moved to the table
//! `quarantine`, so that it stops neither the other rows nor a new one in its place.

use super::{Store, unavailable};
use crate::now::now;
use rusqlite::types::{Value, ValueRef};
use rusqlite::{Connection, OptionalExtension, Params, Row, params};
use serde::Serialize;
use serde::de::DeserializeOwned;
use service::Decision;
use service::ports::{Unavailable, WriteOutcome};
use std::time::Instant;

/// A table of records.
#[derive(Debug, Clone, Copy)]
pub(super) struct Records {
    /// Its name.
    pub(super) table: &'static str,
    /// The column of its key.
    pub(super) key: &'static str,
}

impl Records {
    /// Reads the record under `key`.
    pub(super) fn read<T: DeserializeOwned>(
        self,
        store: &Store,
        operation: &'static str,
        key: &str,
    ) -> Result<Option<T>, Unavailable> {
        self.stored(store, &store.connection(), operation, key)
    }

    /// Reads every record.
    pub(super) fn read_all<T: DeserializeOwned>(
        self,
        store: &Store,
        operation: &'static str,
    ) -> Result<Vec<T>, Unavailable> {
        let connection = store.connection();
        let sql = format!("SELECT {}, record FROM {}", self.key, self.table);
        let read = |row: &Row<'_>| parsed(row.get_ref(1)?).map_or_else(|| row.get(0).map(Err), |record| Ok(Ok(record)));
        let (records, unreadable) = read_rows(&connection, &sql, [], read).map_err(unavailable(operation))?;
        for key in unreadable {
            store.quarantine(&connection, self.table, self.key, "record", &key);
        }
        Ok(records)
    }

    /// Deletes the record under `key`. Idempotent.
    pub(super) fn delete(self, store: &Store, operation: &'static str, key: &str) -> Result<(), Unavailable> {
        store.write(operation, &format!("DELETE FROM {} WHERE {} = ?1", self.table, self.key), [key])?;
        Ok(())
    }

    /// Writes the record under `key`, unconditionally.
    pub(super) fn put(
        self,
        store: &Store,
        operation: &'static str,
        key: &str,
        record: &impl Serialize,
    ) -> Result<(), Unavailable> {
        self.write(&store.connection(), operation, key, record)
    }

    /// Writes the record under `key` if the stored one has the revision `read`; `None` means that none may be stored. A
    /// record that is stored already counts as written.
    pub(super) fn write_if_unchanged<T: Serialize + DeserializeOwned + PartialEq>(
        self,
        store: &Store,
        operation: &'static str,
        key: &str,
        next: &T,
        read: Option<u32>,
        revision: fn(&T) -> u32,
    ) -> Result<WriteOutcome, Unavailable> {
        store.transaction(operation, |transaction| {
            let stored: Option<T> = self.stored(store, transaction, operation, key)?;
            if stored.as_ref() == Some(next) {
                return Ok(WriteOutcome::Written);
            }
            if stored.as_ref().map(revision) != read {
                return Ok(WriteOutcome::Conflict);
            }
            self.write(transaction, operation, key, next)?;
            Ok(WriteOutcome::Written)
        })
    }

    /// Replaces the record under `key`, or the default if nothing is stored, by what `change` makes of it, and returns that.
    pub(super) fn change<T: Serialize + DeserializeOwned + Default>(
        self,
        store: &Store,
        transaction: &Connection,
        operation: &'static str,
        key: &str,
        change: impl FnOnce(T) -> T,
    ) -> Result<T, Unavailable> {
        let stored = self.stored(store, transaction, operation, key)?;
        let changed = change(stored.unwrap_or_default());
        self.write(transaction, operation, key, &changed)?;
        Ok(changed)
    }

    fn stored<T: DeserializeOwned>(
        self,
        store: &Store,
        connection: &Connection,
        operation: &'static str,
        key: &str,
    ) -> Result<Option<T>, Unavailable> {
        let sql = format!("SELECT record FROM {} WHERE {} = ?1", self.table, self.key);
        let read = connection
            .prepare_cached(&sql)
            .and_then(|mut statement| statement.query_row([key], |row| Ok(parsed(row.get_ref(0)?))).optional());
        let Some(record) = read.map_err(unavailable(operation))? else { return Ok(None) };
        if record.is_none() {
            store.quarantine(connection, self.table, self.key, "record", &Value::Text(key.to_owned()));
        }
        Ok(record)
    }

    fn write(
        self,
        connection: &Connection,
        operation: &'static str,
        key: &str,
        record: &impl Serialize,
    ) -> Result<(), Unavailable> {
        let sql = format!(
            "INSERT INTO {} ({}, record) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET record = excluded.record",
            self.table, self.key
        );
        let not_serializable = |_| Unavailable { operation, cause: "not serializable".to_owned() };
        let record = serde_json::to_string(record).map_err(not_serializable)?;
        let written = connection.prepare_cached(&sql).and_then(|mut statement| statement.execute(params![key, record]));
        written.map(drop).map_err(unavailable(operation))
    }
}

impl Store {
    /// Moves a row to the table `quarantine`, in the transaction of `connection`, if it has one, and logs it. A failure is
    /// ignored: the row then stays, and counts as missing nevertheless.
    pub(super) fn quarantine(
        &self,
        connection: &Connection,
        table: &'static str,
        key_column: &str,
        record: &str,
        key: &Value,
    ) {
        let started = Instant::now();
        let copy = format!(
            "INSERT INTO quarantine (source, key, record, at) SELECT ?1, {key_column}, {record}, ?2 FROM {table} WHERE {key_column} IS ?3"
        );
        let delete = format!("DELETE FROM {table} WHERE {key_column} IS ?1");
        let moved = connection
            .execute(&copy, params![table, now().as_second(), key])
            .and_then(|_| connection.execute(&delete, [key]));
        if moved.is_ok_and(|rows| rows > 0) {
            self.log.write(&Decision::new("store", "quarantined").because(table), started);
        }
    }
}

/// Reads rows. `read` returns the key of a row that is unreadable as an error.
pub(super) fn read_rows<T>(
    connection: &Connection,
    sql: &str,
    values: impl Params,
    mut read: impl FnMut(&Row<'_>) -> rusqlite::Result<Result<T, Value>>,
) -> rusqlite::Result<(Vec<T>, Vec<Value>)> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(values)?;
    let (mut readable, mut unreadable) = (Vec::new(), Vec::new());
    while let Some(row) = rows.next()? {
        match read(row)? {
            Ok(record) => readable.push(record),
            Err(key) => unreadable.push(key),
        }
    }
    Ok((readable, unreadable))
}

fn parsed<T: DeserializeOwned>(value: ValueRef<'_>) -> Option<T> {
    serde_json::from_slice(value.as_bytes().ok()?).ok()
}
