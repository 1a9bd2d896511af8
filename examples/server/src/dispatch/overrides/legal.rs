//! Which shipments may come into a round by hand, and which may leave it.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use logistics_core::manifest::{Round, STOPS_MAX};
use logistics_core::readmodel::{OperationsRow, ShipmentOperations};
use logistics_core::shipment::{Custody, Phase};
use logistics_core::{PartnerId, ShipmentId};

use super::super::batch::{Drop, Hold};
use super::super::collect::{stopped_by, to_drop};
use super::Change;
use crate::app::App;
use crate::http::Problem;

/// The stops of the new round, if every shipment that comes or goes may do so.
pub(super) async fn check(app: &App, round: &Round, change: &Change) -> Result<Vec<Drop>, Problem> {
    if change.date < app.date_of(app.now()) {
        return Err(Problem::conflict("past_date", format!("{} is over", change.date)));
    }
    if change.shipments.len() > STOPS_MAX {
        let detail = format!("{} stops, more than {STOPS_MAX}", change.shipments.len());
        return Err(Problem::unprocessable("too_many_stops", detail).about("shipments"));
    }
    let (mut named, mut drops) = (BTreeSet::new(), Vec::new());
    for (index, id) in change.shipments.iter().enumerate() {
        let about = |problem: Problem| problem.about(format!("shipments[{index}]"));
        if !named.insert(id) {
            let detail = format!("shipment {id} is named twice");
            return Err(about(Problem::unprocessable("duplicate_stop", detail)));
        }
        let Some(row) = row(app, id).await else {
            let detail = format!("there is no shipment {id}");
            return Err(about(Problem::unprocessable("unknown_shipment", detail)));
        };
        let hold = may_come(&row, &change.partner, change.date).map_err(|why| {
            about(Problem::conflict("not_dispatchable", format!("shipment {id} {why}")))
        })?;
        drops.push(to_drop(row, hold));
    }
    for id in round.shipments().iter().filter(|id| !named.contains(id)) {
        if let Some(why) = row(app, id).await.and_then(|row| stays(&row, &change.partner)) {
            let detail = format!("shipment {id} {why}: it cannot be left out");
            return Err(Problem::conflict("not_removable", detail).about("shipments"));
        }
    }
    Ok(drops)
}

/// The stops of a round that its partner has still to make.
pub(super) async fn still_open(
    app: &App,
    partner: &PartnerId,
    date: NaiveDate,
    shipments: &[ShipmentId],
) -> Vec<Drop> {
    let mut open = Vec::new();
    for id in shipments {
        let Some(row) = row(app, id).await else { continue };
        if is_own(&row, partner, date)
            && let Ok(hold) = may_come(&row, partner, date)
        {
            open.push(to_drop(row, hold));
        }
    }
    open
}

async fn row(app: &App, id: &ShipmentId) -> Option<OperationsRow> {
    app.row::<ShipmentOperations>(id.as_str()).await.flatten()
}

fn is_own(row: &OperationsRow, partner: &PartnerId, date: NaiveDate) -> bool {
    row.partner.as_ref() == Some(partner) && row.date == Some(date)
}

/// How firmly the shipment is with the partner already; or why it cannot be.
fn may_come(row: &OperationsRow, partner: &PartnerId, date: NaiveDate) -> Result<Hold, String> {
    let own = is_own(row, partner, date);
    match row.status {
        Phase::OutForDelivery if own => Ok(Hold::Out),
        Phase::Assigned if own => Ok(Hold::Tied),
        Phase::AtHub | Phase::Assigned => {
            if let Some(why) = stopped_by(row) {
                return Err(format!("is {why}"));
            }
            if !matches!(row.custody, Custody::Hub(_)) {
                return Err(format!("is in the hands of {}", row.custody));
            }
            match row.date.filter(|&other| row.status == Phase::Assigned && other != date) {
                Some(other) => Err(format!("is in a round of {other}")),
                None => Ok(Hold::Free),
            }
        }
        status => Err(format!("is {}", status.as_str())),
    }
}

/// Why a shipment of the round cannot leave it.
fn stays(row: &OperationsRow, partner: &PartnerId) -> Option<String> {
    let with_partner = !matches!(row.custody, Custody::Hub(_));
    let open = matches!(row.status, Phase::Assigned | Phase::OutForDelivery);
    (open && with_partner && row.partner.as_ref() == Some(partner))
        .then(|| format!("is with {partner} already"))
}
