//! The rows of the transition table.

use super::super::command::CommandKind;
use super::super::phase::Phase;
use super::{Outcome, Rule, Target};

/// Whatever is there and has not ended.
const LIVE: &[Phase] = &[
    Phase::Created,
    Phase::PickedUp,
    Phase::InTransit,
    Phase::AtHub,
    Phase::Assigned,
    Phase::OutForDelivery,
    Phase::AttemptFailed,
    Phase::WithCarrier,
    Phase::RtoPending,
    Phase::RtoInTransit,
];

/// Whatever has ended.
const ENDED: &[Phase] =
    &[Phase::Delivered, Phase::Cancelled, Phase::RtoDelivered, Phase::Lost, Phase::Damaged];

/// Whatever is there.
const ANY: &[Phase] = &[
    Phase::Created,
    Phase::PickedUp,
    Phase::InTransit,
    Phase::AtHub,
    Phase::Assigned,
    Phase::OutForDelivery,
    Phase::AttemptFailed,
    Phase::WithCarrier,
    Phase::RtoPending,
    Phase::RtoInTransit,
    Phase::Delivered,
    Phase::Cancelled,
    Phase::RtoDelivered,
    Phase::Lost,
    Phase::Damaged,
];

/// What every row has unless it says otherwise.
const ROW: Rule = Rule {
    command: CommandKind::CreateShipment,
    from: &[],
    from_hold: &[],
    stopped_by_hold: false,
    outcomes: &[],
    guard: "",
    aftership: "",
    epcis: "",
};

const fn to(event: &'static str, phase: Phase) -> Outcome {
    Outcome { event, from: &[], to: Target::Phase(phase) }
}

const fn stay(event: &'static str) -> Outcome {
    Outcome { event, from: &[], to: Target::Same }
}

const fn only(from: &'static [Phase], outcome: Outcome) -> Outcome {
    Outcome { from, ..outcome }
}

/// Every legal transition of a shipment. What is not here is refused.
pub const TABLE: &[Rule] = &[
    Rule {
        command: CommandKind::CreateShipment,
        from: &[Phase::Unknown],
        outcomes: &[to("ShipmentCreated", Phase::Created)],
        guard: "pieces, demand, weight and times within their limits",
        aftership: "InfoReceived",
        epcis: "commissioning",
        ..ROW
    },
    Rule {
        command: CommandKind::ConfirmPickup,
        from: &[Phase::Created],
        stopped_by_hold: true,
        outcomes: &[to("PickupConfirmed", Phase::PickedUp)],
        guard: "all pieces scanned; weight within its limit",
        aftership: "InTransit",
        epcis: "collecting",
        ..ROW
    },
    Rule {
        // From AttemptFailed: the partner brought it back. On the way back it stays on it.
        command: CommandKind::ScanInbound,
        from: &[
            Phase::PickedUp,
            Phase::InTransit,
            Phase::AtHub,
            Phase::AttemptFailed,
            Phase::RtoPending,
            Phase::RtoInTransit,
        ],
        outcomes: &[
            stay("Misrouted"),
            only(
                &[Phase::PickedUp, Phase::InTransit, Phase::AtHub, Phase::AttemptFailed],
                to("HubArrived", Phase::AtHub),
            ),
            only(&[Phase::RtoPending, Phase::RtoInTransit], stay("HubArrived")),
        ],
        guard: "no carrier has it; another hub than expected also records `Misrouted`",
        aftership: "InTransit",
        epcis: "arriving",
        ..ROW
    },
    Rule {
        // Not only from AtHub: a hub that missed the inbound scan must not be stuck.
        command: CommandKind::ScanOutbound,
        from: &[Phase::PickedUp, Phase::InTransit, Phase::AtHub],
        stopped_by_hold: true,
        outcomes: &[stay("Misrouted"), to("HubDeparted", Phase::InTransit)],
        guard: "another hub than expected also records `Misrouted`",
        aftership: "InTransit",
        epcis: "departing",
        ..ROW
    },
    Rule {
        command: CommandKind::AssignToPartner,
        from: &[Phase::AtHub, Phase::Assigned],
        stopped_by_hold: true,
        outcomes: &[to("AssignedToPartner", Phase::Assigned)],
        guard: "a hub has it; no carrier is allocated",
        epcis: "staging_outbound",
        ..ROW
    },
    Rule {
        command: CommandKind::Unassign,
        from: &[Phase::Assigned],
        outcomes: &[to("UnassignedFromPartner", Phase::AtHub)],
        guard: "a hub has it",
        ..ROW
    },
    Rule {
        command: CommandKind::StartDelivery,
        from: &[Phase::Assigned],
        stopped_by_hold: true,
        outcomes: &[to("OutForDelivery", Phase::OutForDelivery)],
        guard: "the assigned partner; an attempt is left",
        aftership: "OutForDelivery",
        epcis: "transporting",
        ..ROW
    },
    Rule {
        command: CommandKind::RecordAttempt,
        from: &[Phase::OutForDelivery],
        outcomes: &[to("DeliveryAttempted", Phase::AttemptFailed)],
        guard: "the assigned partner; too far from the destination marks it suspect",
        aftership: "AttemptFail",
        epcis: "extension",
        ..ROW
    },
    Rule {
        // From AttemptFailed and RtoPending: a report that came late overrules what was recorded.
        command: CommandKind::ConfirmDelivery,
        from: &[Phase::OutForDelivery, Phase::AttemptFailed, Phase::WithCarrier, Phase::RtoPending],
        outcomes: &[to("DeliveryConfirmed", Phase::Delivered)],
        guard: "whoever has it; the proofs demanded; cash settled; late only within the window \
                and before a hub has it again",
        aftership: "Delivered_001, _003, _004",
        epcis: "accepting",
        ..ROW
    },
    Rule {
        command: CommandKind::DeliverPartially,
        from: &[Phase::OutForDelivery],
        outcomes: &[stay("PartiallyDelivered"), to("PartiallyDelivered", Phase::AttemptFailed)],
        guard: "the assigned partner; some pieces, but not all that are left",
        aftership: "OutForDelivery, AttemptFail",
        epcis: "accepting",
        ..ROW
    },
    Rule {
        command: CommandKind::ScheduleReattempt,
        from: &[Phase::AttemptFailed],
        stopped_by_hold: true,
        outcomes: &[to("ReattemptScheduled", Phase::Assigned)],
        guard: "the partner still has it; an attempt is left",
        ..ROW
    },
    Rule {
        command: CommandKind::CancelReattempt,
        from: &[Phase::Assigned],
        outcomes: &[to("ReattemptCancelled", Phase::AttemptFailed)],
        guard: "a reattempt is scheduled",
        ..ROW
    },
    Rule {
        command: CommandKind::CollectCod,
        from: &[Phase::OutForDelivery, Phase::WithCarrier],
        outcomes: &[stay("CodCollected")],
        guard: "whoever has it; not more than is due; the same payment changes nothing",
        aftership: "Delivered_004",
        ..ROW
    },
    Rule {
        command: CommandKind::WaiveCod,
        from: &[Phase::OutForDelivery, Phase::WithCarrier],
        outcomes: &[stay("CodWaived")],
        guard: "something is due",
        ..ROW
    },
    Rule {
        command: CommandKind::Reschedule,
        from: &[
            Phase::Created,
            Phase::PickedUp,
            Phase::InTransit,
            Phase::AtHub,
            Phase::Assigned,
            Phase::OutForDelivery,
            Phase::AttemptFailed,
        ],
        outcomes: &[stay("DeliveryRescheduled")],
        guard: "the promise ends in the future; the first one is kept",
        ..ROW
    },
    Rule {
        command: CommandKind::Hold,
        from: LIVE,
        outcomes: &[stay("Held")],
        guard: "a reason",
        aftership: "Exception_006",
        epcis: "holding",
        ..ROW
    },
    Rule { command: CommandKind::Release, from: LIVE, outcomes: &[stay("Released")], ..ROW },
    Rule {
        command: CommandKind::AllocateCarrier,
        from: &[Phase::Created, Phase::AtHub],
        stopped_by_hold: true,
        outcomes: &[stay("CarrierAllocated")],
        epcis: "shipping",
        ..ROW
    },
    Rule {
        command: CommandKind::HandOver,
        from: &[Phase::Created, Phase::AtHub],
        stopped_by_hold: true,
        outcomes: &[stay("HandoverScanned"), to("HandedOver", Phase::WithCarrier)],
        guard: "a carrier is allocated; it changes hands when both sides have scanned it",
        aftership: "InTransit",
        epcis: "shipping",
        ..ROW
    },
    Rule {
        command: CommandKind::RejectHandover,
        from: &[Phase::Created, Phase::AtHub],
        outcomes: &[stay("HandoverRejected")],
        guard: "a carrier is allocated",
        aftership: "Exception",
        ..ROW
    },
    Rule {
        command: CommandKind::IngestCarrierEvent,
        from: &[Phase::WithCarrier, Phase::RtoPending, Phase::RtoInTransit],
        outcomes: &[
            stay("CarrierEventIngested"),
            only(
                &[Phase::WithCarrier, Phase::RtoPending],
                to("DeliveryConfirmed", Phase::Delivered),
            ),
            only(&[Phase::WithCarrier], to("RtoInitiated", Phase::RtoPending)),
            only(&[Phase::WithCarrier, Phase::RtoPending], to("RtoDeparted", Phase::RtoInTransit)),
            to("RtoDelivered", Phase::RtoDelivered),
            to("Lost", Phase::Lost),
            to("Damaged", Phase::Damaged),
        ],
        guard: "the carrier that has it, its waybill; the same report changes nothing; an unknown \
                code is kept and flagged",
        aftership: "as the code is mapped",
        epcis: "as the code is mapped",
        ..ROW
    },
    Rule {
        command: CommandKind::InitiateRto,
        from: &[Phase::AtHub, Phase::AttemptFailed, Phase::WithCarrier],
        from_hold: &[Phase::PickedUp, Phase::InTransit, Phase::Assigned],
        outcomes: &[to("RtoInitiated", Phase::RtoPending)],
        guard: "attempts used up, or somebody's decision; a new leg; ends a hold",
        aftership: "Exception_010",
        ..ROW
    },
    Rule {
        command: CommandKind::DepartRto,
        from: &[Phase::RtoPending],
        stopped_by_hold: true,
        outcomes: &[to("RtoDeparted", Phase::RtoInTransit)],
        guard: "a hub or a carrier has it",
        aftership: "Exception_010",
        epcis: "departing",
        ..ROW
    },
    Rule {
        command: CommandKind::ConfirmRto,
        from: &[Phase::RtoInTransit],
        outcomes: &[to("RtoDelivered", Phase::RtoDelivered)],
        aftership: "Exception_011",
        epcis: "disposition: returned",
        ..ROW
    },
    Rule {
        // What was picked up must go back.
        command: CommandKind::Cancel,
        from: &[Phase::Created, Phase::PickedUp, Phase::InTransit, Phase::AtHub],
        outcomes: &[
            only(&[Phase::Created], to("Cancelled", Phase::Cancelled)),
            only(
                &[Phase::PickedUp, Phase::InTransit, Phase::AtHub],
                to("RtoInitiated", Phase::RtoPending),
            ),
        ],
        guard: "a reason",
        aftership: "Exception_020",
        epcis: "void_shipping",
        ..ROW
    },
    Rule {
        command: CommandKind::DeclareLost,
        from: LIVE,
        outcomes: &[to("Lost", Phase::Lost)],
        guard: "a reason and evidence",
        aftership: "Exception_013",
        epcis: "disposition: unknown",
        ..ROW
    },
    Rule {
        command: CommandKind::DeclareDamaged,
        from: LIVE,
        outcomes: &[to("Damaged", Phase::Damaged)],
        guard: "a reason and evidence",
        aftership: "Exception_012",
        epcis: "disposition: damaged",
        ..ROW
    },
    Rule {
        command: CommandKind::DeclareFound,
        from: &[Phase::Lost],
        outcomes: &[to("Found", Phase::AtHub)],
        aftership: "InTransit",
        epcis: "arriving",
        ..ROW
    },
    Rule {
        command: CommandKind::RetractEvent,
        from: ANY,
        outcomes: &[
            only(LIVE, Outcome { event: "EventRetracted", from: &[], to: Target::Before }),
            only(ENDED, stay("RetractionRequested")),
        ],
        guard: "a recorded event, not the first, no retraction and no erasure; nothing is removed",
        epcis: "errorDeclaration",
        ..ROW
    },
    Rule {
        command: CommandKind::ApproveRetraction,
        from: ENDED,
        outcomes: &[Outcome { event: "EventRetracted", from: &[], to: Target::Before }],
        guard: "the retraction that was asked for; by another operator",
        epcis: "errorDeclaration",
        ..ROW
    },
    Rule {
        command: CommandKind::PlaceLegalHold,
        from: ANY,
        outcomes: &[stay("LegalHoldPlaced")],
        ..ROW
    },
    Rule {
        command: CommandKind::LiftLegalHold,
        from: ANY,
        outcomes: &[stay("LegalHoldLifted")],
        guard: "placed before",
        ..ROW
    },
    Rule {
        command: CommandKind::OpenDispute,
        from: ANY,
        outcomes: &[stay("DisputeOpened")],
        ..ROW
    },
    Rule {
        command: CommandKind::CloseDispute,
        from: ANY,
        outcomes: &[stay("DisputeClosed")],
        guard: "opened before",
        ..ROW
    },
    Rule {
        command: CommandKind::EraseSubject,
        from: ANY,
        outcomes: &[stay("SubjectErased")],
        guard: "the shipment's own subject; no legal hold, no open dispute",
        ..ROW
    },
];
