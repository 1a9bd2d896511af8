//! The event store's port.

use async_trait::async_trait;
use logistics_core::eventsourcing::{
    CommandRecord, Commit, CommitError, Committed, EventId, EventStore, FeedOrder, NewEvent,
    Occurred, PAGE_EVENTS_MAX, Page, Position, RecordedEvent, StoreError, StreamId, Version,
};
use logistics_core::ids::{CommandId, CorrelationId};
use logistics_core::values::Sha256Digest;
use sqlx::postgres::PgRow;
use sqlx::{Decode, Postgres, Row};

use super::commit_batch::actor;
use super::commits::Refusal;
use super::error::WriteError;
use super::store::PostgresStore;
use super::values::{SqlResult, corrupt, int, time, uint};

macro_rules! select_events {
    ($rest:literal) => {
        concat!(
            "SELECT position, version, event_id, event_type, schema, payload, hash, occurred_at,
             occurred_offset_min, occurred_suspect, recorded_at, actor, command_id, correlation_id,
             causation_id, stream FROM events ",
            $rest
        )
    };
}

#[async_trait]
impl EventStore for PostgresStore {
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
        let query = sqlx::query(select_events!(
            "WHERE stream = $1 AND version > $2 ORDER BY version LIMIT $3"
        ))
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
        let query = sqlx::query(select_events!("WHERE position > $1 ORDER BY position LIMIT $2"))
            .bind(int(after.get()))
            .bind(i64::from(limit.min(PAGE_EVENTS_MAX)));
        let stream =
            |row: &PgRow| StreamId::try_from(row.try_get::<String, _>(15)?).map_err(corrupt);
        self.read("read the feed", query, |row| event(row, stream(row)?)).await
    }
}

const COMMIT: &str = "commit";

/// Reads a row of [`select_events`].
fn event(row: &PgRow, stream: StreamId) -> SqlResult<RecordedEvent> {
    let command_id = CommandId::new(column::<&str>(row, 12)?).map_err(corrupt)?;
    let correlation_id = match column::<Option<&str>>(row, 13)? {
        Some(id) => CorrelationId::new(id).map_err(corrupt)?,
        None => CorrelationId::from(&command_id),
    };
    let hash: &[u8] = column(row, 6)?;
    let causation_id: Option<&[u8]> = column(row, 14)?;
    Ok(RecordedEvent {
        position: Position::new(uint(column(row, 0)?)?),
        stream,
        version: Version::new(uint(column(row, 1)?)?),
        command_id,
        event: NewEvent {
            event_id: event_id(column(row, 2)?)?,
            event_type: column(row, 3)?,
            schema: u16::try_from(column::<i32>(row, 4)?).map_err(corrupt)?,
            payload: column(row, 5)?,
            occurred: Occurred {
                at: time(column(row, 7)?)?,
                offset_min: column(row, 8)?,
                suspect: column(row, 9)?,
            },
            recorded_at: time(column(row, 10)?)?,
            actor: actor(column(row, 11)?)?,
            correlation_id,
            causation_id: causation_id.map(event_id).transpose()?,
            hash: hash.try_into().map(Sha256Digest::from_bytes).map_err(corrupt)?,
        },
    })
}

/// Without a look at the column's type: it is that of our table, and events are read in masses.
fn column<'r, T: Decode<'r, Postgres>>(row: &'r PgRow, at: usize) -> SqlResult<T> {
    row.try_get_unchecked(at)
}

fn event_id(bytes: &[u8]) -> SqlResult<EventId> {
    bytes.try_into().map(EventId::from_bytes).map_err(corrupt)
}
