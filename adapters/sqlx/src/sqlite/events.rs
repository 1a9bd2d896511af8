//! The event store's port.

use async_trait::async_trait;
use logistics_core::eventsourcing::{
    Actor, CommandRecord, Commit, CommitError, Committed, EventId, EventStore, FeedOrder, NewEvent,
    Occurred, PAGE_EVENTS_MAX, Page, Position, RecordedEvent, StoreError, StreamId, Version,
};
use logistics_core::ids::{CommandId, CorrelationId};
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use super::commits::{Refusal, command_record};
use super::error::{WriteError, read_error};
use super::store::SqliteStore;
use super::values::{SqlResult, corrupt, digest, int, time, uint};

macro_rules! select_events {
    ($rest:literal) => {
        concat!(
            "SELECT position, stream, version, event_id, event_type, schema, payload, occurred_at,
             occurred_offset_min, occurred_suspect, recorded_at, actor, correlation_id,
             causation_id, command_id, hash FROM events ",
            $rest
        )
    };
}

#[async_trait]
impl EventStore for SqliteStore {
    fn feed_order(&self) -> FeedOrder {
        FeedOrder::Commit
    }

    async fn commit(&self, commit: Commit) -> Result<Committed, CommitError> {
        commit.check_limits()?;
        match self.writer.commit(commit).await {
            Ok(Ok(committed)) => Ok(committed),
            Ok(Err(Refusal::Conflict { actual })) => Err(CommitError::Conflict { actual }),
            Ok(Err(Refusal::Duplicate(record))) => Err(CommitError::Duplicate(record)),
            Err(error @ (WriteError::RolledBack(_) | WriteError::Closed)) => {
                Err(CommitError::Store(error.into_store_error(COMMIT)))
            }
            Err(error @ (WriteError::Unknown(_) | WriteError::Gone)) => {
                Err(CommitError::OutcomeUnknown(error.into_store_error(COMMIT)))
            }
        }
    }

    async fn load(
        &self,
        stream: &StreamId,
        after: Version,
        limit: u32,
    ) -> Result<Page, StoreError> {
        let limit = limit.min(PAGE_EVENTS_MAX);
        let rows = sqlx::query(select_events!(
            "WHERE stream = ? AND version > ? ORDER BY version LIMIT ?"
        ))
        .bind(stream.as_str())
        .bind(int(after.get()))
        .bind(i64::from(limit) + 1)
        .fetch_all(&self.readers)
        .await
        .map_err(read_error("load a stream"))?;
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let events = rows.iter().take(limit).map(event).collect::<SqlResult<_>>();
        let events = events.map_err(read_error("load a stream"))?;
        Ok(Page { events, more: rows.len() > limit })
    }

    async fn command(
        &self,
        stream: &StreamId,
        command: &CommandId,
    ) -> Result<Option<CommandRecord>, StoreError> {
        let row = sqlx::query(
            "SELECT command_id, digest, version_before, version_after FROM commands
             WHERE stream = ? AND command_id = ?",
        )
        .bind(stream.as_str())
        .bind(command.as_str())
        .fetch_optional(&self.readers)
        .await
        .map_err(read_error("look up a command"))?;
        let record = row.map(|row| command_record(&row, 0)).transpose();
        record.map_err(read_error("look up a command"))
    }

    async fn feed(&self, after: Position, limit: u32) -> Result<Vec<RecordedEvent>, StoreError> {
        let rows = sqlx::query(select_events!("WHERE position > ? ORDER BY position LIMIT ?"))
            .bind(int(after.get()))
            .bind(i64::from(limit.min(PAGE_EVENTS_MAX)))
            .fetch_all(&self.readers)
            .await
            .map_err(read_error("read the feed"))?;
        let events = rows.iter().map(event).collect::<SqlResult<_>>();
        events.map_err(read_error("read the feed"))
    }
}

const COMMIT: &str = "commit";

/// Reads a row of [`select_events`].
fn event(row: &SqliteRow) -> SqlResult<RecordedEvent> {
    let offset_min: Option<i64> = row.try_get(8)?;
    let causation_id: Option<&[u8]> = row.try_get(13)?;
    Ok(RecordedEvent {
        position: Position::new(uint(row.try_get(0)?)?),
        stream: StreamId::try_from(row.try_get::<String, _>(1)?).map_err(corrupt)?,
        version: Version::new(uint(row.try_get(2)?)?),
        command_id: CommandId::new(row.try_get::<&str, _>(14)?).map_err(corrupt)?,
        event: NewEvent {
            event_id: event_id(row.try_get(3)?)?,
            event_type: row.try_get(4)?,
            schema: u16::try_from(row.try_get::<i64, _>(5)?).map_err(corrupt)?,
            payload: row.try_get(6)?,
            occurred: Occurred {
                at: time(row.try_get(7)?)?,
                offset_min: offset_min.map(i16::try_from).transpose().map_err(corrupt)?,
                suspect: row.try_get(9)?,
            },
            recorded_at: time(row.try_get(10)?)?,
            actor: serde_json::from_str::<Actor>(row.try_get(11)?).map_err(corrupt)?,
            correlation_id: CorrelationId::new(row.try_get::<&str, _>(12)?).map_err(corrupt)?,
            causation_id: causation_id.map(event_id).transpose()?,
            hash: digest(row.try_get(15)?)?,
        },
    })
}

fn event_id(bytes: &[u8]) -> SqlResult<EventId> {
    bytes.try_into().map(EventId::from_bytes).map_err(corrupt)
}
