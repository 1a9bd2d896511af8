//! The event store's port.

use async_trait::async_trait;
use logistics_core::eventsourcing::{
    CommandRecord, Commit, CommitError, Committed, CommittedSequence, EventStore, FeedOrder,
    PAGE_EVENTS_MAX, Page, Position, RecordedEvent, StoreError, StreamId, Version,
};
use logistics_core::ids::CommandId;
use rusqlite::{Row, params};

use super::commits::Sequence;
use super::error::CallError;
use super::statements::all;
use super::store::SqliteStore;
use super::streams;
use super::values::{SqlResult, corrupt, int, text, uint};
use crate::header::Header;

const LOAD: &str = "SELECT e.position, e.place & 0xffffffff, e.header, e.payload
    FROM streams AS s CROSS JOIN events AS e
    ON e.place > (s.number << 32) + ? AND e.place < (s.number + 1) << 32
    WHERE s.stream = ? ORDER BY e.place LIMIT ?";

const FEED: &str = "SELECT e.position, e.place & 0xffffffff, e.header, e.payload, s.stream
    FROM events AS e LEFT JOIN streams AS s ON s.number = e.place >> 32
    WHERE e.position > ? ORDER BY e.position LIMIT ?";

#[async_trait]
impl EventStore for SqliteStore {
    fn feed_order(&self) -> FeedOrder {
        FeedOrder::Commit
    }

    async fn commit(&self, commit: Commit) -> Result<Committed, CommitError> {
        commit.check_limits()?;
        self.writer.run(commit).await.map_err(CallError::into_commit_error)?.map_err(Into::into)
    }

    async fn commit_sequence(&self, commits: Vec<Commit>) -> CommittedSequence {
        let sent = match commits.iter().try_for_each(Commit::check_limits) {
            Ok(()) => {
                self.writer.run(Sequence(commits)).await.map_err(CallError::into_commit_error)
            }
            Err(too_large) => Err(too_large),
        };
        match sent {
            Ok((taken, refusal)) => CommittedSequence { taken, refused: refusal.map(Into::into) },
            Err(error) => CommittedSequence { taken: Vec::new(), refused: Some(error) },
        }
    }

    async fn load(
        &self,
        stream: &StreamId,
        after: Version,
        limit: u32,
    ) -> Result<Page, StoreError> {
        let (stream, limit) = (stream.clone(), limit.min(PAGE_EVENTS_MAX));
        self.read("load a stream", move |db| {
            let after = u32::try_from(after.get()).unwrap_or(u32::MAX);
            let params = params![after, stream.as_str(), i64::from(limit) + 1];
            let mut events = all(db, LOAD, params, |row| event(row, stream.clone()))?;
            let limit = usize::try_from(limit).unwrap_or(usize::MAX);
            let more = events.len() > limit;
            events.truncate(limit);
            Ok(Page { events, more })
        })
        .await
    }

    async fn command(
        &self,
        stream: &StreamId,
        command: &CommandId,
    ) -> Result<Option<CommandRecord>, StoreError> {
        let (stream, command) = (stream.clone(), command.clone());
        self.read("look up a command", move |db| {
            streams::known(db, &stream, &command).map(|known| known.record)
        })
        .await
    }

    async fn feed(&self, after: Position, limit: u32) -> Result<Vec<RecordedEvent>, StoreError> {
        let params = (int(after.get()), limit.min(PAGE_EVENTS_MAX));
        self.read("read the feed", move |db| {
            all(db, FEED, params, |row| {
                let stream = StreamId::try_from(text(row, 4)?.to_owned()).map_err(corrupt)?;
                event(row, stream)
            })
        })
        .await
    }
}

/// Reads `position, version, header, payload` of an event of `stream`.
fn event(row: &Row<'_>, stream: StreamId) -> SqlResult<RecordedEvent> {
    let position = Position::new(uint(row.get(0)?)?);
    let version = Version::new(uint(row.get(1)?)?);
    let header = Header::from_bytes(row.get_ref(2)?.as_blob()?).map_err(corrupt)?;
    header.event(stream, version, position, row.get(3)?).map_err(corrupt)
}
