//! The shipments that a run is about, as rows of the operations model.

use std::collections::BTreeSet;

use logistics_core::dispatch_run::Excluded;
use logistics_core::eventsourcing::{IndexQuery, StoreError, model_name};
use logistics_core::readmodel::{OperationsRow, ShipmentOperations};
use logistics_core::shipment::Phase;
use logistics_core::{HubId, ShipmentId};

use crate::app::App;
use crate::http::Problem;

/// Rows read at a time.
const PAGE: u32 = 1_000;
/// Most shipments that are divided among runs at once.
pub(super) const WAITING_MAX: usize = 20_000;

/// The rows of these shipments; unknown ones are excluded.
pub(super) async fn asked_for(
    app: &App,
    ids: &[ShipmentId],
    excluded: &mut Vec<Excluded>,
) -> Result<Vec<OperationsRow>, Problem> {
    let mut rows = Vec::with_capacity(ids.len());
    let mut ids = ids.to_vec();
    ids.sort_unstable();
    ids.dedup();
    for id in ids {
        match app.row::<ShipmentOperations>(id.as_str()).await.flatten() {
            Some(row) => rows.push(row),
            None => excluded.push(Excluded { shipment: id, why: "no such shipment".to_owned() }),
        }
    }
    Ok(rows)
}

/// The rows of a partition of an index, the oldest first: all, or more than can be divided.
pub(super) async fn index(
    app: &App,
    index: &str,
    partition: &str,
) -> Result<Vec<OperationsRow>, StoreError> {
    let mut found = Vec::new();
    pages(app, index, partition, |rows| {
        found.extend(rows);
        found.len() <= WAITING_MAX
    })
    .await?;
    Ok(found)
}

/// The hubs where shipments wait.
pub(super) async fn hubs(app: &App) -> Result<BTreeSet<HubId>, StoreError> {
    let mut hubs = BTreeSet::new();
    pages(app, "status", Phase::AtHub.as_str(), |rows| {
        hubs.extend(rows.into_iter().filter_map(|row| row.hub));
        true
    })
    .await?;
    Ok(hubs)
}

/// Gives a partition of an index to `take`, page by page, as long as that wants more.
async fn pages(
    app: &App,
    index: &str,
    partition: &str,
    mut take: impl FnMut(Vec<OperationsRow>) -> bool,
) -> Result<(), StoreError> {
    let model = model_name::<ShipmentOperations>();
    let mut query = IndexQuery {
        index: index.to_owned(),
        partition: partition.to_owned(),
        limit: PAGE,
        ..IndexQuery::default()
    };
    loop {
        let rows = app.ports.models.list(&model, &query).await?;
        let full = rows.len() == usize::try_from(PAGE).unwrap_or(usize::MAX);
        query.after = rows.last().map(|row| (row.sort.clone(), row.key.clone()));
        let decoded = rows.iter().filter_map(|row| serde_json::from_slice(&row.body).ok()?);
        if !take(decoded.collect()) || !full {
            return Ok(());
        }
    }
}
