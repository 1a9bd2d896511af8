//! What an override asks of the shipments, as a message that leaves the store with it.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::event::{ManifestOverridden, OverrideReason};
use crate::eventsourcing::Actor;
use crate::ids::{PartnerId, ShipmentId};

/// What an override asks of the shipments. A manifest and a shipment are streams of their own: this
/// message is committed with the override, so that whoever carries it out cannot lose it. Carrying
/// it out twice must change nothing: partner, date and version together name the override.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OverrideNotice {
    /// The partner.
    pub partner: PartnerId,
    /// The local date.
    pub date: NaiveDate,
    /// The version of the manifest after the override.
    pub version: u32,
    /// The shipments that came into the round: they are to be assigned to the partner.
    pub added: Vec<ShipmentId>,
    /// The shipments that left the round: what did not start is to wait at its hub.
    pub removed: Vec<ShipmentId>,
    /// Why.
    pub reason_code: OverrideReason,
    /// Why, in the supervisor's words.
    pub justification: String,
    /// Who did it.
    pub actor: Actor,
}

impl OverrideNotice {
    /// The notice of this override.
    #[must_use]
    pub fn of(change: &ManifestOverridden) -> Self {
        let missing = |from: &[ShipmentId], other: &[ShipmentId]| {
            from.iter().filter(|id| !other.contains(id)).cloned().collect()
        };
        Self {
            partner: change.partner.clone(),
            date: change.date,
            version: change.version,
            added: missing(&change.after, &change.before),
            removed: missing(&change.before, &change.after),
            reason_code: change.reason_code,
            justification: change.justification.clone(),
            actor: change.actor.clone(),
        }
    }
}
