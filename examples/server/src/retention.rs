//! Forgetting on time, a little at a time: raw fixes after their retention period, and in the demo
//! what is finished, so that it can run for days.

use chrono::{DateTime, Duration, Utc};
use logistics_core::eventsourcing::{StoreError, model_name};
use logistics_core::partner::SHIFT_CATEGORY;
use logistics_core::readmodel::{Manifests, ShipmentOperations, ShipmentTracking};
use logistics_core::{dispatch_run, manifest, shipment};
use std::sync::Arc;

use crate::app::App;
use crate::day_routes::{self, Diary};
use crate::dispatch::Runs;
use crate::http::chain;
use crate::ports::Storage;

/// Pause between two looks.
const PERIOD: std::time::Duration = std::time::Duration::from_secs(60);
/// Rows removed in one commit: removal must not hold up what devices send.
const PORTION: u32 = 2_000;
/// Streams removed in one commit.
const STREAMS: u32 = 100;

/// Removes what is past its time, for ever.
pub(crate) async fn keep(app: Arc<App>, storage: Storage) {
    let (mut diary, mut removed_before) = (Diary::default(), DateTime::UNIX_EPOCH);
    loop {
        if let Err(error) = fixes(&app, &mut diary, &mut removed_before).await {
            tracing::error!(error = %chain(error.as_ref()), "the retention of fixes stands still");
        }
        if let Err(error) = forget(&app, &storage).await {
            tracing::error!(error = %chain(&error), "retention stands still");
        }
        tokio::time::sleep(PERIOD).await;
    }
}

/// Removes raw fixes, once what stays of them is stored.
async fn fixes(
    app: &App,
    diary: &mut Diary,
    removed_before: &mut DateTime<Utc>,
) -> anyhow::Result<()> {
    let kept = app.settings.fixes_kept;
    if kept < Duration::days(1) {
        return Ok(prune(app, app.now() - kept).await?);
    }
    diary.keep(app).await?;
    let (before, _) = app.bounds_of(app.date_of(app.now() - kept));
    // Once a day: what comes later than that for days before goes with the next one.
    if *removed_before < before {
        day_routes::draw_before_removal(app, before).await?;
        prune(app, before).await?;
        *removed_before = before;
    }
    Ok(())
}

async fn prune(app: &App, before: DateTime<Utc>) -> Result<(), StoreError> {
    while app.ports.fixes.prune(before, PORTION).await? == u64::from(PORTION) {}
    Ok(())
}

async fn forget(app: &App, storage: &Storage) -> Result<(), StoreError> {
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
