//! What an event makes of what is known of a shipment.

use chrono::DateTime;

use super::before::Before;
use super::custody::Custody;
use super::event::{
    CarrierEventIngested, CodCollected, DeliveryAttempted, DeliveryConfirmed, EventRetracted,
    HandedOver, HandoverScanned, HandoverSide, HubArrived, HubDeparted, OutForDelivery,
    PartiallyDelivered, RtoInitiated, ShipmentCreated, ShipmentEvent,
};
use super::phase::Phase;
use super::reason::AttemptReason;
use super::state::{Allocation, CarrierFact, Payment, ShipmentState};
use crate::ids::HubId;
use crate::values::Money;

/// Folds `event`. Believes every event: whether it was legal was decided before it was recorded.
pub(super) fn evolve(mut state: ShipmentState, event: &ShipmentEvent) -> ShipmentState {
    let before = Before::of(&state, event);
    state.version = state.version.saturating_add(1);
    let mut state = apply(state, event);
    if state.phase.is_terminal() {
        state.hold = None;
    }
    if let Some(before) = before {
        state.before = Some(before.followed_by(&state));
        state.retraction = None;
    }
    state
}

fn apply(mut state: ShipmentState, event: &ShipmentEvent) -> ShipmentState {
    use ShipmentEvent as E;
    match event {
        E::ShipmentCreated(order) => return created(state, order),
        E::DeliveryRescheduled(change) => state.rescheduled = Some(change.promise.clone()),
        E::Cancelled(_) => state.phase = Phase::Cancelled,
        E::PickupConfirmed(pickup) => {
            state.phase = Phase::PickedUp;
            state.custody = Custody::Partner(pickup.partner.clone());
            state.expected_hub.clone_from(&pickup.hub);
        }
        // Where it should have been; the scan that follows says where it is.
        E::Misrouted(_) => {}
        E::HubArrived(scan) => return hub_arrived(state, scan),
        E::HubDeparted(scan) => return hub_departed(state, scan),
        E::AssignedToPartner(assignment) => {
            state.phase = Phase::Assigned;
            state.partner = Some(assignment.partner.clone());
            state.date = Some(assignment.date);
        }
        E::UnassignedFromPartner(_) => {
            state.phase = Phase::AtHub;
            return released(state);
        }
        E::OutForDelivery(start) => return out_for_delivery(state, start),
        E::ReattemptScheduled(reattempt) => {
            state.phase = Phase::Assigned;
            state.date = Some(reattempt.date);
            state.reattempt = Some(reattempt.not_before);
        }
        E::ReattemptCancelled(_) => {
            state.phase = Phase::AttemptFailed;
            state.reattempt = None;
        }
        E::DeliveryAttempted(attempt) => return attempted(state, attempt),
        E::PartiallyDelivered(part) => return partially_delivered(state, part),
        E::DeliveryConfirmed(delivery) => return delivered(state, delivery),
        E::CodCollected(payment) => return paid(state, payment),
        E::CodWaived(_) => state.waived = Some(state.version),
        E::CarrierAllocated(_)
        | E::HandoverScanned(_)
        | E::HandedOver(_)
        | E::HandoverRejected(_)
        | E::CarrierEventIngested(_) => return carried(state, event),
        E::RtoInitiated(_) | E::RtoDeparted(_) | E::RtoDelivered(_) => {
            return returned(state, event);
        }
        E::Held(hold) => state.hold = Some(hold.reason.clone()),
        E::Released(_) => state.hold = None,
        E::Lost(_) => {
            state.phase = Phase::Lost;
            state.custody = Custody::Lost;
            return released(state);
        }
        E::Damaged(_) => {
            state.phase = Phase::Damaged;
            return released(state);
        }
        E::Found(found) => {
            state.phase = Phase::AtHub;
            state.carrier = None;
            return at_hub(state, &found.hub);
        }
        E::RetractionRequested(_)
        | E::EventRetracted(_)
        | E::LegalHoldPlaced(_)
        | E::LegalHoldLifted(_)
        | E::DisputeOpened(_)
        | E::DisputeClosed(_)
        | E::SubjectErased(_) => return noted(state, event),
    }
    state
}

fn created(mut state: ShipmentState, order: &ShipmentCreated) -> ShipmentState {
    state.phase = Phase::Created;
    state.custody = Custody::Consignor;
    state.order = Some(Box::new(order.clone()));
    (state.leg, state.legs) = (1, state.legs.max(1));
    state
}

/// What comes to a hub lies there, unless it is only passing through on its way back.
fn hub_arrived(mut state: ShipmentState, scan: &HubArrived) -> ShipmentState {
    if !matches!(state.phase, Phase::RtoPending | Phase::RtoInTransit) {
        state.phase = Phase::AtHub;
    }
    at_hub(state, &scan.hub)
}

fn at_hub(mut state: ShipmentState, hub: &HubId) -> ShipmentState {
    state.custody = Custody::Hub(hub.clone());
    state.hub = Some(hub.clone());
    state.expected_hub = Some(hub.clone());
    released(unscanned(state))
}

fn hub_departed(mut state: ShipmentState, scan: &HubDeparted) -> ShipmentState {
    state.phase = Phase::InTransit;
    state.custody = Custody::Hub(scan.hub.clone());
    state.hub = Some(scan.hub.clone());
    state.expected_hub.clone_from(&scan.to);
    unscanned(state)
}

/// A handover that began elsewhere begins again.
fn unscanned(mut state: ShipmentState) -> ShipmentState {
    if let Some(allocation) = &mut state.carrier {
        (allocation.giver_scanned, allocation.taker_scanned) = (false, false);
    }
    state
}

fn out_for_delivery(mut state: ShipmentState, start: &OutForDelivery) -> ShipmentState {
    state.phase = Phase::OutForDelivery;
    state.custody = Custody::Partner(Some(start.partner.clone()));
    state.partner = Some(start.partner.clone());
    state.attempts = start.attempt;
    state.out_since = Some(start.at.unwrap_or(DateTime::UNIX_EPOCH));
    state.reattempt = None;
    state.last_reason = None;
    state
}

fn attempted(mut state: ShipmentState, attempt: &DeliveryAttempted) -> ShipmentState {
    state.late_report_until = Some(attempt.late_report_until);
    failed(state, attempt.reason)
}

fn failed(mut state: ShipmentState, reason: AttemptReason) -> ShipmentState {
    state.phase = Phase::AttemptFailed;
    state.last_reason = Some(reason);
    state.out_since = None;
    if reason.counts_as_attempt() {
        state.counted_attempts = state.counted_attempts.saturating_add(1);
    }
    state
}

fn partially_delivered(mut state: ShipmentState, part: &PartiallyDelivered) -> ShipmentState {
    state.pieces_delivered = state.pieces_delivered.saturating_add(part.pieces);
    let Some(reason) = part.reason else { return state };
    state.late_report_until = part.late_report_until;
    failed(state, reason)
}

fn delivered(mut state: ShipmentState, delivery: &DeliveryConfirmed) -> ShipmentState {
    state.phase = Phase::Delivered;
    state.custody = Custody::Consignee;
    state.partner.clone_from(&delivery.partner);
    state.late_report = delivery.late_report;
    state.late_report_until = None;
    state.last_reason = None;
    state.out_since = None;
    state.pieces_delivered = state.order.as_ref().map_or(0, |order| order.pieces);
    match delivery.cod_collected {
        Some(amount) if amount.amount_minor > 0 => pay(state, None, amount),
        _ => state,
    }
}

fn paid(state: ShipmentState, payment: &CodCollected) -> ShipmentState {
    pay(state, Some(payment.reference.clone()), payment.amount)
}

fn pay(mut state: ShipmentState, reference: Option<String>, amount: Money) -> ShipmentState {
    state.payments.push(Payment { reference, amount, version: state.version });
    state
}

fn carried(mut state: ShipmentState, event: &ShipmentEvent) -> ShipmentState {
    match event {
        ShipmentEvent::CarrierAllocated(chosen) => {
            state.carrier = Some(Allocation {
                carrier: chosen.carrier.clone(),
                waybill: chosen.waybill.clone(),
                return_waybill: None,
                giver_scanned: false,
                taker_scanned: false,
            });
        }
        ShipmentEvent::HandoverScanned(HandoverScanned { side, .. }) => {
            if let Some(allocation) = &mut state.carrier {
                match side {
                    HandoverSide::Giver => allocation.giver_scanned = true,
                    HandoverSide::Taker => allocation.taker_scanned = true,
                }
            }
        }
        ShipmentEvent::HandedOver(handover) => return handed_over(state, handover),
        ShipmentEvent::HandoverRejected(_) => state.carrier = None,
        ShipmentEvent::CarrierEventIngested(CarrierEventIngested {
            carrier,
            waybill,
            code,
            at,
            ..
        }) => {
            let (carrier, waybill, code) = (carrier.clone(), waybill.clone(), code.clone());
            state.carrier_facts.insert(CarrierFact { carrier, waybill, code, at: *at });
        }
        _ => {}
    }
    state
}

fn handed_over(mut state: ShipmentState, handover: &HandedOver) -> ShipmentState {
    state.phase = Phase::WithCarrier;
    state.custody = Custody::Carrier(handover.to.clone());
    state.expected_hub = None;
    state.carrier = Some(Allocation {
        carrier: handover.to.clone(),
        waybill: handover.waybill.clone(),
        return_waybill: None,
        giver_scanned: true,
        taker_scanned: true,
    });
    released(state)
}

fn returned(mut state: ShipmentState, event: &ShipmentEvent) -> ShipmentState {
    match event {
        ShipmentEvent::RtoInitiated(start) => return rto_initiated(state, start),
        ShipmentEvent::RtoDeparted(departure) => {
            state.phase = Phase::RtoInTransit;
            state.late_report_until = None;
            if let Some(allocation) = &mut state.carrier {
                allocation.return_waybill.clone_from(&departure.waybill);
            }
        }
        ShipmentEvent::RtoDelivered(_) => {
            state.phase = Phase::RtoDelivered;
            state.custody = Custody::Consignor;
            return released(state);
        }
        _ => {}
    }
    state
}

fn rto_initiated(mut state: ShipmentState, start: &RtoInitiated) -> ShipmentState {
    state.phase = Phase::RtoPending;
    (state.leg, state.legs) = (start.leg, state.legs.max(start.leg));
    state.expected_hub = None;
    state.hold = None;
    if !matches!(state.custody, Custody::Carrier(_)) {
        state.carrier = None;
    }
    // A partner who has it may still report that it was handed over.
    if state.partner.is_some() && !matches!(state.custody, Custody::Partner(_)) {
        state = released(state);
    }
    state.reattempt = None;
    state.late_report_until = start.late_report_until;
    state
}

/// What changes only the record.
fn noted(mut state: ShipmentState, event: &ShipmentEvent) -> ShipmentState {
    match event {
        ShipmentEvent::RetractionRequested(request) => {
            state.retraction = Some(Box::new(request.clone()));
        }
        ShipmentEvent::EventRetracted(retraction) => return retracted(state, retraction),
        ShipmentEvent::LegalHoldPlaced(hold) => {
            state.legal_holds.insert(hold.reference.clone());
        }
        ShipmentEvent::LegalHoldLifted(hold) => {
            state.legal_holds.remove(&hold.reference);
        }
        ShipmentEvent::DisputeOpened(dispute) => {
            state.disputes.insert(dispute.reference.clone());
        }
        ShipmentEvent::DisputeClosed(dispute) => {
            state.disputes.remove(&dispute.reference);
        }
        ShipmentEvent::SubjectErased(erasure) => {
            let theirs = state.subject() == Some(&erasure.subject);
            if let Some(order) = state.order.as_mut().filter(|_| theirs) {
                order.consignee = None;
            }
            state.erased = Some(erasure.subject.clone());
        }
        _ => {}
    }
    state
}

fn retracted(mut state: ShipmentState, retraction: &EventRetracted) -> ShipmentState {
    let version = retraction.version;
    state.retracted.insert(version);
    state.retraction = None;
    state.payments.retain(|payment| payment.version != version);
    state.waived = state.waived.filter(|&waiver| waiver != version);
    match state.before.take() {
        Some(before) if before.version == version => before.restore(state),
        before => ShipmentState { before, ..state },
    }
}

/// No partner has it any more.
fn released(mut state: ShipmentState) -> ShipmentState {
    state.partner = None;
    state.date = None;
    state.out_since = None;
    state.reattempt = None;
    state.late_report_until = None;
    state
}
