//! The event store's port.

use async_trait::async_trait;
use logistics_core::eventsourcing::{
    CommandRecord, Commit, CommitError, Committed, CommittedSequence, EventStore, FeedOrder,
    PAGE_EVENTS_MAX, Page, Position, RecordedEvent, StoreError, StreamId, Version,
};
use logistics_core::ids::CommandId;
use sqlx::postgres::PgRow;
use sqlx::{Decode, Postgres, Row};

use super::error::WriteError;
use super::store::PostgresStore;
use super::values::{SqlResult, corrupt, int, uint};
use crate::header::Header;

#[async_trait]
impl EventStore for PostgresStore {
    fn feed_order(&self) -> FeedOrder {
        FeedOrder::Commit
    }

    async fn commit(&self, commit: Commit) -> Result<Committed, CommitError> {
        let mut committed = self.writer.commit(vec![commit]).await?;
        committed.pop().ok_or_else(|| WriteError::Gone.into_commit_error())
    }

    async fn commit_sequence(&self, commits: Vec<Commit>) -> CommittedSequence {
        match self.writer.commit(commits).await {
            Ok(taken) => CommittedSequence { taken, refused: None },
            Err(refused) => CommittedSequence { taken: Vec::new(), refused: Some(refused) },
        }
    }

    async fn load(
        &self,
        stream: &StreamId,
        after: Version,
        limit: u32,
    ) -> Result<Page, StoreError> {
        let limit = limit.min(PAGE_EVENTS_MAX);
        let query = sqlx::query(
            "SELECT position, version, header, payload FROM events
             WHERE stream = $1 AND version > $2 ORDER BY version LIMIT $3",
        )
        .bind(stream.as_str())
        .bind(int(after.get()))
        .bind(i64::from(limit) + 1);
        let mut events =
            self.read("load a stream", query, |row| event(row, stream.clone())).await?;
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let more = events.len() > limit;
        events.truncate(limit);
        Ok(Page { events, more })
    }

    async fn command(
        &self,
        stream: &StreamId,
        command: &CommandId,
    ) -> Result<Option<CommandRecord>, StoreError> {
        let query = sqlx::query(
            "SELECT digest, version_before, version_after FROM commands
             WHERE stream = $1 AND command_id = $2",
        )
        .bind(stream.as_str())
        .bind(command.as_str());
        let record = |row: &PgRow| {
            let digest: &[u8] = row.try_get(0)?;
            Ok(CommandRecord {
                command_id: command.clone(),
                digest: digest.try_into().map_err(corrupt)?,
                before: Version::new(uint(row.try_get(1)?)?),
                after: Version::new(uint(row.try_get(2)?)?),
            })
        };
        Ok(self.read("look up a command", query, record).await?.pop())
    }

    async fn feed(&self, after: Position, limit: u32) -> Result<Vec<RecordedEvent>, StoreError> {
        let query = sqlx::query(
            "SELECT position, version, header, payload, stream FROM events
             WHERE position > $1 ORDER BY position LIMIT $2",
        )
        .bind(int(after.get()))
        .bind(i64::from(limit.min(PAGE_EVENTS_MAX)));
        let stream = |row: &PgRow| StreamId::try_from(column::<String>(row, 4)?).map_err(corrupt);
        self.read("read the feed", query, |row| event(row, stream(row)?)).await
    }
}

/// Reads `position, version, header, payload` of an event of `stream`.
fn event(row: &PgRow, stream: StreamId) -> SqlResult<RecordedEvent> {
    let position = Position::new(uint(column(row, 0)?)?);
    let version = Version::new(uint(column(row, 1)?)?);
    let header = Header::from_bytes(column(row, 2)?).map_err(corrupt)?;
    header.event(stream, version, position, column(row, 3)?).map_err(corrupt)
}

/// Without a look at the column's type: it is that of our table, and events are read in masses.
fn column<'r, T: Decode<'r, Postgres>>(row: &'r PgRow, at: usize) -> SqlResult<T> {
    row.try_get_unchecked(at)
}
