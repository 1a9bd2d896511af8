//! Where a shipment was before it was moved: what a retraction takes it back to.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use super::custody::Custody;
use super::event::ShipmentEvent;
use super::phase::Phase;
use super::reason::AttemptReason;
use super::state::{Allocation, ShipmentState};
use crate::ids::{HubId, PartnerId};

/// Where a shipment was before the event that moved it last.
///
/// One step, not a history: once a later event has moved it, that says where it is, whatever becomes
/// of those before. Numbers of attempts and of ways back are not taken back, so that none is given
/// twice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Before {
    /// The version of the event that moved it.
    pub version: u64,
    phase: Phase,
    custody: Custody,
    hub: Option<HubId>,
    expected_hub: Option<HubId>,
    partner: Option<PartnerId>,
    date: Option<NaiveDate>,
    counted_attempts: u32,
    out_since: Option<DateTime<Utc>>,
    reattempt: Option<DateTime<Utc>>,
    last_reason: Option<AttemptReason>,
    late_report_until: Option<DateTime<Utc>>,
    late_report: bool,
    pieces_delivered: u32,
    /// Only where the event ended it.
    hold: Option<String>,
    carrier: Option<Allocation>,
    leg: u32,
}

impl Before {
    /// Where it is, for `event` to come; none where that moves nothing.
    pub(super) fn of(state: &ShipmentState, event: &ShipmentEvent) -> Option<Box<Self>> {
        moves(event).then(|| {
            Box::new(Self {
                version: state.version.saturating_add(1),
                phase: state.phase,
                custody: state.custody.clone(),
                hub: state.hub.clone(),
                expected_hub: state.expected_hub.clone(),
                partner: state.partner.clone(),
                date: state.date,
                counted_attempts: state.counted_attempts,
                out_since: state.out_since,
                reattempt: state.reattempt,
                last_reason: state.last_reason,
                late_report_until: state.late_report_until,
                late_report: state.late_report,
                pieces_delivered: state.pieces_delivered,
                hold: state.hold.clone(),
                carrier: state.carrier.clone(),
                leg: state.leg,
            })
        })
    }

    /// The same, once the event has made `state` of it.
    pub(super) fn followed_by(mut self: Box<Self>, state: &ShipmentState) -> Box<Self> {
        if state.hold.is_some() {
            self.hold = None;
        }
        self
    }

    /// Takes `state` back.
    pub(super) fn restore(self, state: ShipmentState) -> ShipmentState {
        ShipmentState {
            phase: self.phase,
            custody: self.custody,
            hub: self.hub,
            expected_hub: self.expected_hub,
            partner: self.partner,
            date: self.date,
            counted_attempts: self.counted_attempts,
            out_since: self.out_since,
            reattempt: self.reattempt,
            last_reason: self.last_reason,
            late_report_until: self.late_report_until,
            late_report: self.late_report,
            pieces_delivered: self.pieces_delivered,
            hold: state.hold.or(self.hold),
            carrier: self.carrier,
            leg: self.leg,
            before: None,
            ..state
        }
    }
}

/// Whether `event` says where the shipment is.
const fn moves(event: &ShipmentEvent) -> bool {
    matches!(
        event,
        ShipmentEvent::PickupConfirmed(_)
            | ShipmentEvent::HubArrived(_)
            | ShipmentEvent::HubDeparted(_)
            | ShipmentEvent::AssignedToPartner(_)
            | ShipmentEvent::UnassignedFromPartner(_)
            | ShipmentEvent::OutForDelivery(_)
            | ShipmentEvent::DeliveryAttempted(_)
            | ShipmentEvent::DeliveryConfirmed(_)
            | ShipmentEvent::PartiallyDelivered(_)
            | ShipmentEvent::ReattemptScheduled(_)
            | ShipmentEvent::ReattemptCancelled(_)
            | ShipmentEvent::HandedOver(_)
            | ShipmentEvent::RtoInitiated(_)
            | ShipmentEvent::RtoDeparted(_)
            | ShipmentEvent::RtoDelivered(_)
            | ShipmentEvent::Cancelled(_)
            | ShipmentEvent::Lost(_)
            | ShipmentEvent::Damaged(_)
            | ShipmentEvent::Found(_)
    )
}
