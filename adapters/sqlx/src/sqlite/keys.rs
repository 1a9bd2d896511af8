//! The subjects' keys, in a database file of their own: what is destroyed there is gone from it.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use logistics_core::eventsourcing::{Retry, StoreError, StoreErrorKind};
use logistics_core::ids::SubjectId;
use logistics_core::privacy::{KeyState, KeyStore, SubjectKey};
use rusqlite::{Connection, Row, params};
use tokio::sync::Mutex;

use super::batch::Work;
use super::readers::Readers;
use super::statements::{execute, optional};
use super::store::SqliteStore;
use super::values::{SqlResult, micros, time};
use super::writer::Writer;

/// The open file of the keys.
#[derive(Debug, Clone)]
pub(crate) struct KeyFile {
    readers: Readers,
    writer: Writer,
    /// Held while the log is emptied: SQLite lets one do it at a time.
    emptying: Arc<Mutex<()>>,
}

/// Pauses between attempts to empty the log, in milliseconds. The writer does the same by itself
/// now and then.
const PAUSES_MS: [u64; 3] = [10, 50, 250];

impl KeyFile {
    pub(crate) fn new(readers: Readers, writer: Writer) -> Self {
        Self { readers, writer, emptying: Arc::default() }
    }

    pub(crate) async fn close(self) {
        self.writer.close().await;
        self.readers.close().await;
    }

    /// Moves what was written from the log into the file and leaves the log empty: it may hold
    /// pages from before.
    async fn empty_log(&self) -> Result<(), StoreError> {
        const OPERATION: &str = "empty the log of the keys";
        let _one = self.emptying.lock().await;
        for pause in PAUSES_MS {
            let busy = self.readers.read(OPERATION, |db| {
                db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", (), |row| row.get(0))
            });
            let busy: bool = busy.await?;
            if !busy {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(pause)).await;
        }
        Err(StoreError {
            kind: StoreErrorKind::Unavailable,
            retry: Retry::Later,
            operation: OPERATION,
            source: "another program reads the keys".into(),
        })
    }
}

#[async_trait]
impl KeyStore for SqliteStore {
    async fn key(&self, subject: &SubjectId) -> Result<KeyState, StoreError> {
        let subject = subject.clone();
        self.keys.readers.read("read a key", move |db| state(db, &subject)).await
    }

    async fn create_key(
        &self,
        subject: &SubjectId,
        fresh: &SubjectKey,
    ) -> Result<KeyState, StoreError> {
        let create = Create { subject: subject.clone(), fresh: fresh.clone() };
        self.keys.writer.write("keep a key", create).await
    }

    async fn destroy_key(&self, subject: &SubjectId, at: DateTime<Utc>) -> Result<(), StoreError> {
        let destroy = Destroy { subject: subject.clone(), at };
        self.keys.writer.write("destroy a key", destroy).await?;
        // Also for one that was destroyed before: the one before may have failed here.
        self.keys.empty_log().await
    }
}

fn state(db: &Connection, subject: &SubjectId) -> SqlResult<KeyState> {
    let read = |row: &Row<'_>| match row.get::<_, Option<i64>>(0)? {
        Some(_) => Ok(KeyState::Destroyed { at: time(row, 0)? }),
        None => Ok(KeyState::Present(SubjectKey::from_bytes(row.get(1)?))),
    };
    let found = optional(
        db,
        "SELECT s.destroyed_at, k.key FROM subjects AS s
         LEFT JOIN keys AS k ON k.id = s.key WHERE s.subject = ?",
        [subject.as_str()],
        read,
    )?;
    Ok(found.unwrap_or(KeyState::Absent))
}

struct Create {
    subject: SubjectId,
    fresh: SubjectKey,
}

impl Work for Create {
    type Output = KeyState;

    fn run(&self, db: &Connection) -> SqlResult<KeyState> {
        let found = state(db, &self.subject)?;
        if found != KeyState::Absent {
            return Ok(found);
        }
        execute(db, "INSERT INTO keys (key) VALUES (?)", [self.fresh.expose()])?;
        let key = db.last_insert_rowid();
        let subject = "INSERT INTO subjects (subject, key) VALUES (?, ?)";
        execute(db, subject, params![self.subject.as_str(), key])?;
        Ok(KeyState::Present(self.fresh.clone()))
    }
}

struct Destroy {
    subject: SubjectId,
    at: DateTime<Utc>,
}

impl Work for Destroy {
    type Output = ();

    fn run(&self, db: &Connection) -> SqlResult<()> {
        // As long as the key: SQLite writes it in the key's place.
        execute(
            db,
            "UPDATE keys SET key = zeroblob(length(key))
             WHERE id = (SELECT key FROM subjects WHERE subject = ?)",
            [self.subject.as_str()],
        )?;
        execute(
            db,
            "INSERT INTO subjects (subject, destroyed_at) VALUES (?, ?)
             ON CONFLICT DO UPDATE SET destroyed_at = excluded.destroyed_at
             WHERE destroyed_at IS NULL",
            params![self.subject.as_str(), micros(self.at)],
        )
        .map(drop)
    }
}
