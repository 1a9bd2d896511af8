//! The words of rejections: what is legal where, said to a person.

use std::fmt;

use super::super::command::CommandKind;
use super::super::phase::Phase;
use super::super::table;
use crate::values::Money;

pub(super) struct Words(pub(super) Phase);

impl fmt::Display for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.as_str())
    }
}

pub(super) struct Sources(pub(super) CommandKind);

impl fmt::Display for Sources {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match table::sources(self.0) {
            [Phase::Unknown] => f.write_str("for a new shipment"),
            phases => {
                f.write_str("from ")?;
                join(f, phases.iter().map(|phase| phase.as_str()))
            }
        }
    }
}

/// What is legal in a phase and moves the shipment on.
pub(super) struct Legal(pub(super) Phase);

impl fmt::Display for Legal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        join(f, table::legal_commands(self.0, false).map(CommandKind::as_str))
    }
}

pub(super) struct Collected<'a>(pub(super) &'a Option<Money>);

impl fmt::Display for Collected<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(money) => fmt::Display::fmt(money, f),
            None => f.write_str("nothing"),
        }
    }
}

fn join<'a>(f: &mut fmt::Formatter<'_>, words: impl Iterator<Item = &'a str>) -> fmt::Result {
    for (i, word) in words.enumerate() {
        if i > 0 {
            f.write_str(", ")?;
        }
        f.write_str(word)?;
    }
    Ok(())
}

/// Says what is missing for the command, or why nothing can be done any more.
pub(super) const fn transition_code(phase: Phase, command: CommandKind) -> &'static str {
    use CommandKind as C;
    match (phase, command) {
        (_, C::CreateShipment) => "already_created",
        (Phase::Unknown, _) => "unknown_shipment",
        (_, C::DeclareFound) => "not_lost",
        (_, C::ApproveRetraction) => "no_retraction_requested",
        (Phase::Delivered, _) => "already_delivered",
        (Phase::Cancelled, _) => "already_cancelled",
        (Phase::RtoDelivered, _) => "already_returned",
        (Phase::Lost, _) => "lost",
        (Phase::Damaged, _) => "damaged",
        (_, C::ConfirmPickup) => "already_picked_up",
        (Phase::Created, C::ScanInbound | C::ScanOutbound) => "not_picked_up",
        (_, C::ScanInbound | C::ScanOutbound) => "not_in_network",
        (_, C::AssignToPartner | C::AllocateCarrier | C::HandOver | C::RejectHandover) => {
            "not_at_hub"
        }
        (_, C::Unassign | C::StartDelivery | C::CancelReattempt) => "not_assigned",
        (
            _,
            C::RecordAttempt
            | C::ConfirmDelivery
            | C::DeliverPartially
            | C::CollectCod
            | C::WaiveCod,
        ) => "not_out_for_delivery",
        (_, C::ScheduleReattempt) => "no_failed_attempt",
        (_, C::Reschedule) => "no_promise_to_move",
        (_, C::IngestCarrierEvent) => "not_with_carrier",
        (Phase::RtoPending | Phase::RtoInTransit, C::InitiateRto) => "already_returning",
        (_, C::InitiateRto) => "not_returnable",
        (_, C::DepartRto | C::ConfirmRto) => "not_returning",
        (_, C::Cancel) => "not_cancellable",
        // These are legal in every phase but those above.
        (
            _,
            C::Hold
            | C::Release
            | C::DeclareLost
            | C::DeclareDamaged
            | C::RetractEvent
            | C::PlaceLegalHold
            | C::LiftLegalHold
            | C::OpenDispute
            | C::CloseDispute
            | C::EraseSubject,
        ) => "illegal",
    }
}
