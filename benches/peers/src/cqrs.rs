//! cqrs-es with its Postgres repository.

use anyhow::{Result, bail};
use async_trait::async_trait;
use cqrs_es::event_sink::EventSink;
use cqrs_es::persist::{PersistedEventRepository, PersistedEventStore};
use cqrs_es::{Aggregate, AggregateError, CqrsFramework, DomainEvent, EventStore};
use postgres_es::{PostgresCqrs, PostgresEventRepository, postgres_cqrs};
use sqlx::PgPool;

use crate::parcel::{Parcel, ParcelEvent, Refused, id};
use crate::peer::{Attempt, Peer};

impl DomainEvent for ParcelEvent {
    fn event_type(&self) -> String {
        logistics_core::eventsourcing::DomainEvent::event_type(self).to_owned()
    }

    fn event_version(&self) -> String {
        "1.0".to_owned()
    }
}

impl Aggregate for Parcel {
    const TYPE: &'static str = "parcel";
    type Command = (String, u64);
    type Event = ParcelEvent;
    type Error = Refused;
    type Services = ();

    async fn handle(
        &mut self,
        (parcel, count): (String, u64),
        (): &(),
        sink: &EventSink<Self>,
    ) -> Result<(), Refused> {
        for event in self.next(&parcel, count) {
            sink.write(event, self).await;
        }
        Ok(())
    }

    fn apply(&mut self, event: ParcelEvent) {
        self.fold(&event);
    }
}

pub struct CqrsEs {
    framework: PostgresCqrs<Parcel>,
    store: PersistedEventStore<PostgresEventRepository, Parcel>,
    repository: PostgresEventRepository,
}

impl CqrsEs {
    pub async fn open(pool: PgPool) -> Result<Self> {
        sqlx::raw_sql(
            "CREATE TABLE events (
                aggregate_type text NOT NULL, aggregate_id text NOT NULL,
                sequence bigint CHECK (sequence >= 0) NOT NULL,
                event_type text NOT NULL, event_version text NOT NULL,
                payload json NOT NULL, metadata json NOT NULL,
                PRIMARY KEY (aggregate_type, aggregate_id, sequence))",
        )
        .execute(&pool)
        .await?;
        let framework: CqrsFramework<Parcel, _> = postgres_cqrs(pool.clone(), vec![], ());
        let repository = || PostgresEventRepository::new(pool.clone());
        let store = PersistedEventStore::new_event_store(repository());
        Ok(Self { framework, store, repository: repository() })
    }

    async fn run(&self, number: u64, count: u64) -> Result<Attempt> {
        let parcel = id(number).to_string();
        match self.framework.execute(&parcel, (parcel.clone(), count)).await {
            Ok(()) => Ok(Attempt::Done),
            Err(AggregateError::AggregateConflict) => Ok(Attempt::Clash),
            Err(error) => bail!("{error}"),
        }
    }
}

#[async_trait]
impl Peer for CqrsEs {
    async fn fill(&self, number: u64, count: u64) -> Result<()> {
        self.run(number, count).await.map(drop)
    }

    async fn command(&self, number: u64, _: u64) -> Result<Attempt> {
        self.run(number, 1).await
    }

    async fn replay(&self, number: u64) -> Result<u64> {
        let mut context = self.store.load_aggregate(&id(number).to_string()).await?;
        Ok(cqrs_es::AggregateContext::aggregate(&mut context).events)
    }

    async fn feed(&self) -> Result<u64> {
        let mut stream = self.repository.stream_all_events::<Parcel>().await?;
        let mut count = 0;
        while let Some(event) = stream.next::<Parcel>(&[]).await {
            event?;
            count += 1;
        }
        Ok(count)
    }

    fn table(&self) -> &'static str {
        "events"
    }
}
