//! esrs with its Postgres store.

use anyhow::{Result, bail};
use async_trait::async_trait;
use esrs::manager::AggregateManager;
use esrs::store::postgres::{PgStore, PgStoreBuilder, PgStoreError};
use esrs::{Aggregate, AggregateState};
use futures::StreamExt as _;
use sqlx::PgPool;

use crate::parcel::{Parcel, ParcelEvent, Refused, id};
use crate::peer::{Attempt, Peer};

struct Parcels;

impl Aggregate for Parcels {
    const NAME: &'static str = "parcel";
    type State = Parcel;
    type Command = (String, u64);
    type Event = ParcelEvent;
    type Error = Refused;

    fn handle_command(
        state: &Parcel,
        (parcel, count): (String, u64),
    ) -> Result<Vec<ParcelEvent>, Refused> {
        Ok(state.next(&parcel, count))
    }

    fn apply_event(mut state: Parcel, event: ParcelEvent) -> Parcel {
        state.fold(&event);
        state
    }
}

pub struct Esrs {
    manager: AggregateManager<PgStore<Parcels>>,
    store: PgStore<Parcels>,
    pool: PgPool,
}

impl Esrs {
    pub async fn open(pool: PgPool) -> Result<Self> {
        let store: PgStore<Parcels> = PgStoreBuilder::new(pool.clone()).try_build().await?;
        Ok(Self { manager: AggregateManager::new(store.clone()), store, pool })
    }

    async fn run(&self, number: u64, count: u64) -> Result<Attempt> {
        let parcel = id(number);
        let known = self.manager.load(parcel).await?;
        let state = known.unwrap_or_else(|| AggregateState::with_id(parcel));
        match self.manager.handle_command(state, (parcel.to_string(), count)).await {
            Ok(done) => {
                done?;
                Ok(Attempt::Done)
            }
            Err(PgStoreError::Sqlx(sqlx::Error::Database(error)))
                if error.is_unique_violation() =>
            {
                Ok(Attempt::Clash)
            }
            Err(error) => bail!("{error}"),
        }
    }
}

#[async_trait]
impl Peer for Esrs {
    async fn fill(&self, number: u64, count: u64) -> Result<()> {
        self.run(number, count).await.map(drop)
    }

    async fn command(&self, number: u64, _: u64) -> Result<Attempt> {
        self.run(number, 1).await
    }

    async fn replay(&self, number: u64) -> Result<u64> {
        let state = self.manager.load(id(number)).await?;
        Ok(state.map_or(0, |state| state.into_inner().events))
    }

    async fn feed(&self) -> Result<u64> {
        let mut stream = self.store.stream_events(&self.pool);
        let mut count = 0;
        while let Some(event) = stream.next().await {
            event?;
            count += 1;
        }
        Ok(count)
    }

    fn table(&self) -> &'static str {
        "parcel_events"
    }
}
