//! A partner as callers and dashboards see it.

use chrono::{DateTime, NaiveDate, Utc};
use logistics_core::partner::Vehicle;
use logistics_core::telemetry::{Status, StatusPolicy, StatusReason};
use logistics_core::{PartnerId, ZoneId};
use serde::Serialize;

use super::board::Entry;

/// A partner: who, where, how.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub(crate) struct PartnerView {
    pub(crate) id: String,
    name: Option<String>,
    /// `two_wheeler` or `four_wheeler`.
    #[schema(value_type = String)]
    vehicle: Vehicle,
    /// `green`: on route; `amber`: idle; `red`: off route or a promise at risk; `grey`: offline.
    status: &'static str,
    /// Why.
    status_reason: &'static str,
    /// Null until the first fix.
    position: Option<PositionView>,
    /// The zones it is in.
    #[schema(value_type = Vec<String>)]
    pub(crate) zones: Vec<ZoneId>,
    /// 0 to 1.
    battery: Option<f64>,
    capacity: u32,
    /// Stops still to be made.
    on_board: usize,
    manifest: Option<ManifestView>,
}

/// Where a partner is.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
struct PositionView {
    lat: f64,
    lon: f64,
    /// Epoch milliseconds.
    ts: i64,
    accuracy_m: f64,
    speed_mps: Option<f64>,
    bearing_deg: Option<f64>,
}

/// How far a partner is with its manifest.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
struct ManifestView {
    date: NaiveDate,
    version: u64,
    stops: usize,
    done: usize,
}

impl PartnerView {
    pub(super) fn of(
        id: &PartnerId,
        entry: &Entry,
        now: DateTime<Utc>,
        policy: &StatusPolicy,
    ) -> Self {
        let (status, reason) = entry.live.status(now, policy);
        let last = entry.live.last();
        Self {
            id: id.to_string(),
            name: entry.profile.name.clone(),
            vehicle: entry.profile.vehicle,
            status: status_name(status),
            status_reason: reason_name(reason),
            position: last.map(|fix| PositionView {
                lat: fix.position.y(),
                lon: fix.position.x(),
                ts: fix.ts.timestamp_millis(),
                accuracy_m: fix.accuracy_m,
                speed_mps: fix.speed_mps,
                bearing_deg: fix.bearing_deg,
            }),
            zones: entry.zones(),
            battery: last.and_then(|fix| fix.battery),
            capacity: entry.profile.capacity,
            on_board: entry.on_board(),
            manifest: entry.plan.as_ref().map(|plan| ManifestView {
                date: plan.date,
                version: plan.version,
                stops: plan.total,
                done: plan.total.saturating_sub(plan.open.len()),
            }),
        }
    }
}

/// What a dashboard shows of a partner besides its position.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) status: &'static str,
    pub(crate) reason: &'static str,
    pub(crate) zones: Vec<ZoneId>,
    pub(crate) on_board: usize,
}

impl Seen {
    pub(super) fn of(entry: &Entry, now: DateTime<Utc>, policy: &StatusPolicy) -> Self {
        let (status, reason) = entry.live.status(now, policy);
        Self {
            status: status_name(status),
            reason: reason_name(reason),
            zones: entry.zones(),
            on_board: entry.on_board(),
        }
    }
}

pub(super) fn status_name(status: Status) -> &'static str {
    match status {
        Status::Green => "green",
        Status::Amber => "amber",
        Status::Red => "red",
        Status::Grey => "grey",
    }
}

fn reason_name(reason: StatusReason) -> &'static str {
    match reason {
        StatusReason::OnRoute => "on_route",
        StatusReason::Idle => "idle",
        StatusReason::OffRoute => "off_route",
        StatusReason::OutsideZones => "outside_zones",
        StatusReason::SlaAtRisk => "sla_at_risk",
        StatusReason::Silent => "silent",
        StatusReason::LinkLost => "link_lost",
        StatusReason::NeverSeen => "never_seen",
    }
}
