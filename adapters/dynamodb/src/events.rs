//! The event store's port: commits, streams, command records.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use aws_sdk_dynamodb::types::AttributeValue;
use logistics_core::eventsourcing::{
    Actor, CommandRecord, Commit, CommitError, Committed, EventId, EventStore, Expected, FeedOrder,
    NewEvent, Occurred, PAGE_EVENTS_MAX, Page, Position, RecordedEvent, StoreError, StreamId,
    Version,
};
use logistics_core::ids::{CommandId, CorrelationId};
use logistics_core::values::Sha256Digest;

use crate::error::Failure;
use crate::item::{Item, Reader, Unreadable, bytes, item, number, text, time};
use crate::keys::{Key, StreamKeys};
use crate::plan::{COMMIT, Known, Verdict, command_record, judge, known_entries, plan};
use crate::store::DynamoStore;
use crate::writes::Transacted;

#[async_trait]
impl EventStore for DynamoStore {
    fn feed_order(&self) -> FeedOrder {
        FeedOrder::Stream
    }

    async fn commit(&self, commit: Commit) -> Result<Committed, CommitError> {
        let under_way = self.crowd().enter(&commit.stream);
        let mut known = self.known(&commit).await?;
        let mut backoff = self.backoff();
        // One stamp for all attempts: the commit has one place among the messages.
        let stamp = self.stamp();
        loop {
            let planned = plan(&commit, &known, stamp)?;
            let busy = match self.transact(&planned.actions).await {
                Ok(Transacted::Done) => {
                    if planned.entries_follow {
                        // It is taken. What fails here is made up for when the feed is read.
                        let written = self.settle_entries(&commit.stream, &known.entries).await;
                        if let Err(failure) = written {
                            tracing::warn!(?failure, stream = %commit.stream, "index entries wait");
                        }
                    }
                    return Ok(planned.committed);
                }
                Ok(Transacted::Cancelled(reasons)) => {
                    match judge(&commit, &planned, &known, &reasons) {
                        Verdict::Refused(refusal) => {
                            if matches!(refusal, CommitError::Conflict { .. }) {
                                under_way.step_back().await;
                            }
                            return Err(refusal);
                        }
                        Verdict::Again(found) => known = found,
                        Verdict::Later => {}
                    }
                    Failure::throttled("others were busy on the same items")
                }
                Err(failure) if failure.unknown => {
                    return Err(CommitError::OutcomeUnknown(failure.during(COMMIT)));
                }
                Err(failure) if failure.is_throttled() => failure,
                Err(failure) => return Err(CommitError::Store(failure.during(COMMIT))),
            };
            if !backoff.pause().await {
                return Err(CommitError::Store(busy.during(COMMIT)));
            }
        }
    }

    async fn load(
        &self,
        stream: &StreamId,
        after: Version,
        limit: u32,
    ) -> Result<Page, StoreError> {
        let limit = usize::try_from(limit.min(PAGE_EVENTS_MAX)).unwrap_or(usize::MAX);
        self.load_page(stream, after, limit).await.map_err(|f| f.during("load a stream"))
    }

    async fn command(
        &self,
        stream: &StreamId,
        command: &CommandId,
    ) -> Result<Option<CommandRecord>, StoreError> {
        let key = StreamKeys::of(stream).command(command);
        let found = self.get(&key).await;
        let record = found.and_then(|item| Ok(item.as_ref().map(command_record).transpose()?));
        record.map_err(|failure| failure.during("look up a command"))
    }

    async fn feed(&self, after: Position, limit: u32) -> Result<Vec<RecordedEvent>, StoreError> {
        self.read_feed(after, limit).await.map_err(|failure| failure.during("read the feed"))
    }
}

impl DynamoStore {
    /// What must be known of the table before `commit` can be planned.
    async fn known(&self, commit: &Commit) -> Result<Known, CommitError> {
        let mut known = Known::default();
        if commit.index.is_some() && commit.expected != Expected::NoStream {
            let head = self.get(&StreamKeys::of(&commit.stream).head()).await;
            let entries = head.and_then(|head| Ok(known_entries(&head.unwrap_or_default())?));
            known.entries =
                entries.map_err(|failure| CommitError::Store(failure.during(COMMIT)))?;
        }
        Ok(known)
    }

    /// A page of a stream. Its first page, and the one behind a page that was read here, begin
    /// where they should; any other is taken to be near the stream's end and is read from there.
    async fn load_page(
        &self,
        stream: &StreamId,
        after: Version,
        limit: usize,
    ) -> Result<Page, Failure> {
        let mut range = StreamKeys::of(stream).events();
        let known = self.page_ends().find(stream, after);
        let descending = after > Version::NONE && known.is_none();
        if let Some(sort) = known {
            range = range.above(sort);
        }
        let mut events: VecDeque<(String, RecordedEvent)> = VecDeque::new();
        let mut start = None;
        loop {
            // Backwards it is not known how far: in portions that grow.
            let ask =
                if descending { events.len().clamp(16, 1_000) } else { limit + 1 - events.len() };
            let (items, next) = self.query_page(None, &range, descending, ask, start).await?;
            let mut reached = false;
            for item in &items {
                let (key, event) = read_event(stream, item)?;
                reached = descending && event.version <= after;
                if reached {
                    break;
                }
                if descending {
                    events.push_front((key.sk, event));
                    events.truncate(limit + 1);
                } else {
                    events.push_back((key.sk, event));
                }
            }
            start = next;
            if reached || start.is_none() || (!descending && events.len() > limit) {
                break;
            }
        }
        let more = events.len() > limit;
        events.truncate(limit);
        if let (true, Some((sort, last))) = (more, events.back()) {
            self.page_ends().note(stream, last.version, sort);
        }
        Ok(Page { events: events.into_iter().map(|(_, event)| event).collect(), more })
    }
}

/// Where pages that were read here ended, so that the next page begins there. What is in it stays
/// true: a version's key never changes.
#[derive(Debug, Default)]
pub(crate) struct PageEnds(Mutex<HashMap<(StreamId, Version), String>>);

/// Page ends that are remembered.
const PAGE_ENDS_MAX: usize = 1_024;

impl PageEnds {
    fn find(&self, stream: &StreamId, version: Version) -> Option<String> {
        let ends = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        ends.get(&(stream.clone(), version)).cloned()
    }

    fn note(&self, stream: &StreamId, version: Version, sort: &str) {
        let mut ends = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if ends.len() >= PAGE_ENDS_MAX {
            ends.clear();
        }
        ends.insert((stream.clone(), version), sort.to_owned());
    }
}

/// The item of an event.
pub(crate) fn event_item(key: &Key, recorded: &RecordedEvent) -> Item {
    let RecordedEvent { version, command_id, event, .. } = recorded;
    let (kind, actor) = match &event.actor {
        Actor::System => ("system", None),
        Actor::Partner(partner) => ("partner", Some(partner.as_str())),
        Actor::Api(name) => ("api", Some(name.as_str())),
        Actor::Operator(name) => ("operator", Some(name.as_str())),
    };
    item(
        key,
        [
            ("v", Some(number(version))),
            ("id", Some(bytes(*event.event_id.as_bytes()))),
            ("type", Some(text(&*event.event_type))),
            ("schema", Some(number(event.schema))),
            ("payload", Some(bytes(&*event.payload))),
            ("occurred", Some(time(event.occurred.at))),
            ("offset", event.occurred.offset_min.map(number)),
            ("suspect", event.occurred.suspect.then_some(AttributeValue::Bool(true))),
            ("recorded", Some(time(event.recorded_at))),
            ("actor_kind", Some(text(kind))),
            ("actor", actor.map(text)),
            ("correlation", Some(text(event.correlation_id.as_str()))),
            ("causation", event.causation_id.map(|id| bytes(*id.as_bytes()))),
            ("command", Some(text(command_id.as_str()))),
            ("hash", Some(bytes(*event.hash.as_bytes()))),
        ],
    )
}

/// Reads the item of an event of `stream`, with its key.
pub(crate) fn read_event(
    stream: &StreamId,
    item: &Item,
) -> Result<(Key, RecordedEvent), Unreadable> {
    let item = Reader(item);
    let causation = match item.find_bytes("causation") {
        Some(_) => Some(EventId::from_bytes(item.array("causation")?)),
        None => None,
    };
    let event = NewEvent {
        event_id: EventId::from_bytes(item.array("id")?),
        event_type: item.text("type")?.to_owned(),
        schema: item.number("schema")?,
        payload: item.bytes("payload")?.to_vec(),
        occurred: Occurred {
            at: item.time("occurred")?,
            offset_min: item.find_number("offset"),
            suspect: item.flag("suspect").unwrap_or(false),
        },
        recorded_at: item.time("recorded")?,
        actor: item.need("actor", actor(item))?,
        correlation_id: item
            .need("correlation", CorrelationId::new(item.text("correlation")?).ok())?,
        causation_id: causation,
        hash: Sha256Digest::from_bytes(item.array("hash")?),
    };
    let recorded = RecordedEvent {
        stream: stream.clone(),
        version: Version::new(item.number("v")?),
        position: Position::START,
        command_id: item.need("command", CommandId::new(item.text("command")?).ok())?,
        event,
    };
    Ok((item.key()?, recorded))
}

fn actor(item: Reader<'_>) -> Option<Actor> {
    let name = item.find_text("actor");
    Some(match item.find_text("actor_kind")? {
        "system" => Actor::System,
        "partner" => Actor::Partner(name?.parse().ok()?),
        "api" => Actor::Api(name?.to_owned()),
        "operator" => Actor::Operator(name?.to_owned()),
        _ => return None,
    })
}
