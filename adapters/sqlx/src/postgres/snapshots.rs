//! The port for snapshots.

use async_trait::async_trait;
use logistics_core::eventsourcing::{Snapshot, Snapshots, StoreError, StreamId, Version};
use logistics_core::values::Sha256Digest;
use sqlx::Row;
use sqlx::postgres::PgRow;

use super::store::PostgresStore;
use super::values::{SqlResult, corrupt, int, micros, time, uint};

#[async_trait]
impl Snapshots for PostgresStore {
    async fn snapshot(&self, stream: &StreamId) -> Result<Option<Snapshot>, StoreError> {
        let query = sqlx::query(
            "SELECT version, hash, recorded_at, revision, state FROM snapshots WHERE stream = $1",
        );
        let found = self.read("read a snapshot", query.bind(stream.as_str()), snapshot).await?;
        Ok(found.into_iter().next())
    }

    async fn save_snapshot(
        &self,
        stream: &StreamId,
        snapshot: &Snapshot,
    ) -> Result<(), StoreError> {
        let query = sqlx::query(
            "INSERT INTO snapshots (stream, version, hash, recorded_at, revision, state)
             VALUES ($1, $2, $3, $4, $5, $6)
             ON CONFLICT (stream) DO UPDATE
             SET version = excluded.version, hash = excluded.hash,
                 recorded_at = excluded.recorded_at, revision = excluded.revision,
                 state = excluded.state
             WHERE (snapshots.revision, snapshots.version)
                <= (excluded.revision, excluded.version)",
        )
        .bind(stream.as_str())
        .bind(int(snapshot.version.get()))
        .bind(snapshot.hash.as_bytes().as_slice())
        .bind(micros(snapshot.recorded_at))
        .bind(i64::from(snapshot.revision))
        .bind(snapshot.state.as_slice());
        self.write("save a snapshot", query).await.map(drop)
    }
}

fn snapshot(row: &PgRow) -> SqlResult<Snapshot> {
    let hash: &[u8] = row.try_get(1)?;
    Ok(Snapshot {
        version: Version::new(uint(row.try_get(0)?)?),
        hash: hash.try_into().map(Sha256Digest::from_bytes).map_err(corrupt)?,
        recorded_at: time(row.try_get(2)?)?,
        revision: u32::try_from(row.try_get::<i64, _>(3)?).map_err(corrupt)?,
        state: row.try_get(4)?,
    })
}
