//! What a round comes to in an order that somebody else has chosen: times, and what is wrong with it.

use chrono::{DateTime, Utc};
use logistics_core::manifest::Stop;
use logistics_core::{PartnerId, ShipmentId};
use logistics_dispatch::forecast::forecast;
use logistics_dispatch::{Violation, ViolationKind};
use serde::Serialize;

use super::super::batch::{Batch, Courier, Drop, Round};
use super::super::invalid;
use super::super::plan::stop;
use crate::app::App;
use crate::http::Problem;

/// A constraint that a round does not keep.
#[derive(Debug, PartialEq, Serialize, utoipa::ToSchema)]
pub(crate) struct ViolationView {
    /// The stop; null when it is about the whole round.
    #[schema(value_type = Option<String>)]
    shipment: Option<ShipmentId>,
    /// `window`, `shift_end`, `capacity` or `other`.
    constraint: &'static str,
    /// What is wrong, and by how much.
    detail: String,
}

/// What a round comes to.
#[derive(Debug, Default)]
pub(super) struct Outlook {
    pub(super) stops: Vec<Stop>,
    pub(super) travel_s: u64,
    pub(super) distance_m: u64,
    pub(super) violations: Vec<ViolationView>,
}

/// What it comes to if the partner makes these stops in this order from now on.
pub(super) async fn of(
    app: &App,
    partner: &PartnerId,
    stops: Vec<Drop>,
) -> Result<Outlook, Problem> {
    let courier = app.board.courier(partner);
    let courier = courier.ok_or_else(|| Problem::not_found("partner", partner.as_str()))?;
    let now = app.now();
    // Travel times between all stops take a processor for a while.
    let looked = tokio::task::spawn_blocking(move || look(courier, stops, now)).await;
    looked.map_err(|panicked| Problem::internal(&panicked))?
}

fn look(courier: Courier, stops: Vec<Drop>, now: DateTime<Utc>) -> Result<Outlook, Problem> {
    let round = Round { courier, stops, by_hand: 0 };
    let batch = Batch::new(vec![round], Vec::new(), now).map_err(invalid)?;
    let forecast = forecast(&batch.problem, &batch.before);
    let mut outlook = Outlook::default();
    for route in &forecast.routes {
        for time in route.stops.iter().map(|stop| stop.time) {
            let Some(drop) = batch.drop(time.job) else { continue };
            let (arrival, departure) = (batch.time(time.start), batch.time(time.departure));
            // Whoever overrides a plan has looked at it: no doubts are left.
            let made = stop(drop, arrival, departure, now);
            outlook.stops.extend(made.map(|stop| Stop { doubts: Vec::new(), ..stop }));
        }
        outlook.travel_s += u64::try_from(route.totals.travel_time.get()).unwrap_or_default();
        outlook.distance_m += u64::try_from(route.totals.distance.get()).unwrap_or_default();
    }
    outlook.violations = forecast.violations.iter().map(|found| view(&batch, found)).collect();
    outlook.violations.extend(batch.drops.iter().filter_map(|drop| passed(drop, now)));
    Ok(outlook)
}

fn view(batch: &Batch, violation: &Violation) -> ViolationView {
    let drop = violation.job.and_then(|job| batch.drop(job));
    ViolationView {
        shipment: drop.map(|drop| drop.shipment.clone()),
        constraint: match violation.kind {
            ViolationKind::Late(_) => "window",
            ViolationKind::ShiftEnd(_) => "shift_end",
            ViolationKind::Overload { .. } => "capacity",
            _ => "other",
        },
        detail: violation.kind.to_string(),
    }
}

/// The problem holds no window that has passed: nothing there could tell.
fn passed(drop: &Drop, now: DateTime<Utc>) -> Option<ViolationView> {
    let (_, end) = drop.window.filter(|&(_, end)| end <= now)?;
    let shipment = Some(drop.shipment.clone());
    Some(ViolationView { shipment, constraint: "window", detail: format!("it ended at {end}") })
}
