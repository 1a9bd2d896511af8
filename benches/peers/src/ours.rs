//! This project's Postgres store: a command through `execute`, or through `Aggregates`, which keep
//! states in memory.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::Result;
use async_trait::async_trait;
use chrono::Utc;
use logistics_core::eventsourcing::{
    Aggregates, CommandEnvelope, Cursor, DecideContext, Decider, DecodeError, DomainEvent,
    ExecuteError, JsonError, PAGE_EVENTS_MAX, StreamId, execute, follow, load,
};
use logistics_core::ids::CommandId;
use logistics_sqlx::{PostgresConfig, PostgresStore};
use tokio::sync::mpsc::UnboundedSender;

use crate::parcel::{Parcel, ParcelEvent, Refused, id};
use crate::peer::{Attempt, Peer};

impl DomainEvent for ParcelEvent {
    fn event_type(&self) -> &'static str {
        match self {
            Self::Created { .. } => "Created",
            Self::Scanned { .. } => "Scanned",
            Self::Loaded { .. } => "Loaded",
            Self::Attempted { .. } => "Attempted",
            Self::Noted { .. } => "Noted",
        }
    }

    fn schema(&self) -> u16 {
        1
    }

    fn encode(&self) -> Result<Vec<u8>, JsonError> {
        serde_json::to_vec(self)
    }

    fn decode(event_type: &str, _: u16, payload: &[u8]) -> Result<Self, DecodeError> {
        serde_json::from_slice(payload)
            .map_err(|source| DecodeError::Payload { event_type: event_type.to_owned(), source })
    }
}

#[derive(Debug)]
struct Parcels;

impl Decider for Parcels {
    const CATEGORY: &'static str = "PCL";
    type Command = (String, u64);
    type Event = ParcelEvent;
    type State = Parcel;
    type Rejection = Refused;
    type Policy = ();

    fn decide(
        state: &Parcel,
        (parcel, count): &(String, u64),
        _: &DecideContext<'_, ()>,
    ) -> Result<Vec<ParcelEvent>, Refused> {
        Ok(state.next(parcel, *count))
    }

    fn evolve(mut state: Parcel, event: &ParcelEvent) -> Parcel {
        state.fold(event);
        state
    }
}

/// Tells the commands that fill apart: a command that is sent again adds nothing.
static FILLS: AtomicU64 = AtomicU64::new(0);

pub struct Ours {
    store: Arc<PostgresStore>,
    cached: Option<Aggregates<Parcels>>,
}

impl Ours {
    pub async fn open(config: PostgresConfig, cached: bool) -> Result<Self> {
        let store = Arc::new(PostgresStore::open(config).await?);
        let kept = Aggregates::new(Arc::clone(&store) as _).cached(10_000);
        Ok(Self { cached: cached.then_some(kept), store })
    }

    async fn run(&self, number: u64, command: String, count: u64) -> Result<Attempt> {
        let parcel = id(number).to_string();
        let stream = StreamId::new("PCL", &parcel)?;
        let now = Utc::now();
        let command = CommandEnvelope::new(CommandId::new(command)?, now, (parcel, count));
        let done = match &self.cached {
            Some(kept) => kept.execute(&stream, &command, now, &()).await,
            None => execute::<Parcels>(&*self.store, &stream, &command, now, &()).await,
        };
        match done {
            Ok(_) => Ok(Attempt::Done),
            Err(ExecuteError::Contended { .. }) => Ok(Attempt::Clash),
            Err(error) => Err(error.into()),
        }
    }
}

#[async_trait]
impl Peer for Ours {
    async fn fill(&self, number: u64, count: u64) -> Result<()> {
        for from in (0..count).step_by(32) {
            let command = format!("fill {}", FILLS.fetch_add(1, Ordering::Relaxed));
            self.run(number, command, (count - from).min(32)).await?;
        }
        Ok(())
    }

    async fn command(&self, number: u64, n: u64) -> Result<Attempt> {
        self.run(number, format!("c {n}"), 1).await
    }

    async fn replay(&self, number: u64) -> Result<u64> {
        let stream = StreamId::new("PCL", id(number))?;
        Ok(load::<Parcels>(&*self.store, &stream).await?.state.events)
    }

    /// A task reads the next page while this one is decoded.
    async fn feed(&self) -> Result<u64> {
        let next = |cursor| {
            let store = Arc::clone(&self.store);
            tokio::spawn(async move { follow(&*store, cursor, PAGE_EVENTS_MAX).await })
        };
        let (mut page, mut count) = (next(Cursor::START).await??, 0);
        while let Some(last) = page.last() {
            let ahead = next(Cursor::behind(last));
            for event in &page {
                event.decode::<ParcelEvent>()?;
            }
            count += page.len() as u64;
            page = ahead.await??;
        }
        Ok(count)
    }

    async fn follow(&self, poll: Duration, seen: UnboundedSender<(String, u64)>) -> Result<bool> {
        let mut cursor = Cursor::START;
        loop {
            let page = follow(&*self.store, cursor, PAGE_EVENTS_MAX).await?;
            for event in &page {
                if seen.send((event.stream.id().to_owned(), event.version.get())).is_err() {
                    return Ok(true);
                }
                cursor = Cursor::behind(event);
            }
            if page.is_empty() {
                tokio::time::sleep(poll).await;
            }
        }
    }

    fn table(&self) -> &'static str {
        "events"
    }
}
