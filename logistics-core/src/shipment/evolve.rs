//! What an event makes of what is known of a shipment.

use super::event::ShipmentEvent;
use super::state::{Phase, ShipmentState};

/// Folds `event`. Believes every event: whether it was legal was decided before it was recorded.
pub(super) fn evolve(mut state: ShipmentState, event: &ShipmentEvent) -> ShipmentState {
    match event {
        ShipmentEvent::ShipmentCreated(order) => {
            state.phase = Phase::Created;
            state.order = Some(Box::new(order.clone()));
        }
        ShipmentEvent::PickupConfirmed(pickup) => {
            state.phase = Phase::PickedUp;
            state.expected_hub.clone_from(&pickup.hub);
        }
        // Where it should have been; the scan that follows says where it is.
        ShipmentEvent::Misrouted(_) => {}
        ShipmentEvent::HubArrived(scan) => {
            state.phase = Phase::AtHub;
            state.hub = Some(scan.hub.clone());
            state.expected_hub = Some(scan.hub.clone());
            state = released(state);
        }
        ShipmentEvent::HubDeparted(scan) => {
            state.phase = Phase::InTransit;
            state.hub = Some(scan.hub.clone());
            state.expected_hub.clone_from(&scan.to);
        }
        ShipmentEvent::AssignedToPartner(assignment) => {
            state.phase = Phase::Assigned;
            state.partner = Some(assignment.partner.clone());
            state.date = Some(assignment.date);
        }
        ShipmentEvent::UnassignedFromPartner(_) => {
            state.phase = Phase::AtHub;
            state = released(state);
        }
        ShipmentEvent::OutForDelivery(start) => {
            state.phase = Phase::OutForDelivery;
            state.partner = Some(start.partner.clone());
            state.attempts = start.attempt;
            state.last_reason = None;
        }
        ShipmentEvent::DeliveryAttempted(attempt) => {
            state.phase = Phase::AttemptFailed;
            state.last_reason = Some(attempt.reason);
            state.late_report_until = Some(attempt.late_report_until);
            if attempt.reason.counts_as_attempt() {
                state.counted_attempts = state.counted_attempts.saturating_add(1);
            }
        }
        ShipmentEvent::DeliveryConfirmed(delivery) => {
            state.phase = Phase::Delivered;
            state.partner = Some(delivery.partner.clone());
            state.late_report = delivery.late_report;
            state.late_report_until = None;
            state.last_reason = None;
        }
        ShipmentEvent::Cancelled(_) => state.phase = Phase::Cancelled,
    }
    state
}

/// No partner has it any more.
fn released(mut state: ShipmentState) -> ShipmentState {
    state.partner = None;
    state.date = None;
    state.late_report_until = None;
    state
}
