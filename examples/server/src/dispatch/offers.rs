//! Who could take one shipment more now: asked of the rounds as they are, without planning again.

use chrono::{DateTime, Utc};
use logistics_core::readmodel::{OperationsRow, ShipmentOperations};
use logistics_core::shipment::Phase;
use logistics_core::{PartnerId, ShipmentId};
use logistics_dispatch::offers::{Offer, Offers};
use serde::Serialize;

use super::batch::{Batch, Courier, Drop, Hold, Round};
use super::collect::{rounds, stopped_by, to_drop};
use super::divide::distance;
use super::{SHIPMENTS_MAX, invalid};
use crate::app::App;
use crate::http::Problem;

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

/// At most `limit` offers for a shipment at its hub, the best first, by partners whose position is
/// known; where they have more than a run takes, by the nearest of them. None: nobody can take it.
pub(crate) async fn offers(
    app: &App,
    shipment: &ShipmentId,
    limit: usize,
) -> Result<Vec<OfferView>, Problem> {
    let now = app.now();
    let row = app.row::<ShipmentOperations>(shipment.as_str()).await.flatten();
    let row = row.ok_or_else(|| Problem::not_found("shipment", shipment.as_str()))?;
    let wanted = dispatchable(row)?;
    let mut couriers = app.board.couriers(None, now);
    // A way from nowhere costs nothing: such an offer would always be the best.
    couriers.retain(|courier| courier.position.is_some());
    let near = |courier: &Courier| distance(wanted.position, courier.position.map(|(at, _)| at));
    couriers.sort_by(|a, b| near(a).total_cmp(&near(b)));
    let mut rounds = rounds(app, couriers, app.date_of(now), Hold::Tied).await?;
    let mut stops = 0;
    rounds.retain(|round| {
        stops += round.stops.len();
        stops < SHIPMENTS_MAX
    });
    // Travel times between all stops take a processor for a while.
    let asked = tokio::task::spawn_blocking(move || ask(rounds, wanted, now, limit)).await;
    asked.map_err(|panicked| Problem::internal(&panicked))?
}

fn dispatchable(row: OperationsRow) -> Result<Drop, Problem> {
    let elsewhere = (row.status != Phase::AtHub).then(|| format!("it is {}", row.status.as_str()));
    match elsewhere.or_else(|| stopped_by(&row)) {
        Some(why) => Err(Problem::conflict("not_dispatchable", why)),
        None => Ok(to_drop(row, Hold::Free)),
    }
}

fn ask(
    rounds: Vec<Round>,
    wanted: Drop,
    now: DateTime<Utc>,
    limit: usize,
) -> Result<Vec<OfferView>, Problem> {
    let batch = Batch::new(rounds, vec![wanted], now).map_err(invalid)?;
    let offers = Offers::new(&batch.problem, &batch.before).map_err(invalid)?;
    let Some(&job) = batch.before.unassigned.first() else { return Ok(Vec::new()) };
    let best = offers.best(job, limit).map_err(invalid)?;
    Ok(best.iter().filter_map(|offer| view(&batch, offer)).collect())
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
