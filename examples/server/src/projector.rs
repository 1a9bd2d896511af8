//! Keeps the read models up to date, and lets writers wait until they are.

use std::time::Duration;

use futures::future::BoxFuture;
use logistics_core::eventsourcing::{Position, ProjectError, Projected, Projection, project};
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

type Step = for<'a> fn(&'a Ports) -> BoxFuture<'a, Result<Projected, ProjectError>>;

/// All read models of the server.
const MODELS: [Step; 5] = [
    step::<ShipmentOperations>,
    step::<ShipmentTracking>,
    step::<Partners>,
    step::<Manifests>,
    step::<Runs>,
];

fn step<P: Projection + 'static>(ports: &Ports) -> BoxFuture<'_, Result<Projected, ProjectError>> {
    Box::pin(project::<P>(ports.events.as_ref(), ports.models.as_ref(), PAGE))
}

/// Drives the read models; one for each process.
#[derive(Debug)]
pub(crate) struct Projector {
    wake: Notify,
    reached: watch::Sender<Position>,
}

impl Projector {
    pub(crate) fn new() -> Self {
        Self { wake: Notify::new(), reached: watch::Sender::new(Position::START) }
    }

    /// Reads all models up to the end of the feed.
    pub(crate) async fn catch_up(&self, ports: &Ports) -> Result<(), ProjectError> {
        loop {
            let steps = futures::future::try_join_all(MODELS.map(|step| step(ports))).await?;
            let lowest = steps.iter().map(|step| step.position).min().unwrap_or(Position::START);
            self.reached.send_if_modified(|reached| {
                let moved = lowest > *reached;
                *reached = lowest.max(*reached);
                moved
            });
            if steps.iter().all(|step| step.events < PAGE) {
                return Ok(());
            }
        }
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
