//! Any event.

use proptest::prelude::Strategy;

use super::parts::{Parts, parts};
use crate::shipment::{
    AssignedToPartner, Cancelled, CarrierAllocated, CarrierEventIngested, CodCollected, CodWaived,
    Custody, Damaged, DeliveryAttempted, DeliveryConfirmed, DeliveryRescheduled, DisputeClosed,
    DisputeOpened, EventRetracted, Found, HandedOver, HandoverRejected, HandoverScanned, Held,
    HubArrived, HubDeparted, LegalHoldLifted, LegalHoldPlaced, Lost, Misrouted, OutForDelivery,
    PartiallyDelivered, PickupConfirmed, ReattemptCancelled, ReattemptScheduled, Released,
    RetractionRequested, RtoDelivered, RtoDeparted, RtoInitiated, ShipmentCreated, ShipmentEvent,
    SubjectErased, UnassignedFromPartner,
};

/// Makes one event of the parts.
type Make = fn(Parts) -> ShipmentEvent;

const MAKE: &[Make] = &[
    created,
    attempted,
    delivered,
    custody_lost,
    ingested,
    retracted,
    |p| Cancelled { reason: p.text }.into(),
    |p| DeliveryRescheduled { promise: p.promise, requested_by: p.requested_by }.into(),
    |p| {
        let (pieces, weight_g) = (p.flag.then_some(p.number), p.order.weight_g);
        PickupConfirmed { hub: p.other_hub, partner: p.by, position: p.position, pieces, weight_g }
            .into()
    },
    |p| HubArrived { hub: p.hub }.into(),
    |p| HubDeparted { hub: p.hub, to: p.other_hub }.into(),
    |p| Misrouted { expected: p.other_hub.unwrap_or_else(|| p.hub.clone()), found: p.hub }.into(),
    |p| {
        let manifest_version = p.flag.then_some(p.number);
        AssignedToPartner { partner: p.partner, date: p.date, manifest_version, run: p.run }.into()
    },
    |p| UnassignedFromPartner { partner: p.partner, run: p.run }.into(),
    |p| {
        let (position, at) = (p.position, p.flag.then_some(p.at));
        OutForDelivery { partner: p.partner, attempt: p.number, position, at }.into()
    },
    |p| {
        let (attempt, not_before) = (p.number, p.at);
        ReattemptScheduled { partner: p.partner, attempt, date: p.date, not_before }.into()
    },
    |p| ReattemptCancelled { partner: p.partner, reason: p.flag.then_some(p.text) }.into(),
    |p| {
        PartiallyDelivered {
            partner: p.partner,
            attempt: p.number,
            pieces: p.order.pieces,
            reason: p.flag.then_some(p.reason),
            position: p.position,
            late_report_until: p.flag.then_some(p.at),
        }
        .into()
    },
    |p| {
        CodCollected {
            amount: p.money,
            method: p.method,
            reference: p.reference,
            partner: p.by,
            carrier: p.flag.then_some(p.carrier),
            position: p.position,
        }
        .into()
    },
    |p| CodWaived { amount: p.money, reason: p.text }.into(),
    |p| CarrierAllocated { carrier: p.carrier, waybill: p.waybill, leg: p.number }.into(),
    |p| HandoverScanned { side: p.side, position: p.position }.into(),
    |p| {
        let from = Custody::Hub(p.hub);
        HandedOver { from, to: p.carrier, waybill: p.waybill, leg: p.number }.into()
    },
    |p| HandoverRejected { carrier: p.carrier, reason: p.text }.into(),
    |p| {
        let (reason, late_report_until) = (p.flag.then_some(p.text), p.flag.then_some(p.at));
        RtoInitiated { cause: p.cause, leg: p.number, reason, late_report_until }.into()
    },
    |p| RtoDeparted { leg: p.number, waybill: p.flag.then_some(p.waybill) }.into(),
    |p| RtoDelivered { leg: p.number, position: p.position }.into(),
    |p| Held { reason: p.text }.into(),
    |p| Released { reason: p.flag.then_some(p.text) }.into(),
    |p| Damaged { reason: p.text, evidence: p.evidence }.into(),
    |p| Found { hub: p.hub }.into(),
    |p| LegalHoldPlaced { reference: p.reference }.into(),
    |p| LegalHoldLifted { reference: p.reference }.into(),
    |p| DisputeOpened { reference: p.reference }.into(),
    |p| DisputeClosed { reference: p.reference }.into(),
    |p| SubjectErased { subject: p.subject }.into(),
    |p| {
        let (event_id, version, reason) = (p.event_id, p.number.into(), p.wrong);
        RetractionRequested { event_id, version, event_type: p.text, reason, by: p.operator }.into()
    },
];

/// Any event, whether or not it could come next in any history.
pub fn any_event() -> impl Strategy<Value = ShipmentEvent> {
    (0..MAKE.len(), parts()).prop_map(|(index, parts)| MAKE[index](parts))
}

fn created(parts: Parts) -> ShipmentEvent {
    let order = parts.order;
    ShipmentCreated {
        id: order.id,
        client: order.client,
        reference: order.reference,
        pieces: order.pieces,
        weight_g: order.weight_g,
        demand: order.demand,
        service_s: order.service_s,
        destination: order.destination,
        hub: order.hub,
        promise: order.promise,
        cod: order.cod,
        tracking_token_hash: order.tracking_token_hash,
        proofs: order.proofs,
        otp_digest: order.otp_digest,
        consignee: order.consignee,
        at: parts.flag.then_some(parts.at),
    }
    .into()
}

fn attempted(parts: Parts) -> ShipmentEvent {
    DeliveryAttempted {
        partner: parts.partner,
        attempt: parts.number,
        reason: parts.reason,
        position: parts.position,
        late_report_until: parts.at,
        evidence: parts.evidence,
        distance_m: parts.flag.then_some(parts.number),
        suspect: parts.flag,
    }
    .into()
}

fn delivered(parts: Parts) -> ShipmentEvent {
    DeliveryConfirmed {
        carrier: parts.by.is_none().then_some(parts.carrier),
        partner: parts.by,
        attempt: parts.number,
        proof: parts.proof,
        position: parts.position,
        cod_collected: parts.flag.then_some(parts.money),
        late_report: parts.flag,
        more_proofs: parts.more_proofs,
    }
    .into()
}

fn custody_lost(parts: Parts) -> ShipmentEvent {
    let last_holder = match parts.number {
        0 => Custody::Consignor,
        1 => Custody::Hub(parts.hub),
        2 => Custody::Partner(parts.by),
        3 => Custody::Carrier(parts.carrier),
        4 => Custody::Consignee,
        _ => Custody::Lost,
    };
    Lost { last_holder, reason: parts.text, evidence: parts.evidence }.into()
}

fn ingested(parts: Parts) -> ShipmentEvent {
    CarrierEventIngested {
        carrier: parts.carrier,
        waybill: parts.waybill,
        leg: parts.number,
        code: parts.reference,
        at: parts.at,
        meaning: parts.meaning,
        flag: parts.meaning.is_none().then(|| "unknown_code".to_owned()),
    }
    .into()
}

fn retracted(parts: Parts) -> ShipmentEvent {
    EventRetracted {
        event_id: parts.event_id,
        version: parts.number.into(),
        event_type: parts.text,
        reason: parts.wrong,
        by: parts.operator,
        approved_by: parts.flag.then_some(parts.reference),
    }
    .into()
}
