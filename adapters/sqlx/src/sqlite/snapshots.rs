//! The snapshots' port.

use async_trait::async_trait;
use logistics_core::eventsourcing::{Snapshot, Snapshots, StoreError, StreamId, Version};
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteConnection};

use super::error::read_error;
use super::store::SqliteStore;
use super::values::{SqlResult, corrupt, digest, int, micros, time, uint};
use super::writer::Work;

#[async_trait]
impl Snapshots for SqliteStore {
    async fn snapshot(&self, stream: &StreamId) -> Result<Option<Snapshot>, StoreError> {
        let row = sqlx::query(
            "SELECT version, hash, recorded_at, revision, state FROM snapshots WHERE stream = ?",
        )
        .bind(stream.as_str())
        .fetch_optional(&self.readers)
        .await
        .map_err(read_error("read a snapshot"))?;
        let read = row.as_ref().map(snapshot).transpose();
        read.map_err(read_error("read a snapshot"))
    }

    async fn save_snapshot(
        &self,
        stream: &StreamId,
        snapshot: &Snapshot,
    ) -> Result<(), StoreError> {
        let save = Save { stream: stream.clone(), snapshot: snapshot.clone() };
        self.write("save a snapshot", save).await
    }
}

fn snapshot(row: &SqliteRow) -> SqlResult<Snapshot> {
    Ok(Snapshot {
        version: Version::new(uint(row.try_get(0)?)?),
        hash: digest(row.try_get(1)?)?,
        recorded_at: time(row.try_get(2)?)?,
        revision: u32::try_from(row.try_get::<i64, _>(3)?).map_err(corrupt)?,
        state: row.try_get(4)?,
    })
}

struct Save {
    stream: StreamId,
    snapshot: Snapshot,
}

#[async_trait]
impl Work for Save {
    type Output = ();

    async fn run(&self, db: &mut SqliteConnection) -> SqlResult<()> {
        let Self { stream, snapshot } = self;
        sqlx::query(
            "INSERT INTO snapshots (stream, version, hash, recorded_at, revision, state)
             VALUES (?, ?, ?, ?, ?, ?)
             ON CONFLICT DO UPDATE
             SET version = excluded.version, hash = excluded.hash,
                 recorded_at = excluded.recorded_at, revision = excluded.revision,
                 state = excluded.state
             WHERE (excluded.revision, excluded.version) >= (revision, version)",
        )
        .bind(stream.as_str())
        .bind(int(snapshot.version.get()))
        .bind(snapshot.hash.as_bytes().as_slice())
        .bind(micros(snapshot.recorded_at))
        .bind(i64::from(snapshot.revision))
        .bind(snapshot.state.as_slice())
        .execute(db)
        .await
        .map(drop)
    }
}
