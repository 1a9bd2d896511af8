//! One command of each kind, whose content no guard objects to where one can help it.

use logistics_core::eventsourcing::EventId;
use logistics_core::privacy::Sealed;
use logistics_core::shipment::*;
use logistics_core::sla::Promise;
use logistics_core::values::Sha256Digest;
use logistics_core::{CarrierId, SubjectId, Waybill};

use crate::fixtures::{day, hub, inr, minute, order, partner, proof};

pub(crate) fn carrier(id: &str) -> CarrierId {
    CarrierId::new(id).unwrap()
}

pub(crate) fn waybill(id: &str) -> Waybill {
    Waybill::new(id).unwrap()
}

pub(crate) fn subject() -> SubjectId {
    SubjectId::new("subject-1").unwrap()
}

pub(crate) fn evidence() -> Evidence {
    Evidence { kind: EvidenceKind::Photo, digest: Sha256Digest::of("photo") }
}

/// The id of the event that this command of `version` would have made.
pub(crate) fn event_id(version: u64) -> EventId {
    let mut bytes = [7; 16];
    bytes[8..].copy_from_slice(&version.to_be_bytes());
    EventId::from_bytes(bytes)
}

pub(crate) fn promise(hour: u32) -> Promise {
    let time = |hour| chrono::NaiveTime::from_hms_opt(hour, 0, 0).unwrap();
    Promise::on_date("Asia/Kolkata", day(), time(hour), time(hour + 2)).unwrap()
}

/// Three pieces, cash on delivery, a consignee.
pub(crate) fn create() -> CreateShipment {
    let order = order();
    CreateShipment {
        pieces: 3,
        cod: Some(inr(49_900)),
        consignee: Sealed::new(subject(), *b"sealed").ok(),
        ..CreateShipment::new(order.id, order.client, order.destination)
    }
}

pub(crate) fn allocate(name: &str) -> AllocateCarrier {
    AllocateCarrier { carrier: carrier(name), waybill: waybill("W-1") }
}

pub(crate) fn scan(side: HandoverSide) -> HandOver {
    HandOver { side, position: None }
}

pub(crate) fn collect(amount_minor: u64, reference: &str) -> CollectCod {
    CollectCod {
        amount: inr(amount_minor),
        method: CodMethod::Cash,
        reference: reference.into(),
        partner: None,
        position: None,
    }
}

pub(crate) fn tell(code: &str, meaning: Option<CarrierMeaning>) -> IngestCarrierEvent {
    IngestCarrierEvent {
        carrier: carrier("C-1"),
        waybill: waybill("W-1"),
        code: code.into(),
        at: minute(1),
        meaning,
        proof: None,
    }
}

/// The retraction of the last event that moved it, by `by`.
pub(crate) fn retract(state: &ShipmentState, by: &str) -> RetractEvent {
    let version = state.before.as_ref().map_or(state.version, |before| before.version);
    RetractEvent {
        event_id: event_id(version),
        version,
        event_type: "HubArrived".into(),
        reason: RetractionReason::DidNotOccur,
        by: by.into(),
    }
}

/// A command of this kind, for a shipment in this state.
pub(crate) fn command(kind: CommandKind, state: &ShipmentState) -> ShipmentCommand {
    use CommandKind as K;
    let reason = || "because".to_owned();
    match kind {
        K::CreateShipment => create().into(),
        K::ConfirmPickup => ConfirmPickup::default().into(),
        K::ScanInbound => ScanInbound { hub: hub("HUB-1") }.into(),
        K::ScanOutbound => ScanOutbound { hub: hub("HUB-1"), to: None }.into(),
        K::AssignToPartner => assign("DP-2").into(),
        K::Unassign => Unassign::default().into(),
        K::StartDelivery => StartDelivery::default().into(),
        K::RecordAttempt => RecordAttempt::new(AttemptReason::Unavailable).into(),
        K::ConfirmDelivery => {
            let cod_collected = state.cod_due();
            ConfirmDelivery { cod_collected, ..ConfirmDelivery::new(proof()) }.into()
        }
        K::DeliverPartially => {
            DeliverPartially { pieces: 1, reason: None, partner: None, position: None }.into()
        }
        K::ScheduleReattempt => ScheduleReattempt { not_before: minute(60), date: None }.into(),
        K::CancelReattempt => CancelReattempt::default().into(),
        K::CollectCod => collect(9_900, "pay-2").into(),
        K::WaiveCod => WaiveCod { reason: reason() }.into(),
        K::Reschedule => {
            Reschedule { promise: promise(18), requested_by: RequestedBy::Consignee }.into()
        }
        K::Hold => Hold { reason: reason() }.into(),
        K::Release => Release::default().into(),
        K::AllocateCarrier => allocate("C-2").into(),
        K::HandOver => scan(HandoverSide::Taker).into(),
        K::RejectHandover => RejectHandover { reason: reason() }.into(),
        K::IngestCarrierEvent => tell("IT", Some(CarrierMeaning::InTransit)).into(),
        K::InitiateRto => InitiateRto { cause: RtoCause::ClientDecision }.into(),
        K::DepartRto => DepartRto::default().into(),
        K::ConfirmRto => ConfirmRto::default().into(),
        K::Cancel => Cancel { reason: reason() }.into(),
        K::DeclareLost => DeclareLost { reason: reason(), evidence: vec![evidence()] }.into(),
        K::DeclareDamaged => DeclareDamaged { reason: reason(), evidence: vec![evidence()] }.into(),
        K::DeclareFound => DeclareFound { hub: hub("HUB-1") }.into(),
        K::RetractEvent => retract(state, "op-1").into(),
        K::ApproveRetraction => {
            let RetractEvent { event_id, .. } = retract(state, "op-1");
            ApproveRetraction { event_id, by: "op-2".into() }.into()
        }
        K::PlaceLegalHold => PlaceLegalHold { reference: "file-7".into() }.into(),
        K::LiftLegalHold => LiftLegalHold { reference: "file-7".into() }.into(),
        K::OpenDispute => OpenDispute { reference: "claim-7".into() }.into(),
        K::CloseDispute => CloseDispute { reference: "claim-7".into() }.into(),
        K::EraseSubject => EraseSubject { subject: subject() }.into(),
    }
}

pub(crate) fn assign(to: &str) -> AssignToPartner {
    AssignToPartner { partner: partner(to), date: day(), manifest_version: None, run: None }
}
