//! What a run works on: shipments at the hub, partners who can take them, what they have already.

use chrono::{DateTime, Utc};
use logistics_core::dispatch_run::Excluded;
use logistics_core::eventsourcing::{IndexQuery, StoreError, model_name};
use logistics_core::readmodel::{OperationsRow, ShipmentOperations};
use logistics_core::shipment::Phase;
use logistics_core::{PartnerId, ShipmentId};

use super::batch::{Courier, Drop};
use super::{SHIPMENTS_MAX, Wanted};
use crate::app::App;
use crate::http::Problem;

/// Rows read at a time.
const PAGE: u32 = 1_000;

/// What a run works on.
#[derive(Debug, Default)]
pub(super) struct Collected {
    /// To be assigned, and those that partners have and keep.
    pub(super) drops: Vec<Drop>,
    pub(super) couriers: Vec<Courier>,
    /// Asked for, and not assignable now.
    pub(super) excluded: Vec<Excluded>,
}

pub(super) async fn collect(
    app: &App,
    wanted: &Wanted,
    now: DateTime<Utc>,
) -> Result<Collected, Problem> {
    let mut collected = Collected::default();
    let rows = match &wanted.shipments {
        Some(ids) => asked_for(app, ids, &mut collected.excluded).await?,
        None => index(app, "status", Phase::AtHub.as_str()).await?,
    };
    let here = |row: &OperationsRow| wanted.hub.is_none() || row.hub == wanted.hub;
    for row in rows {
        if row.status != Phase::AtHub || !here(&row) {
            let at = row.hub.as_ref().map_or("no hub", |hub| hub.as_str());
            let why = format!("{} at {at}", row.status.as_str());
            collected.excluded.push(Excluded { shipment: row.id, why });
        } else if let Some(why) = stopped_by(&row) {
            collected.excluded.push(Excluded { shipment: row.id, why });
        } else {
            collected.drops.push(to_drop(row, false));
        }
    }
    if collected.drops.is_empty() {
        return Ok(collected);
    }
    collected.couriers = app.board.couriers(wanted.partners.as_deref(), now);
    for courier in &collected.couriers {
        collected.drops.extend(on_board(app, &courier.partner).await?);
    }
    let found = collected.drops.len();
    if found > SHIPMENTS_MAX {
        let detail = format!("{found} shipments, more than {SHIPMENTS_MAX}; run hub by hub");
        return Err(Problem::unprocessable("too_many_shipments", detail).about("hub"));
    }
    Ok(collected)
}

/// What a partner has and keeps: all but what it brings back.
pub(super) async fn on_board(app: &App, partner: &PartnerId) -> Result<Vec<Drop>, StoreError> {
    let rows = index(app, "on_board", partner.as_str()).await?;
    let kept = rows.into_iter().filter(|row| row.status != Phase::AttemptFailed);
    Ok(kept.map(|row| to_drop(row, true)).collect())
}

/// Why a shipment at a hub is not for partners.
pub(super) fn stopped_by(row: &OperationsRow) -> Option<String> {
    if let Some(reason) = &row.hold {
        return Some(format!("on hold: {reason}"));
    }
    row.carrier.as_ref().map(|carrier| format!("for carrier {carrier}"))
}

/// The rows of these shipments; unknown ones are excluded.
async fn asked_for(
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

/// All rows of a partition of an index, the oldest first.
pub(super) async fn index(
    app: &App,
    index: &str,
    partition: &str,
) -> Result<Vec<OperationsRow>, StoreError> {
    let model = model_name::<ShipmentOperations>();
    let mut query = IndexQuery {
        index: index.to_owned(),
        partition: partition.to_owned(),
        limit: PAGE,
        ..IndexQuery::default()
    };
    let mut found = Vec::new();
    loop {
        let rows = app.ports.models.list(&model, &query).await?;
        let full = rows.len() == usize::try_from(PAGE).unwrap_or(usize::MAX);
        query.after = rows.last().map(|row| (row.sort.clone(), row.key.clone()));
        let decoded = rows.iter().filter_map(|row| serde_json::from_slice(&row.body).ok()?);
        found.extend(decoded);
        // One more page than fits into a run is enough to know that it does not.
        if !full || found.len() > SHIPMENTS_MAX {
            return Ok(found);
        }
    }
}

pub(super) fn to_drop(row: OperationsRow, tied: bool) -> Drop {
    Drop {
        position: row.destination.position().point(),
        geocode_confidence: row.destination.geocode_confidence(),
        window: row.promise.as_ref().map(|promise| (promise.start(), promise.end())),
        tied_to: row.partner.filter(|_| tied),
        shipment: row.id,
        demand: row.demand,
        service_s: row.service_s,
    }
}
