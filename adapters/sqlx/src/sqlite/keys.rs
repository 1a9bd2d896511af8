//! The subjects' keys, in a database file of their own: what is destroyed there is gone from it.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use logistics_core::eventsourcing::{Retry, StoreError, StoreErrorKind};
use logistics_core::ids::SubjectId;
use logistics_core::privacy::{KeyState, KeyStore, SubjectKey};
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteConnection, SqlitePool};
use tokio::sync::Mutex;

use super::error::{WriteError, read_error};
use super::store::SqliteStore;
use super::values::{SqlResult, corrupt, micros, time};
use super::writer::{Work, Writer};

/// The open file of the keys.
#[derive(Debug, Clone)]
pub(crate) struct KeyFile {
    pub(crate) readers: SqlitePool,
    pub(crate) writer: Writer,
    /// Held while the log is emptied: SQLite lets one do it at a time.
    emptying: Arc<Mutex<()>>,
}

/// Pauses between attempts to empty the log, in milliseconds. The writer does the same by itself
/// now and then.
const PAUSES_MS: [u64; 3] = [10, 50, 250];

impl KeyFile {
    pub(crate) fn new(readers: SqlitePool, writer: Writer) -> Self {
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
            let busy: bool = sqlx::query_scalar("PRAGMA wal_checkpoint(TRUNCATE)")
                .fetch_one(&self.readers)
                .await
                .map_err(read_error(OPERATION))?;
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
        let row = sqlx::query(STATE)
            .bind(subject.as_str())
            .fetch_optional(&self.keys.readers)
            .await
            .map_err(read_error("read a key"))?;
        state(row.as_ref()).map_err(read_error("read a key"))
    }

    async fn create_key(
        &self,
        subject: &SubjectId,
        fresh: &SubjectKey,
    ) -> Result<KeyState, StoreError> {
        let create = Create { subject: subject.clone(), fresh: fresh.clone() };
        let created = self.keys.writer.run(create).await;
        created.map_err(|error: WriteError| error.into_store_error("keep a key"))
    }

    async fn destroy_key(&self, subject: &SubjectId, at: DateTime<Utc>) -> Result<(), StoreError> {
        let destroyed = self.keys.writer.run(Destroy { subject: subject.clone(), at }).await;
        destroyed.map_err(|error: WriteError| error.into_store_error("destroy a key"))?;
        // Also for one that was destroyed before: the one before may have failed here.
        self.keys.empty_log().await
    }
}

const STATE: &str = "SELECT s.destroyed_at, k.key FROM subjects AS s
                     LEFT JOIN keys AS k ON k.id = s.key WHERE s.subject = ?";

/// Reads a row of [`STATE`].
fn state(row: Option<&SqliteRow>) -> SqlResult<KeyState> {
    let Some(row) = row else { return Ok(KeyState::Absent) };
    if let Some(at) = row.try_get(0)? {
        return Ok(KeyState::Destroyed { at: time(at)? });
    }
    let key: &[u8] = row.try_get(1)?;
    Ok(KeyState::Present(SubjectKey::from_bytes(key.try_into().map_err(corrupt)?)))
}

async fn read_state(db: &mut SqliteConnection, subject: &SubjectId) -> SqlResult<KeyState> {
    let row = sqlx::query(STATE).bind(subject.as_str()).fetch_optional(db).await?;
    state(row.as_ref())
}

struct Create {
    subject: SubjectId,
    fresh: SubjectKey,
}

#[async_trait]
impl Work for Create {
    type Output = KeyState;

    async fn run(&self, db: &mut SqliteConnection) -> SqlResult<KeyState> {
        let found = read_state(db, &self.subject).await?;
        if found != KeyState::Absent {
            return Ok(found);
        }
        let kept = sqlx::query("INSERT INTO keys (key) VALUES (?)")
            .bind(self.fresh.expose().as_slice())
            .execute(&mut *db)
            .await?;
        sqlx::query("INSERT INTO subjects (subject, key) VALUES (?, ?)")
            .bind(self.subject.as_str())
            .bind(kept.last_insert_rowid())
            .execute(db)
            .await?;
        Ok(KeyState::Present(self.fresh.clone()))
    }
}

struct Destroy {
    subject: SubjectId,
    at: DateTime<Utc>,
}

#[async_trait]
impl Work for Destroy {
    type Output = ();

    async fn run(&self, db: &mut SqliteConnection) -> SqlResult<()> {
        // As long as the key: SQLite writes it in the key's place.
        sqlx::query(
            "UPDATE keys SET key = zeroblob(length(key))
             WHERE id = (SELECT key FROM subjects WHERE subject = ?)",
        )
        .bind(self.subject.as_str())
        .execute(&mut *db)
        .await?;
        sqlx::query(
            "INSERT INTO subjects (subject, destroyed_at) VALUES (?, ?)
             ON CONFLICT DO UPDATE SET destroyed_at = excluded.destroyed_at
             WHERE destroyed_at IS NULL",
        )
        .bind(self.subject.as_str())
        .bind(micros(self.at))
        .execute(db)
        .await
        .map(drop)
    }
}
