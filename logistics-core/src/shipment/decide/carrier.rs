//! Other carriers.

use super::{
    CARRIER_EVENTS_MAX, Context, Decision, check_room, check_text, door, nothing, one, rto,
};
use crate::shipment::command::{
    AllocateCarrier, ConfirmDelivery, HandOver, IngestCarrierEvent, RejectHandover,
};
use crate::shipment::event::{
    CarrierAllocated, CarrierEventIngested, CarrierMeaning, Damaged, HandedOver, HandoverRejected,
    HandoverScanned, HandoverSide, Lost, RtoCause, RtoDelivered, RtoDeparted, ShipmentEvent,
};
use crate::shipment::phase::Phase;
use crate::shipment::proof::{Proof, ProofKind};
use crate::shipment::rejection::ShipmentRejection;
use crate::shipment::state::{Allocation, CarrierFact, ShipmentState};
use crate::values::Sha256Digest;

/// Why nothing follows from a report whose code nobody knows.
const UNKNOWN_CODE: &str = "unknown_code";

/// Choosing the same again changes nothing.
pub(super) fn allocate(state: &ShipmentState, choice: &AllocateCarrier) -> Vec<ShipmentEvent> {
    let AllocateCarrier { carrier, waybill } = choice.clone();
    let same = |known: &Allocation| known.carrier == carrier && known.waybill == waybill;
    if state.carrier.as_ref().is_some_and(same) {
        return Vec::new();
    }
    vec![CarrierAllocated { carrier, waybill, leg: state.leg }.into()]
}

/// It changes hands when both sides have scanned it. The same side again changes nothing.
pub(super) fn hand_over(state: &ShipmentState, scan: &HandOver) -> Decision {
    let allocation = state.carrier.as_ref().ok_or(ShipmentRejection::NoCarrier)?;
    let (done, other) = match scan.side {
        HandoverSide::Giver => (allocation.giver_scanned, allocation.taker_scanned),
        HandoverSide::Taker => (allocation.taker_scanned, allocation.giver_scanned),
    };
    if done {
        return nothing();
    }
    let mut events = vec![HandoverScanned { side: scan.side, position: scan.position }.into()];
    if other {
        let (to, waybill) = (allocation.carrier.clone(), allocation.waybill.clone());
        let handover = HandedOver { from: state.custody.clone(), to, waybill, leg: state.leg };
        events.push(handover.into());
    }
    Ok(events)
}

pub(super) fn reject(state: &ShipmentState, rejection: &RejectHandover) -> Decision {
    check_text("reason", &rejection.reason)?;
    let allocation = state.carrier.as_ref().ok_or(ShipmentRejection::NoCarrier)?;
    let (carrier, reason) = (allocation.carrier.clone(), rejection.reason.clone());
    one(HandoverRejected { carrier, reason })
}

/// Keeps what the carrier told, and draws the conclusion that the code allows.
pub(super) fn ingest(
    state: &ShipmentState,
    report: &IngestCarrierEvent,
    context: &Context<'_>,
) -> Decision {
    check_text("code", &report.code)?;
    let IngestCarrierEvent { carrier, waybill, code, at, meaning, .. } = report.clone();
    let known = |own: &Allocation| {
        own.carrier == carrier
            && (own.waybill == waybill || own.return_waybill.as_ref() == Some(&waybill))
    };
    if !state.carrier.as_ref().is_some_and(known) {
        return Err(ShipmentRejection::WrongWaybill { carrier, waybill });
    }
    let fact = CarrierFact { carrier, waybill, code, at };
    if state.carrier_facts.contains(&fact) {
        return nothing();
    }
    check_room("carrier events", state.carrier_facts.len(), CARRIER_EVENTS_MAX)?;
    let (follows, flag) = match meaning.map(|meaning| conclude(state, report, meaning, context)) {
        None => (Vec::new(), Some(UNKNOWN_CODE)),
        Some(Ok(events)) => (events, None),
        Some(Err(rejection)) => (Vec::new(), Some(rejection.code())),
    };
    let CarrierFact { carrier, waybill, code, at } = fact;
    let flag = flag.map(str::to_owned);
    let kept = CarrierEventIngested { carrier, waybill, leg: state.leg, code, at, meaning, flag };
    Ok(std::iter::once(kept.into()).chain(follows).collect())
}

/// What follows from a report. On its way back, what is delivered is delivered to the consignor,
/// under the same waybill.
fn conclude(
    state: &ShipmentState,
    report: &IngestCarrierEvent,
    meaning: CarrierMeaning,
    context: &Context<'_>,
) -> Decision {
    use CarrierMeaning as M;
    match meaning {
        M::InTransit | M::OutForDelivery | M::AttemptFailed => nothing(),
        M::Delivered if state.phase != Phase::RtoInTransit => {
            let digest = Some(Sha256Digest::of(&report.code));
            let word = Proof { kind: ProofKind::CarrierReport, digest };
            let delivery = ConfirmDelivery::new(report.proof.unwrap_or(word));
            door::confirm(state, &delivery, context)
        }
        M::Returning => Ok(on_the_way_back(state)),
        M::Delivered | M::Returned => {
            let mut events = on_the_way_back(state);
            let leg = returning_leg(state);
            events.push(RtoDelivered { leg, position: None }.into());
            Ok(events)
        }
        M::Lost => {
            let (last_holder, reason) = (state.custody.clone(), report.code.clone());
            one(Lost { last_holder, reason, evidence: Vec::new() })
        }
        M::Damaged => one(Damaged { reason: report.code.clone(), evidence: Vec::new() }),
    }
}

/// What is missing until it is on its way back: carriers do not tell each step.
fn on_the_way_back(state: &ShipmentState) -> Vec<ShipmentEvent> {
    let mut events = Vec::new();
    if state.phase == Phase::WithCarrier {
        events.push(rto::initiated(state, RtoCause::CarrierDecision, None, None).into());
    }
    if state.phase != Phase::RtoInTransit {
        events.push(RtoDeparted { leg: returning_leg(state), waybill: None }.into());
    }
    events
}

/// The leg of the way back that is under way, or of that which begins.
const fn returning_leg(state: &ShipmentState) -> u32 {
    match state.phase {
        Phase::WithCarrier => state.legs.saturating_add(1),
        _ => state.leg,
    }
}
