//! What a run works on: shipments at the hub, partners who can take them, what they have already.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use logistics_core::dispatch_run::Excluded;
use logistics_core::eventsourcing::StoreError;
use logistics_core::readmodel::OperationsRow;
use logistics_core::shipment::Phase;

use super::Wanted;
use super::batch::{Courier, Drop, Hold, Round};
use super::rows::{WAITING_MAX, asked_for, index};
use crate::app::App;
use crate::http::Problem;
use crate::manifests;

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
    if rows.len() > WAITING_MAX {
        let detail = format!("more than {WAITING_MAX} shipments; run hub by hub");
        return Err(Problem::unprocessable("too_many_shipments", detail).about("hub"));
    }
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
    collected.rounds = rounds(app, couriers, date, held).await?;
    Ok(collected)
}

impl Collected {
    /// How many shipments there are to plan, those that partners have already included.
    pub(super) fn size(&self) -> usize {
        self.waiting.len() + self.rounds.iter().map(|round| round.stops.len()).sum::<usize>()
    }
}

/// What the partners have still to deliver, in the order of their manifests: all but what they
/// bring back. `held`: how firmly what is not on its way yet is with its partner; unless it is free,
/// an order that a person has chosen stays, too.
pub(super) async fn rounds(
    app: &App,
    couriers: Vec<Courier>,
    date: NaiveDate,
    held: Hold,
) -> Result<Vec<Round>, StoreError> {
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
        let mut by_hand = 0;
        if stops.len() > 1
            && let Some(manifest) = manifests::round(app, &courier.partner, date).await?
        {
            let places: BTreeMap<_, _> = manifest.shipments().into_iter().zip(0..).collect();
            let place = |stop: &Drop| places.get(&stop.shipment).copied().unwrap_or(u32::MAX);
            stops.sort_by_key(|stop| place(stop));
            let set = |stop: &&Drop| manifest.by_hand.contains(&stop.shipment);
            by_hand = if held == Hold::Free { 0 } else { stops.iter().take_while(set).count() };
        }
        rounds.push(Round { courier, stops, by_hand });
    }
    Ok(rounds)
}

/// Why a shipment at a hub is not for partners.
pub(super) fn stopped_by(row: &OperationsRow) -> Option<String> {
    if let Some(reason) = &row.hold {
        return Some(format!("on hold: {reason}"));
    }
    row.carrier.as_ref().map(|carrier| format!("for carrier {carrier}"))
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
