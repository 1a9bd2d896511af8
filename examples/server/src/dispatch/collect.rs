//! What a run works on: shipments at the hub, partners who can take them, what they have already.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, Utc};
use logistics_core::dispatch_run::Excluded;
use logistics_core::eventsourcing::{IndexQuery, StoreError, model_name};
use logistics_core::readmodel::{OperationsRow, ShipmentOperations};
use logistics_core::shipment::Phase;
use logistics_core::{HubId, PartnerId, ShipmentId};

use super::batch::{Courier, Drop, Hold, Round};
use super::{SHIPMENTS_MAX, Wanted};
use crate::app::App;
use crate::http::Problem;
use crate::manifests;

/// Rows read at a time.
const PAGE: u32 = 1_000;

/// What a run works on.
#[derive(Debug, Default)]
pub(super) struct Collected {
    /// The partners, with what they have and keep or may give away.
    pub(super) rounds: Vec<Round>,
    /// To be assigned.
    pub(super) waiting: Vec<Drop>,
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
        None => match &wanted.hub {
            Some(hub) => index(app, "at_hub", hub.as_str()).await?,
            None => index(app, "status", Phase::AtHub.as_str()).await?,
        },
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
            collected.waiting.push(to_drop(row, Hold::Free));
        }
    }
    if collected.waiting.is_empty() && !wanted.reassign {
        return Ok(collected);
    }
    let couriers = app.board.couriers(wanted.partners.as_deref(), now);
    let date = wanted.date.unwrap_or_else(|| app.date_of(now));
    let held = if wanted.reassign { Hold::Free } else { Hold::Tied };
    collected.rounds = rounds(app, couriers, date, held, collected.waiting.len()).await?;
    Ok(collected)
}

/// What the partners have still to deliver, in the order of their manifests: all but what they
/// bring back. `held`: how firmly what is not on its way yet is with its partner. `beside`: how many
/// shipments more there are to plan.
pub(super) async fn rounds(
    app: &App,
    couriers: Vec<Courier>,
    date: NaiveDate,
    held: Hold,
    beside: usize,
) -> Result<Vec<Round>, Problem> {
    let mut found = beside;
    let mut rounds = Vec::with_capacity(couriers.len());
    for courier in couriers {
        let rows = index(app, "on_board", courier.partner.as_str()).await?;
        let mut stops: Vec<Drop> = rows
            .into_iter()
            .filter(|row| row.status != Phase::AttemptFailed)
            .map(|row| {
                let hold = if row.status == Phase::OutForDelivery { Hold::Out } else { held };
                to_drop(row, hold)
            })
            .collect();
        if stops.len() > 1 {
            let places = places(app, &courier.partner, date).await?;
            let place = |stop: &Drop| places.get(&stop.shipment).copied().unwrap_or(u32::MAX);
            stops.sort_by_key(|stop| place(stop));
        }
        found += stops.len();
        rounds.push(Round { courier, stops });
    }
    if found > SHIPMENTS_MAX {
        let detail = format!("{found} shipments, more than {SHIPMENTS_MAX}; run hub by hub");
        return Err(Problem::unprocessable("too_many_shipments", detail).about("hub"));
    }
    Ok(rounds)
}

/// Where each shipment stands in a partner's manifest.
async fn places(
    app: &App,
    partner: &PartnerId,
    date: NaiveDate,
) -> Result<BTreeMap<ShipmentId, u32>, StoreError> {
    let manifest = manifests::current(app, partner, date).await?;
    let stops = manifest.into_iter().flat_map(|manifest| manifest.stops);
    Ok(stops.map(|stop| (stop.shipment, stop.seq)).collect())
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

/// The rows of a partition of an index, the oldest first: all, or more than fit into a run.
async fn index(app: &App, index: &str, partition: &str) -> Result<Vec<OperationsRow>, StoreError> {
    let mut found = Vec::new();
    pages(app, index, partition, |rows| {
        found.extend(rows);
        found.len() <= SHIPMENTS_MAX
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

pub(super) fn to_drop(row: OperationsRow, hold: Hold) -> Drop {
    Drop {
        position: row.destination.position().point(),
        geocode_confidence: row.destination.geocode_confidence(),
        window: row.promise.as_ref().map(|promise| (promise.start(), promise.end())),
        shipment: row.id,
        demand: row.demand,
        service_s: row.service_s,
        hold,
    }
}
