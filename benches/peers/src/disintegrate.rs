//! disintegrate with its Postgres event store and listener.

use std::convert::Infallible;
use std::time::Duration;

use anyhow::{Result, bail};
use async_trait::async_trait;
use disintegrate::serde::json::Json;
use disintegrate::{
    Decision, EventListener, EventStore, NoSnapshot, PersistedEvent, StateMutate, StreamItem,
    StreamQuery, query,
};
use disintegrate_postgres::{
    Error as StoreError, PgDecisionMaker, PgEventId, PgEventListener, PgEventListenerConfig,
    PgEventStore, decision_maker,
};
use futures::StreamExt as _;
use sqlx::PgPool;
use tokio::sync::mpsc::UnboundedSender;

use crate::parcel::{Parcel, ParcelEvent, Refused, id};
use crate::peer::{Attempt, Peer};

impl StateMutate for Parcel {
    fn mutate(&mut self, event: ParcelEvent) {
        self.fold(&event);
    }
}

struct Add(String);

impl Decision for Add {
    type Event = ParcelEvent;
    type StateQuery = Parcel;
    type Error = Refused;

    fn state_query(&self) -> Parcel {
        Parcel { parcel: self.0.clone(), ..Parcel::default() }
    }

    fn process(&self, state: &Parcel) -> Result<Vec<ParcelEvent>, Refused> {
        Ok(state.next(&self.0, 1))
    }
}

type Store = PgEventStore<ParcelEvent, Json<ParcelEvent>>;

pub struct Disintegrate {
    maker: PgDecisionMaker<ParcelEvent, Json<ParcelEvent>, NoSnapshot>,
    store: Store,
}

impl Disintegrate {
    /// Its set-up holds a literal that PostgreSQL before 16 does not know: function bodies are not
    /// checked while it runs, and the one concerned is then written again with the same number.
    pub async fn open(pool: PgPool) -> Result<Self> {
        let store = Store::try_new(pool.clone(), Json::default()).await?;
        sqlx::raw_sql(
            "CREATE OR REPLACE FUNCTION event_store_begin_epoch() RETURNS void AS $$
            DECLARE
                id BIGINT;
                db_id INT;
            BEGIN
                SELECT last_value INTO id FROM seq_event_event_id;
                SELECT oid INTO db_id FROM pg_database WHERE datname = current_database();
                PERFORM pg_try_advisory_xact_lock_shared(db_id, 0);
                PERFORM pg_try_advisory_xact_lock_shared(1, (id & 4294967295)::bit(32)::integer);
                PERFORM pg_try_advisory_xact_lock_shared(2, (id >> 32)::bit(32)::integer);
            END;
            $$ LANGUAGE plpgsql",
        )
        .execute(&pool)
        .await?;
        Ok(Self { maker: decision_maker(store.clone(), NoSnapshot), store })
    }

    async fn count(&self, query: &StreamQuery<PgEventId, ParcelEvent>) -> Result<Parcel> {
        let mut stream = self.store.stream(query);
        let mut parcel = Parcel::default();
        while let Some(item) = stream.next().await {
            if let StreamItem::Event(event) = item? {
                parcel.fold(&event);
            }
        }
        Ok(parcel)
    }
}

/// Whether another writer was faster: as itself, or as the code that the database gave.
fn is_clash(error: &(dyn std::error::Error + 'static)) -> bool {
    match error.downcast_ref() {
        Some(StoreError::Concurrency) => true,
        Some(StoreError::Database(sqlx::Error::Database(error))) => {
            error.code().as_deref() == Some("40001")
        }
        _ => error.source().is_some_and(is_clash),
    }
}

#[async_trait]
impl Peer for Disintegrate {
    async fn fill(&self, number: u64, count: u64) -> Result<()> {
        let events = Parcel::default().next(&id(number).to_string(), count);
        self.store.append_without_validation(events).await?;
        Ok(())
    }

    async fn command(&self, number: u64, _: u64) -> Result<Attempt> {
        match self.maker.make(Add(id(number).to_string())).await {
            Ok(_) => Ok(Attempt::Done),
            Err(
                disintegrate::DecisionError::EventStore(error)
                | disintegrate::DecisionError::StateStore(error),
            ) if is_clash(&*error) => Ok(Attempt::Clash),
            Err(error) => bail!("{error:?}"),
        }
    }

    async fn replay(&self, number: u64) -> Result<u64> {
        let parcel = id(number).to_string();
        Ok(self.count(&query!(ParcelEvent; parcel == parcel)).await?.events)
    }

    async fn feed(&self) -> Result<u64> {
        Ok(self.count(&query!(ParcelEvent)).await?.events)
    }

    async fn follow(&self, poll: Duration, seen: UnboundedSender<(String, u64)>) -> Result<bool> {
        let listener = Listener { query: query!(ParcelEvent), seen };
        PgEventListener::builder(self.store.clone())
            .register_listener(listener, PgEventListenerConfig::poller(poll))
            .start()
            .await?;
        Ok(true)
    }

    fn table(&self) -> &'static str {
        "event"
    }
}

struct Listener {
    query: StreamQuery<PgEventId, ParcelEvent>,
    seen: UnboundedSender<(String, u64)>,
}

#[async_trait]
impl EventListener<PgEventId, ParcelEvent> for Listener {
    type Error = Infallible;

    fn id(&self) -> &'static str {
        "follower"
    }

    fn query(&self) -> &StreamQuery<PgEventId, ParcelEvent> {
        &self.query
    }

    async fn handle(
        &self,
        event: PersistedEvent<PgEventId, ParcelEvent>,
    ) -> Result<(), Infallible> {
        let (ParcelEvent::Created { parcel, .. }
        | ParcelEvent::Scanned { parcel, .. }
        | ParcelEvent::Loaded { parcel, .. }
        | ParcelEvent::Attempted { parcel, .. }
        | ParcelEvent::Noted { parcel, .. }) = &*event;
        let id = u64::try_from(event.id()).unwrap_or_default();
        let _ = self.seen.send((parcel.clone(), id));
        Ok(())
    }
}
