//! Where a shipment can be, and commands that bring it there.

use logistics_core::eventsourcing::{DecideContext, Decider, Occurred};
use logistics_core::shipment::*;

use super::commands::{allocate, assign, collect, command, create, retract, scan};
use crate::fixtures::{hub, minute, partner};

/// A place: a phase, and what else decides what may follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    Unknown,
    Created,
    CreatedAllocated,
    CreatedScanned,
    PickedUp,
    InTransit,
    AtHub,
    AtHubAllocated,
    AtHubScanned,
    Assigned,
    /// A reattempt is scheduled: the partner has it.
    AssignedAgain,
    Out,
    OutPaid,
    AttemptFailed,
    WithCarrier,
    RtoAtHub,
    RtoWithPartner,
    RtoWithCarrier,
    ReturningByHub,
    ReturningByCarrier,
    Delivered,
    /// An operator asked to retract the delivery.
    DeliveredAsked,
    Cancelled,
    RtoDelivered,
    Lost,
    Damaged,
}

/// Decides and folds, and panics where it is refused.
pub(crate) fn live(state: ShipmentState, command: &ShipmentCommand) -> ShipmentState {
    let events = decide(&state, command).unwrap_or_else(|error| panic!("{command:?}: {error}"));
    events.iter().fold(state, Shipment::evolve)
}

pub(crate) fn decide(
    state: &ShipmentState,
    command: &ShipmentCommand,
) -> Result<Vec<ShipmentEvent>, ShipmentRejection> {
    let (now, policy) = (minute(0), ShipmentPolicy::default());
    let context = DecideContext { now, occurred: Occurred::observed(now), policy: &policy };
    Shipment::decide(state, command, &context)
}

impl Place {
    /// A shipment at this place.
    pub(crate) fn state(self) -> ShipmentState {
        let then = |before: Self, kind| {
            let state = before.state();
            let command = command(kind, &state);
            live(state, &command)
        };
        match self {
            Self::Unknown => ShipmentState::default(),
            Self::Created => live(ShipmentState::default(), &create().into()),
            Self::CreatedAllocated => live(Self::Created.state(), &allocate("C-1").into()),
            Self::CreatedScanned => {
                live(Self::CreatedAllocated.state(), &scan(HandoverSide::Giver).into())
            }
            Self::PickedUp => {
                let by = ConfirmPickup { partner: Some(partner("DP-9")), ..Default::default() };
                live(Self::Created.state(), &by.into())
            }
            Self::InTransit => then(Self::AtHub, CommandKind::ScanOutbound),
            Self::AtHub => live(Self::PickedUp.state(), &ScanInbound { hub: hub("HUB-1") }.into()),
            Self::AtHubAllocated => live(Self::AtHub.state(), &allocate("C-1").into()),
            Self::AtHubScanned => {
                live(Self::AtHubAllocated.state(), &scan(HandoverSide::Giver).into())
            }
            Self::Assigned => live(Self::AtHub.state(), &assign("DP-1").into()),
            Self::AssignedAgain => then(Self::AttemptFailed, CommandKind::ScheduleReattempt),
            Self::Out => then(Self::Assigned, CommandKind::StartDelivery),
            Self::OutPaid => live(Self::Out.state(), &collect(49_900, "pay-1").into()),
            Self::AttemptFailed => then(Self::Out, CommandKind::RecordAttempt),
            Self::WithCarrier => {
                live(Self::AtHubScanned.state(), &scan(HandoverSide::Taker).into())
            }
            Self::RtoAtHub => then(Self::AtHub, CommandKind::InitiateRto),
            Self::RtoWithPartner => then(Self::AttemptFailed, CommandKind::InitiateRto),
            Self::RtoWithCarrier => then(Self::WithCarrier, CommandKind::InitiateRto),
            Self::ReturningByHub => then(Self::RtoAtHub, CommandKind::DepartRto),
            Self::ReturningByCarrier => then(Self::RtoWithCarrier, CommandKind::DepartRto),
            Self::Delivered => then(Self::Out, CommandKind::ConfirmDelivery),
            Self::DeliveredAsked => {
                let state = Self::Delivered.state();
                let asked = retract(&state, "op-1");
                live(state, &asked.into())
            }
            Self::Cancelled => then(Self::Created, CommandKind::Cancel),
            Self::RtoDelivered => then(Self::ReturningByHub, CommandKind::ConfirmRto),
            Self::Lost => then(Self::Out, CommandKind::DeclareLost),
            Self::Damaged => then(Self::Out, CommandKind::DeclareDamaged),
        }
    }

    /// The same, on hold.
    pub(crate) fn on_hold(self) -> ShipmentState {
        live(self.state(), &Hold { reason: "customs".into() }.into())
    }
}
