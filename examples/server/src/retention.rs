//! Forgetting on time, a little at a time: raw fixes after their retention period, and in the demo
//! what is finished, so that it can run for days.

use std::sync::Arc;
use std::time::Duration;

use logistics_core::eventsourcing::{StoreError, model_name};
use logistics_core::partner::SHIFT_CATEGORY;
use logistics_core::readmodel::{Manifests, ShipmentOperations, ShipmentTracking};
use logistics_core::{dispatch_run, manifest, shipment};

use crate::app::App;
use crate::dispatch::Runs;
use crate::http::chain;
use crate::ports::Storage;

/// Pause between two looks.
const PERIOD: Duration = Duration::from_secs(60);
/// Rows removed in one commit: removal must not hold up what devices send.
const PORTION: u32 = 2_000;
/// Streams removed in one commit.
const STREAMS: u32 = 100;

/// Removes what is past its time, for ever.
pub(crate) async fn keep(app: Arc<App>, storage: Storage) {
    loop {
        if let Err(error) = forget(&app, &storage).await {
            tracing::error!(error = %chain(&error), "retention stands still");
        }
        tokio::time::sleep(PERIOD).await;
    }
}

async fn forget(app: &App, storage: &Storage) -> Result<(), StoreError> {
    let before = app.now() - app.settings.fixes_kept;
    while app.ports.fixes.prune(before, PORTION).await? == u64::from(PORTION) {}
    let Some(kept) = app.settings.finished_kept else { return Ok(()) };
    let idle_since = app.now() - kept;
    let shipments = vec![model_name::<ShipmentOperations>(), model_name::<ShipmentTracking>()];
    for (category, models) in [
        (shipment::CATEGORY, shipments),
        (manifest::CATEGORY, vec![model_name::<Manifests>()]),
        (dispatch_run::CATEGORY, vec![model_name::<Runs>()]),
        (SHIFT_CATEGORY, Vec::new()),
    ] {
        let full = u64::from(STREAMS);
        while storage.forget(category, models.clone(), idle_since, STREAMS).await? == full {}
    }
    Ok(())
}
