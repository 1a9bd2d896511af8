//! Who could take one shipment more now: asked of the rounds as they are, without planning again.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use logistics_core::readmodel::{OperationsRow, ShipmentOperations};
use logistics_core::shipment::Phase;
use logistics_core::{PartnerId, ShipmentId};
use logistics_dispatch::offers::{Offer, Offers};
use logistics_dispatch::{JobIndex, Route, Solution, VehicleIndex};
use serde::Serialize;

use super::batch::{Batch, Courier, Drop};
use super::collect::{on_board, stopped_by, to_drop};
use super::{SHIPMENTS_MAX, invalid};
use crate::app::App;
use crate::http::Problem;
use crate::manifests;

/// A place in a partner's round where a shipment fits, with every constraint of the round kept.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct OfferView {
    #[schema(value_type = String)]
    partner: PartnerId,
    /// 1 if it would be the partner's next stop.
    seq: usize,
    /// The partner has nothing to deliver yet.
    opens_route: bool,
    extra_travel_s: i64,
    extra_distance_m: i64,
    /// When the service begins.
    arrival: DateTime<Utc>,
    /// Seconds then left before the promise ends.
    slack_s: Option<i64>,
    /// The stops behind it that get another time.
    delays: Vec<DelayView>,
    /// When the partner has finished, and how much later than without it.
    finish: DateTime<Utc>,
    finish_delay_s: i64,
}

/// A stop that an offer shifts.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct DelayView {
    #[schema(value_type = String)]
    shipment: ShipmentId,
    by_s: i64,
    /// Seconds then left before its promise ends.
    slack_s: Option<i64>,
}

/// At most `limit` offers for a shipment at its hub, the best first. None: nobody can take it.
pub(crate) async fn offers(
    app: &App,
    shipment: &ShipmentId,
    limit: usize,
) -> Result<Vec<OfferView>, Problem> {
    let now = app.now();
    let row = app.row::<ShipmentOperations>(shipment.as_str()).await.flatten();
    let row = row.ok_or_else(|| Problem::not_found("shipment", shipment.as_str()))?;
    let wanted = dispatchable(row)?;
    let mut rounds = Rounds { couriers: app.board.couriers(None, now), ..Rounds::default() };
    for courier in &rounds.couriers {
        let stops = stops(app, &courier.partner, app.date_of(now)).await?;
        rounds.lengths.push(stops.len());
        rounds.drops.extend(stops);
    }
    if rounds.drops.len() >= SHIPMENTS_MAX {
        let detail = format!("more than {SHIPMENTS_MAX} shipments are on the way");
        return Err(Problem::unprocessable("too_many_shipments", detail));
    }
    // Travel times between all stops take a processor for a while.
    let asked = tokio::task::spawn_blocking(move || rounds.ask(wanted, now, limit)).await;
    asked.map_err(|panicked| Problem::internal(&panicked))?
}

fn dispatchable(row: OperationsRow) -> Result<Drop, Problem> {
    let why = match stopped_by(&row) {
        _ if row.status != Phase::AtHub => Some(format!("it is {}", row.status.as_str())),
        stopped => stopped,
    };
    match why {
        Some(why) => Err(Problem::conflict("not_dispatchable", why)),
        None => Ok(to_drop(row, false)),
    }
}

/// What a partner has still to deliver, in the order of its manifest.
async fn stops(app: &App, partner: &PartnerId, date: NaiveDate) -> Result<Vec<Drop>, Problem> {
    let manifest = manifests::current(app, partner, date).await?;
    let planned = manifest.into_iter().flat_map(|manifest| manifest.stops);
    let places: BTreeMap<ShipmentId, u32> = planned.map(|stop| (stop.shipment, stop.seq)).collect();
    let mut stops = on_board(app, partner).await?;
    stops.sort_by_key(|stop| places.get(&stop.shipment).copied().unwrap_or(u32::MAX));
    Ok(stops)
}

/// The rounds as they are: the partners, and how many of the stops each has.
#[derive(Debug, Default)]
struct Rounds {
    couriers: Vec<Courier>,
    lengths: Vec<usize>,
    drops: Vec<Drop>,
}

impl Rounds {
    fn ask(
        mut self,
        wanted: Drop,
        now: DateTime<Utc>,
        limit: usize,
    ) -> Result<Vec<OfferView>, Problem> {
        let job = JobIndex::new(self.drops.len());
        self.drops.push(wanted);
        let plan = self.plan(job);
        let batch = Batch::new(self.drops, self.couriers, now).map_err(invalid)?;
        let offers = Offers::new(&batch.problem, &plan).map_err(invalid)?;
        let best = offers.best(job, limit).map_err(invalid)?;
        Ok(best.iter().filter_map(|offer| view(&batch, offer)).collect())
    }

    fn plan(&self, wanted: JobIndex) -> Solution {
        let mut next = 0;
        let mut routes = Vec::with_capacity(self.lengths.len());
        for (vehicle, length) in self.lengths.iter().enumerate().filter(|(_, length)| **length > 0)
        {
            let jobs = (next..next + length).map(JobIndex::new).collect();
            routes.push(Route { vehicle: VehicleIndex::new(vehicle), jobs });
            next += length;
        }
        Solution { routes, unassigned: vec![wanted] }
    }
}

fn view(batch: &Batch, offer: &Offer) -> Option<OfferView> {
    let delays = offer.delays.iter().filter_map(|delay| {
        Some(DelayView {
            shipment: batch.drop(delay.job)?.shipment.clone(),
            by_s: delay.by.get(),
            slack_s: delay.slack.map(|slack| slack.get()),
        })
    });
    Some(OfferView {
        partner: batch.courier(offer.vehicle)?.partner.clone(),
        seq: offer.position + 1,
        opens_route: offer.opens_route,
        extra_travel_s: offer.extra_travel_time.get(),
        extra_distance_m: offer.extra_distance.get(),
        arrival: batch.time(offer.start),
        slack_s: offer.slack.map(|slack| slack.get()),
        delays: delays.collect(),
        finish: batch.time(offer.finish),
        finish_delay_s: offer.finish_delay.get(),
    })
}
