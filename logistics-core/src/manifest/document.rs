//! A manifest as partners' devices and the HTTP interface see it.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use super::state::Round;
use super::stop::TimeWindow;
use crate::ids::{PartnerId, RunId, ShipmentId};
use crate::partner::day_id;

/// A manifest as partners' devices and the HTTP interface see it. It tells all, so that the newest
/// one stands alone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ManifestDocument {
    /// `{partner}/{date}`.
    pub id: String,
    /// The partner.
    pub partner: PartnerId,
    /// The local date.
    pub date: NaiveDate,
    /// A device drops what is older than what it has.
    pub version: u32,
    /// The dispatch run that planned it last.
    pub run: Option<RunId>,
    /// Whether a person should look at it before the round starts.
    pub uncertain: bool,
    /// Why.
    pub doubts: Vec<String>,
    /// The stops, in the order of service.
    pub stops: Vec<ManifestDocumentStop>,
    /// Driving time of the round, in seconds.
    pub travel_s: u64,
    /// Length of the round, in metres.
    pub distance_m: u64,
}

/// One stop of a [`ManifestDocument`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ManifestDocumentStop {
    /// 1 for the first.
    pub seq: u32,
    /// The shipment.
    pub shipment: ShipmentId,
    /// Latitude, in degrees.
    pub lat: f64,
    /// Longitude, in degrees.
    pub lon: f64,
    /// The expected arrival.
    pub arrival: DateTime<Utc>,
    /// The expected departure.
    pub departure: DateTime<Utc>,
    /// How long the service takes, in seconds.
    pub service_s: u32,
    /// The window that was promised.
    pub window: Option<TimeWindow>,
    /// Where the shipment stands: `assigned` as published; whoever answers later fills in better.
    pub status: String,
    /// What a person should look at.
    pub doubts: Vec<String>,
}

impl ManifestDocument {
    /// `round` as it stands, every stop `assigned`.
    #[must_use]
    pub fn of(round: &Round) -> Self {
        let stops = (1..).zip(&round.stops).map(|(seq, stop)| ManifestDocumentStop {
            seq,
            shipment: stop.shipment.clone(),
            lat: stop.position.lat(),
            lon: stop.position.lon(),
            arrival: stop.arrival,
            departure: stop.departure,
            service_s: stop.service_s,
            window: stop.window,
            status: "assigned".to_owned(),
            doubts: stop.doubts.clone(),
        });
        Self {
            id: day_id(&round.partner, round.date),
            partner: round.partner.clone(),
            date: round.date,
            version: round.version,
            run: round.run.clone(),
            uncertain: round.is_uncertain(),
            doubts: round.doubts.clone(),
            stops: stops.collect(),
            travel_s: round.travel_s,
            distance_m: round.distance_m,
        }
    }
}
