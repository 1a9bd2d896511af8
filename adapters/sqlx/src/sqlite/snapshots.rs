//! The snapshots' port.

use async_trait::async_trait;
use logistics_core::eventsourcing::{Snapshot, Snapshots, StoreError, StreamId, Version};
use logistics_core::values::Sha256Digest;
use rusqlite::{Connection, Row, params};

use super::batch::Work;
use super::statements::{execute, optional};
use super::store::SqliteStore;
use super::values::{SqlResult, int, micros, time, uint};

#[async_trait]
impl Snapshots for SqliteStore {
    async fn snapshot(&self, stream: &StreamId) -> Result<Option<Snapshot>, StoreError> {
        const READ: &str =
            "SELECT version, hash, recorded_at, revision, state FROM snapshots WHERE stream = ?";
        let stream = stream.clone();
        self.read("read a snapshot", move |db| optional(db, READ, [stream.as_str()], snapshot))
            .await
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

fn snapshot(row: &Row<'_>) -> SqlResult<Snapshot> {
    Ok(Snapshot {
        version: Version::new(uint(row.get(0)?)?),
        hash: Sha256Digest::from_bytes(row.get(1)?),
        recorded_at: time(row, 2)?,
        revision: row.get(3)?,
        state: row.get(4)?,
    })
}

struct Save {
    stream: StreamId,
    snapshot: Snapshot,
}

impl Work for Save {
    type Output = ();

    fn run(&self, db: &Connection) -> SqlResult<()> {
        let Self { stream, snapshot } = self;
        execute(
            db,
            "INSERT INTO snapshots (stream, version, hash, recorded_at, revision, state)
             VALUES (?, ?, ?, ?, ?, ?)
             ON CONFLICT DO UPDATE
             SET version = excluded.version, hash = excluded.hash,
                 recorded_at = excluded.recorded_at, revision = excluded.revision,
                 state = excluded.state
             WHERE (excluded.revision, excluded.version) >= (revision, version)",
            params![
                stream.as_str(),
                int(snapshot.version.get()),
                snapshot.hash.as_bytes(),
                micros(snapshot.recorded_at),
                snapshot.revision,
                snapshot.state,
            ],
        )
        .map(drop)
    }
}
