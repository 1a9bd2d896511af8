//! What is known of a manifest after folding its events.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::event::ManifestEvent;
use super::stop::Stop;
use crate::ids::{PartnerId, RunId, ShipmentId};
use crate::transitions::words;

/// A partner's round on a local date, as it stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Round {
    /// The partner.
    pub partner: PartnerId,
    /// The local date.
    pub date: NaiveDate,
    /// How often it was planned or changed.
    pub version: u32,
    /// The run that planned it last; none for a round that no run planned.
    pub run: Option<RunId>,
    /// The stops, in the order of service.
    pub stops: Vec<Stop>,
    /// Driving time, in seconds.
    pub travel_s: u64,
    /// Length, in metres.
    pub distance_m: u64,
    /// What a person should look at before the round starts.
    pub doubts: Vec<String>,
    /// The stops that a person has put in order, and no run in another one since.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub by_hand: Vec<ShipmentId>,
}

impl Round {
    /// Whether a person should look at it before it starts.
    #[must_use]
    pub fn is_uncertain(&self) -> bool {
        !self.doubts.is_empty() || self.stops.iter().any(|stop| !stop.doubts.is_empty())
    }

    /// The shipments, in the order of service.
    #[must_use]
    pub fn shipments(&self) -> Vec<ShipmentId> {
        shipments(&self.stops)
    }

    /// The round after `event`, which may be its first.
    #[must_use]
    pub fn after(round: Option<Self>, event: &ManifestEvent) -> Self {
        match event.clone() {
            ManifestEvent::ManifestPlanned(plan) => Self {
                by_hand: kept(round.map(|round| round.by_hand), &plan.stops),
                partner: plan.partner,
                date: plan.date,
                version: plan.version,
                run: Some(plan.run),
                stops: plan.stops,
                travel_s: plan.travel_s,
                distance_m: plan.distance_m,
                doubts: plan.doubts,
            },
            ManifestEvent::ManifestOverridden(change) => Self {
                partner: change.partner,
                date: change.date,
                version: change.version,
                by_hand: change.after,
                run: round.and_then(|round| round.run),
                stops: change.stops,
                travel_s: change.travel_s,
                distance_m: change.distance_m,
                // A person has looked at it.
                doubts: Vec::new(),
            },
        }
    }
}

/// Of stops put in order by a person those that a plan still has, if it leaves them in that order.
fn kept(by_hand: Option<Vec<ShipmentId>>, stops: &[Stop]) -> Vec<ShipmentId> {
    let mut by_hand = by_hand.unwrap_or_default();
    let planned: BTreeSet<_> = stops.iter().map(|stop| &stop.shipment).collect();
    by_hand.retain(|shipment| planned.contains(shipment));
    let chosen: BTreeSet<_> = by_hand.iter().collect();
    let in_order = stops.iter().map(|stop| &stop.shipment).filter(|id| chosen.contains(id));
    if in_order.eq(&by_hand) { by_hand } else { Vec::new() }
}

/// The shipments of `stops`, in the order of service.
pub(super) fn shipments(stops: &[Stop]) -> Vec<ShipmentId> {
    stops.iter().map(|stop| stop.shipment.clone()).collect()
}

words! {
    /// Where a manifest stands.
    #[derive(Default)]
    pub enum ManifestPhase {
        /// There is no round yet.
        #[default]
        Unplanned "unplanned",
        /// There is a round; it can be planned anew and overridden.
        Planned "planned",
    }
}

/// What is known of a manifest.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ManifestState {
    /// The round; none before it is planned.
    pub round: Option<Round>,
    /// All runs that planned it.
    pub runs: BTreeSet<RunId>,
}

impl ManifestState {
    /// Where it stands.
    #[must_use]
    pub const fn phase(&self) -> ManifestPhase {
        match self.round {
            None => ManifestPhase::Unplanned,
            Some(_) => ManifestPhase::Planned,
        }
    }
}
