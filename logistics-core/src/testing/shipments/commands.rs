//! Any command.

use proptest::prelude::Strategy;
use proptest::sample::select;

use super::parts::{Parts, parts};
use crate::shipment::{
    AllocateCarrier, ApproveRetraction, AssignToPartner, Cancel, CancelReattempt, CloseDispute,
    CollectCod, CommandKind, ConfirmDelivery, ConfirmPickup, ConfirmRto, DeclareDamaged,
    DeclareFound, DeclareLost, DeliverPartially, DepartRto, EraseSubject, HandOver, Hold,
    IngestCarrierEvent, InitiateRto, LiftLegalHold, OpenDispute, PlaceLegalHold, RecordAttempt,
    RejectHandover, Release, Reschedule, RetractEvent, ScanInbound, ScanOutbound,
    ScheduleReattempt, ShipmentCommand, StartDelivery, Unassign, WaiveCod,
};

/// Any command with legal values, whether or not it is legal in any state.
pub fn any_command() -> impl Strategy<Value = ShipmentCommand> {
    (select(CommandKind::ALL), parts()).prop_map(|(kind, parts)| parts.command(kind))
}

impl Parts {
    /// The command of this kind.
    pub(super) fn command(self, kind: CommandKind) -> ShipmentCommand {
        use CommandKind as K;
        match kind {
            K::CreateShipment => self.order.into(),
            K::ConfirmPickup
            | K::ScanInbound
            | K::ScanOutbound
            | K::AssignToPartner
            | K::Unassign
            | K::StartDelivery
            | K::ScheduleReattempt
            | K::CancelReattempt => self.movement(kind),
            K::RecordAttempt | K::ConfirmDelivery | K::DeliverPartially | K::CollectCod => {
                self.at_the_door(kind)
            }
            K::AllocateCarrier | K::HandOver | K::RejectHandover | K::IngestCarrierEvent => {
                self.by_carrier(kind)
            }
            K::RetractEvent
            | K::ApproveRetraction
            | K::PlaceLegalHold
            | K::LiftLegalHold
            | K::OpenDispute
            | K::CloseDispute
            | K::EraseSubject => self.of_record(kind),
            K::WaiveCod => WaiveCod { reason: self.text }.into(),
            K::Reschedule => {
                Reschedule { promise: self.promise, requested_by: self.requested_by }.into()
            }
            K::Hold => Hold { reason: self.text }.into(),
            K::Release => Release { reason: self.flag.then_some(self.text) }.into(),
            K::InitiateRto => InitiateRto { cause: self.cause }.into(),
            K::DepartRto => DepartRto { waybill: self.flag.then_some(self.waybill) }.into(),
            K::ConfirmRto => ConfirmRto { position: self.position }.into(),
            K::Cancel => Cancel { reason: self.text }.into(),
            K::DeclareLost => DeclareLost { reason: self.text, evidence: self.evidence }.into(),
            K::DeclareDamaged => {
                DeclareDamaged { reason: self.text, evidence: self.evidence }.into()
            }
            K::DeclareFound => DeclareFound { hub: self.hub }.into(),
        }
    }

    fn movement(self, kind: CommandKind) -> ShipmentCommand {
        let Self { hub, other_hub, partner, by, date, run, position, number, .. } = self;
        match kind {
            CommandKind::ConfirmPickup => {
                let (pieces, weight_g) = (Some(self.order.pieces), self.order.weight_g);
                let hub = other_hub;
                ConfirmPickup { hub, partner: by, position, pieces, weight_g }.into()
            }
            CommandKind::ScanInbound => ScanInbound { hub }.into(),
            CommandKind::ScanOutbound => ScanOutbound { hub, to: other_hub }.into(),
            CommandKind::Unassign => Unassign { run }.into(),
            CommandKind::StartDelivery => StartDelivery { partner: by, position }.into(),
            CommandKind::ScheduleReattempt => {
                let date = self.flag.then_some(date);
                ScheduleReattempt { not_before: self.at, date }.into()
            }
            CommandKind::CancelReattempt => {
                CancelReattempt { reason: self.flag.then_some(self.text) }.into()
            }
            _ => {
                let manifest_version = self.flag.then_some(number);
                AssignToPartner { partner, date, manifest_version, run }.into()
            }
        }
    }

    fn at_the_door(self, kind: CommandKind) -> ShipmentCommand {
        let Self { by: partner, position, reason, proof, more_proofs, evidence, .. } = self;
        match kind {
            CommandKind::ConfirmDelivery => {
                let cod_collected = self.flag.then_some(self.money);
                ConfirmDelivery { proof, partner, position, cod_collected, more_proofs }.into()
            }
            CommandKind::DeliverPartially => {
                let reason = self.flag.then_some(reason);
                DeliverPartially { pieces: self.number, reason, partner, position }.into()
            }
            CommandKind::CollectCod => {
                let (amount, method, reference) = (self.money, self.method, self.reference);
                CollectCod { amount, method, reference, partner, position }.into()
            }
            _ => RecordAttempt { reason, partner, position, evidence }.into(),
        }
    }

    fn by_carrier(self, kind: CommandKind) -> ShipmentCommand {
        let Self { carrier, waybill, meaning, at, .. } = self;
        match kind {
            CommandKind::AllocateCarrier => AllocateCarrier { carrier, waybill }.into(),
            CommandKind::HandOver => HandOver { side: self.side, position: self.position }.into(),
            CommandKind::RejectHandover => RejectHandover { reason: self.text }.into(),
            _ => {
                let (code, proof) = (self.reference, self.flag.then_some(self.proof));
                IngestCarrierEvent { carrier, waybill, code, at, meaning, proof }.into()
            }
        }
    }

    fn of_record(self, kind: CommandKind) -> ShipmentCommand {
        let Self { reference, event_id, operator: by, .. } = self;
        match kind {
            CommandKind::RetractEvent => {
                let version = self.number.into();
                let (event_type, reason) = ("HubArrived".to_owned(), self.wrong);
                RetractEvent { event_id, version, event_type, reason, by }.into()
            }
            CommandKind::ApproveRetraction => ApproveRetraction { event_id, by }.into(),
            CommandKind::PlaceLegalHold => PlaceLegalHold { reference }.into(),
            CommandKind::LiftLegalHold => LiftLegalHold { reference }.into(),
            CommandKind::OpenDispute => OpenDispute { reference }.into(),
            CommandKind::CloseDispute => CloseDispute { reference }.into(),
            _ => EraseSubject { subject: self.subject }.into(),
        }
    }
}
