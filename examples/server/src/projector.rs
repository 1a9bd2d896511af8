//! Keeps the read models up to date, and lets writers wait until they are.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use futures::future::BoxFuture;
use logistics_core::eventsourcing::{
    Position, ProjectError, Projected, Projection, model_name, project, rebuild, unpark,
};
use logistics_core::readmodel::{Manifests, Partners, ShipmentOperations, ShipmentTracking};
use tokio::sync::{Notify, watch};

use crate::dispatch::Runs;
use crate::http::chain;
use crate::ports::Ports;

/// Events read into a model at a time.
const PAGE: u32 = 500;
/// Without a wake-up, other processes may have written all the same.
const IDLE: Duration = Duration::from_secs(1);
/// How long a writer waits to read its own writes; after that it answers all the same.
const READ_YOUR_WRITES: Duration = Duration::from_secs(2);
/// Pause after a failure.
const BACK_OFF: Duration = Duration::from_secs(1);

/// What the server does with each of its read models.
struct Model {
    name: fn() -> String,
    step: Step,
    unpark: Unpark,
}

type Step = for<'a> fn(&'a Ports) -> BoxFuture<'a, Result<Stepped, ProjectError>>;
type Unpark = for<'a> fn(&'a Ports) -> BoxFuture<'a, Result<u32, ProjectError>>;

/// All read models of the server.
const MODELS: [Model; 5] = [
    model::<ShipmentOperations>(),
    model::<ShipmentTracking>(),
    model::<Partners>(),
    model::<Manifests>(),
    model::<Runs>(),
];

const fn model<P: Projection + 'static>() -> Model {
    Model {
        name: model_name::<P>,
        step: |ports| Box::pin(step::<P>(ports)),
        unpark: |ports| Box::pin(unpark::<P>(ports.events.as_ref(), ports.models.as_ref())),
    }
}

/// What one step of a model did.
struct Stepped {
    projected: Projected,
    /// Whether it was built anew, and may stand before where it stood.
    rebuilt: bool,
}

async fn step<P: Projection>(ports: &Ports) -> Result<Stepped, ProjectError> {
    let (events, models) = (ports.events.as_ref(), ports.models.as_ref());
    match project::<P>(events, models, PAGE).await {
        Ok(projected) => Ok(Stepped { projected, rebuilt: false }),
        Err(ProjectError::Rewound { model, position }) => {
            tracing::warn!(model, %position, "the store was restored from a backup: building anew");
            let projected = rebuild::<P>(events, models, PAGE).await?;
            Ok(Stepped { projected, rebuilt: true })
        }
        Err(error) => Err(error),
    }
}

/// Drives the read models; one for each process.
#[derive(Debug)]
pub(crate) struct Projector {
    wake: Notify,
    reached: watch::Sender<Position>,
    /// How many rows of each of [`MODELS`] stand still.
    parked: [AtomicU64; MODELS.len()],
}

impl Projector {
    pub(crate) fn new() -> Self {
        Self {
            wake: Notify::new(),
            reached: watch::Sender::new(Position::START),
            parked: Default::default(),
        }
    }

    /// Reads all models up to the end of the feed, and takes up what an earlier program could not
    /// read.
    pub(crate) async fn start(&self, ports: &Ports) -> Result<(), ProjectError> {
        self.catch_up(ports).await?;
        for (model, count) in MODELS.iter().zip(&self.parked) {
            note_parked(model, count, (model.unpark)(ports).await?.into());
        }
        Ok(())
    }

    /// Reads all models up to the end of the feed.
    pub(crate) async fn catch_up(&self, ports: &Ports) -> Result<(), ProjectError> {
        loop {
            let steps = MODELS.iter().map(|model| (model.step)(ports));
            let steps = futures::future::try_join_all(steps).await?;
            for ((model, count), step) in MODELS.iter().zip(&self.parked).zip(&steps) {
                if step.rebuilt || step.projected.parked > 0 {
                    note_parked(model, count, count_parked(ports, model).await?);
                }
            }
            let positions = steps.iter().map(|step| step.projected.position);
            let lowest = positions.min().unwrap_or(Position::START);
            let rebuilt = steps.iter().any(|step| step.rebuilt);
            self.reached.send_if_modified(|reached| {
                let moved = lowest > *reached || (rebuilt && lowest < *reached);
                *reached = if moved { lowest } else { *reached };
                moved
            });
            if steps.iter().all(|step| step.projected.events < PAGE) {
                return Ok(());
            }
        }
    }

    /// How many rows of each model stand still, for an event that this program cannot read.
    pub(crate) fn parked(&self) -> impl Iterator<Item = (String, u64)> {
        let counts = self.parked.iter().map(|count| count.load(Ordering::Relaxed));
        MODELS.iter().map(|model| (model.name)()).zip(counts)
    }

    /// Keeps catching up, for ever.
    pub(crate) async fn run(&self, ports: &Ports) {
        loop {
            if let Err(error) = self.catch_up(ports).await {
                // A model that cannot go on stands still; the others are tried again with it.
                tracing::error!(error = %chain(&error), "read models stand still");
                tokio::time::sleep(BACK_OFF).await;
            }
            let _ = tokio::time::timeout(IDLE, self.wake.notified()).await;
        }
    }

    /// Brings the models up to date once, as well as it can.
    pub(crate) async fn behind_no_more(&self, ports: &Ports) {
        if let Err(error) = self.catch_up(ports).await {
            tracing::error!(error = %chain(&error), "read models stand still");
        }
    }

    /// Waits until the models hold what was committed up to `position`.
    pub(crate) async fn wait_for(&self, position: Position) {
        self.wake.notify_one();
        let mut reached = self.reached.subscribe();
        let arrived = reached.wait_for(|reached| *reached >= position);
        if tokio::time::timeout(READ_YOUR_WRITES, arrived).await.is_err() {
            tracing::warn!(%position, "read models lag behind a write");
        }
    }

    /// Follows how far the models have read.
    pub(crate) fn follow(&self) -> watch::Receiver<Position> {
        self.reached.subscribe()
    }
}

async fn count_parked(ports: &Ports, model: &Model) -> Result<u64, ProjectError> {
    let (mut parked, mut after) = (0, None);
    loop {
        let rows = ports.models.parked(&(model.name)(), after.as_deref(), PAGE).await?;
        let Some(last) = rows.last() else { return Ok(parked) };
        parked += u64::try_from(rows.len()).unwrap_or(u64::MAX);
        after = Some(last.key.clone());
    }
}

fn note_parked(model: &Model, count: &AtomicU64, parked: u64) {
    if parked > 0 {
        tracing::error!(model = (model.name)(), parked, "rows stand still: update the program");
    }
    count.store(parked, Ordering::Relaxed);
}
