//! What must hold of a read model at any moment, also while everything goes wrong.

use std::collections::BTreeMap;

use chrono::Duration;

use super::broken::Broken;
use super::process::Process;
use crate::eventsourcing::{
    EventStore, ModelRow, PAGE_EVENTS_MAX, Position, Projection, ReadModels, RecordedEvent,
    StoreError, Version, model_name,
};

/// Looks at the model of `P` now and then, past everything that goes wrong: a row that is not
/// parked has every event that the model's cursor has passed.
pub(super) async fn auditor<P: Projection>(process: Process) {
    loop {
        process.sleep_about(Duration::milliseconds(5), Duration::milliseconds(200)).await;
        let (events, models) = (process.0.below.events(), process.0.below.models());
        match audit::<P>(events, models).await {
            Ok(None) => {}
            Ok(Some(broken)) => process.broke(broken),
            Err(error) => process.broke(error.into()),
        }
    }
}

async fn audit<P: Projection>(
    events: &dyn EventStore,
    models: &dyn ReadModels,
) -> Result<Option<Broken>, StoreError> {
    let model = model_name::<P>();
    let passed = read(events, models.checkpoint(&model).await?.position).await?;
    let mut versions: BTreeMap<String, Version> = BTreeMap::new();
    for event in &passed {
        if let Some(key) = P::key(&event.stream) {
            versions.insert(key, event.version);
        }
    }
    let keys: Vec<String> = versions.keys().cloned().collect();
    let rows = models.rows(&model, &keys).await?;
    // A store that answers at once gives one moment; of another it has to be seen that the model
    // has not moved meanwhile.
    if models.checkpoint(&model).await?.position.get() != u64::try_from(passed.len()).unwrap_or(0) {
        return Ok(None);
    }
    let rows: BTreeMap<&str, &ModelRow> = rows.iter().map(|row| (row.key.as_str(), row)).collect();
    for (key, version) in versions {
        let row = rows.get(key.as_str());
        let holds = row.is_some_and(|row| row.parked.is_some() || row.version >= version);
        if !holds {
            let stands = row.map(|row| row.version);
            let reason = format!("it stands at {stands:?}, the model has passed {version}");
            return Ok(Some(Broken::Model { model, key, reason }));
        }
    }
    Ok(None)
}

/// The feed up to `until`.
async fn read(events: &dyn EventStore, until: Position) -> Result<Vec<RecordedEvent>, StoreError> {
    let mut all: Vec<RecordedEvent> = Vec::new();
    loop {
        let after = all.last().map_or(Position::START, |event| event.position);
        let page = events.feed(after, PAGE_EVENTS_MAX).await?;
        let before = all.len();
        all.extend(page.into_iter().filter(|event| event.position <= until));
        if all.len() == before || all.last().is_some_and(|event| event.position >= until) {
            return Ok(all);
        }
    }
}
