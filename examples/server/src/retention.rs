//! Forgetting on time: raw fixes older than the retention period are removed, a little at a time.

use std::sync::Arc;
use std::time::Duration;

use crate::app::App;
use crate::http::chain;

/// Pause between two looks.
const PERIOD: Duration = Duration::from_secs(60);
/// Rows removed in one commit: removal must not hold up what devices send.
const PORTION: u32 = 2_000;

/// Removes what is past its time, for ever.
pub(crate) async fn keep(app: Arc<App>) {
    loop {
        if let Err(error) = forget(&app).await {
            tracing::error!(error = %chain(&error), "retention stands still");
        }
        tokio::time::sleep(PERIOD).await;
    }
}

async fn forget(app: &App) -> Result<(), logistics_core::eventsourcing::StoreError> {
    let before = app.now() - app.settings.fixes_kept;
    loop {
        let removed = app.ports.fixes.prune(before, PORTION).await?;
        if removed < u64::from(PORTION) {
            return Ok(());
        }
    }
}
