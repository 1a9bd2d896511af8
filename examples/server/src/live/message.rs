//! What the live feed says. The JSON is the contract with the dashboard.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use logistics_core::{PartnerId, ShipmentId, ZoneId};
use serde::Serialize;

/// One message of the live feed, without its revision.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "t", rename_all = "snake_case")]
pub(crate) enum Live {
    /// A partner moved.
    Pos {
        partner: PartnerId,
        lat: f64,
        lon: f64,
        /// Epoch milliseconds.
        ts: i64,
        speed_mps: Option<f64>,
        bearing_deg: Option<f64>,
    },
    /// A partner's status, zones or load changed.
    Status {
        partner: PartnerId,
        status: &'static str,
        reason: String,
        zones: Vec<ZoneId>,
        on_board: usize,
    },
    /// A partner crossed a zone border.
    Geofence {
        partner: PartnerId,
        from: Vec<ZoneId>,
        to: Vec<ZoneId>,
        at: DateTime<Utc>,
        lat: f64,
        lon: f64,
        city: String,
    },
    /// A shipment's status changed.
    Shipment { id: ShipmentId, status: String, partner: Option<PartnerId>, at: DateTime<Utc> },
    /// A partner has a new manifest.
    Manifest { partner: PartnerId, date: chrono::NaiveDate, version: u64, stops: usize },
    /// A city has new zones.
    Zones { city: String, version: u64 },
    /// The figures of the operations desk.
    Metric(Metrics),
}

/// The figures of the operations desk.
#[derive(Debug, Clone, Default, PartialEq, Serialize, utoipa::ToSchema)]
pub(crate) struct Metrics {
    /// Shipments by status.
    pub(crate) counts: BTreeMap<String, u64>,
    /// Delivered ÷ all stops on today's manifests; null without manifests.
    pub(crate) completion: Option<f64>,
    /// Stops whose ETA lies behind the end of their promise.
    pub(crate) predicted_breaches: u64,
    /// Partners on route ÷ partners on shift; null when nobody is.
    pub(crate) utilisation: Option<f64>,
    /// Partners by status.
    pub(crate) partners: BTreeMap<&'static str, u64>,
    /// Fixes stored a second, over the last interval.
    pub(crate) fixes_per_s: f64,
}

/// Who may see a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Scope {
    /// Every session.
    Everyone,
    /// Sessions that watch one of these zones, and those that watch all.
    Zones(Vec<ZoneId>),
}
