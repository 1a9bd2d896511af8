//! What a command to a shipment leads to.

use super::CATEGORY;
use super::command::{
    AssignToPartner, ConfirmDelivery, CreateShipment, RecordAttempt, ScanInbound, ScanOutbound,
    ShipmentCommand, StartDelivery, Unassign,
};
use super::event::{
    AssignedToPartner, Cancelled, DeliveryAttempted, DeliveryConfirmed, HubArrived, HubDeparted,
    Misrouted, OutForDelivery, PickupConfirmed, ShipmentCreated, ShipmentEvent,
    UnassignedFromPartner,
};
use super::policy::ShipmentPolicy;
use super::rejection::ShipmentRejection;
use super::state::{Phase, ShipmentState};
use super::{evolve, table};
use crate::eventsourcing::{DecideContext, Decider};
use crate::ids::{HubId, PartnerId};
use crate::values::Money;

/// Most pieces of one shipment.
pub const PIECES_MAX: u32 = 10_000;
/// Greatest weight of one shipment, in grams.
pub const WEIGHT_G_MAX: u32 = 100_000_000;
/// Greatest demand of one shipment, in capacity units.
pub const DEMAND_MAX: u32 = 1_000_000;
/// Longest service at one door, in seconds.
pub const SERVICE_S_MAX: u32 = 86_400;
/// Longest free text of a command, in bytes.
pub const TEXT_BYTES_MAX: usize = 256;

/// The shipment as a decider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shipment;

type Decision = Result<Vec<ShipmentEvent>, ShipmentRejection>;
type Context<'a> = DecideContext<'a, ShipmentPolicy>;

impl Decider for Shipment {
    const CATEGORY: &'static str = CATEGORY;
    type Command = ShipmentCommand;
    type Event = ShipmentEvent;
    type State = ShipmentState;
    type Rejection = ShipmentRejection;
    type Policy = ShipmentPolicy;

    fn decide(state: &ShipmentState, command: &ShipmentCommand, context: &Context<'_>) -> Decision {
        if table::next_phase(state.phase, command.kind()).is_none() {
            return Err(illegal(state, command));
        }
        match command {
            ShipmentCommand::CreateShipment(order) => create(order),
            ShipmentCommand::ConfirmPickup(pickup) => one(PickupConfirmed {
                hub: pickup.hub.clone(),
                partner: pickup.partner.clone(),
                position: pickup.position,
            }),
            ShipmentCommand::ScanInbound(scan) => Ok(scan_inbound(state, scan)),
            ShipmentCommand::ScanOutbound(scan) => Ok(scan_outbound(state, scan)),
            ShipmentCommand::AssignToPartner(assignment) => Ok(assign(state, assignment)),
            ShipmentCommand::Unassign(Unassign { run }) => {
                let partner = holder(state, command, None)?;
                one(UnassignedFromPartner { partner, run: run.clone() })
            }
            ShipmentCommand::StartDelivery(start) => start_delivery(
                state,
                start,
                holder(state, command, start.partner.as_ref())?,
                context,
            ),
            ShipmentCommand::RecordAttempt(attempt) => {
                let partner = holder(state, command, attempt.partner.as_ref())?;
                record_attempt(state, attempt, partner, context)
            }
            ShipmentCommand::ConfirmDelivery(delivery) => {
                let partner = holder(state, command, delivery.partner.as_ref())?;
                confirm_delivery(state, delivery, partner, context)
            }
            ShipmentCommand::Cancel(cancel) => {
                text("reason", &cancel.reason)?;
                one(Cancelled { reason: cancel.reason.clone() })
            }
        }
    }

    fn evolve(state: ShipmentState, event: &ShipmentEvent) -> ShipmentState {
        evolve::evolve(state, event)
    }
}

fn one(event: impl Into<ShipmentEvent>) -> Decision {
    Ok(vec![event.into()])
}

fn illegal(state: &ShipmentState, command: &ShipmentCommand) -> ShipmentRejection {
    ShipmentRejection::IllegalTransition { phase: state.phase, command: command.kind() }
}

/// The partner who has it, if that is who reports.
fn holder(
    state: &ShipmentState,
    command: &ShipmentCommand,
    reported_by: Option<&PartnerId>,
) -> Result<PartnerId, ShipmentRejection> {
    let assigned = state.partner.as_ref().ok_or_else(|| illegal(state, command))?;
    match reported_by {
        Some(found) if found != assigned => Err(ShipmentRejection::WrongPartner {
            assigned: assigned.clone(),
            found: found.clone(),
        }),
        _ => Ok(assigned.clone()),
    }
}

fn text(field: &'static str, text: &str) -> Result<(), ShipmentRejection> {
    let bytes = text.len();
    if (1..=TEXT_BYTES_MAX).contains(&bytes) {
        Ok(())
    } else {
        Err(ShipmentRejection::TextLength { field, bytes, bytes_max: TEXT_BYTES_MAX })
    }
}

fn range(field: &'static str, found: u32, min: u32, max: u32) -> Result<(), ShipmentRejection> {
    if (min..=max).contains(&found) {
        Ok(())
    } else {
        let (found, min, max) = (found.into(), min.into(), max.into());
        Err(ShipmentRejection::OutOfRange { field, found, min, max })
    }
}

fn create(order: &CreateShipment) -> Decision {
    range("pieces", order.pieces, 1, PIECES_MAX)?;
    range("weight_g", order.weight_g.unwrap_or(0), 0, WEIGHT_G_MAX)?;
    range("demand", order.demand, 1, DEMAND_MAX)?;
    range("service_s", order.service_s, 0, SERVICE_S_MAX)?;
    order.reference.as_ref().map_or(Ok(()), |reference| text("reference", reference))?;
    one(ShipmentCreated {
        id: order.id.clone(),
        client: order.client.clone(),
        reference: order.reference.clone(),
        pieces: order.pieces,
        weight_g: order.weight_g,
        demand: order.demand,
        service_s: order.service_s,
        destination: order.destination,
        hub: order.hub.clone(),
        promise: order.promise.clone(),
        cod: order.cod,
        tracking_token_hash: order.tracking_token_hash,
    })
}

/// A scan away from where it should be is recorded as such, and then believed.
fn misrouted(state: &ShipmentState, found: &HubId) -> Option<ShipmentEvent> {
    let expected = state.expected_hub.clone().filter(|expected| expected != found)?;
    Some(Misrouted { expected, found: found.clone() }.into())
}

fn scan_inbound(state: &ShipmentState, scan: &ScanInbound) -> Vec<ShipmentEvent> {
    let arrived = HubArrived { hub: scan.hub.clone() }.into();
    misrouted(state, &scan.hub).into_iter().chain([arrived]).collect()
}

fn scan_outbound(state: &ShipmentState, scan: &ScanOutbound) -> Vec<ShipmentEvent> {
    let departed = HubDeparted { hub: scan.hub.clone(), to: scan.to.clone() }.into();
    misrouted(state, &scan.hub).into_iter().chain([departed]).collect()
}

/// Assigning again to the same round changes nothing, so that a dispatch run can be applied twice.
fn assign(state: &ShipmentState, assignment: &AssignToPartner) -> Vec<ShipmentEvent> {
    let same_round = state.phase == Phase::Assigned
        && state.partner.as_ref() == Some(&assignment.partner)
        && state.date == Some(assignment.date);
    if same_round {
        return Vec::new();
    }
    let AssignToPartner { partner, date, manifest_version, run } = assignment.clone();
    vec![AssignedToPartner { partner, date, manifest_version, run }.into()]
}

fn start_delivery(
    state: &ShipmentState,
    start: &StartDelivery,
    partner: PartnerId,
    context: &Context<'_>,
) -> Decision {
    let (used, max) = (state.counted_attempts, context.policy.max_attempts);
    if used >= max {
        return Err(ShipmentRejection::AttemptsExhausted { used, max });
    }
    let attempt = state.attempts.saturating_add(1);
    one(OutForDelivery { partner, attempt, position: start.position })
}

fn record_attempt(
    state: &ShipmentState,
    attempt: &RecordAttempt,
    partner: PartnerId,
    context: &Context<'_>,
) -> Decision {
    let until = context.now.checked_add_signed(context.policy.late_report_window);
    one(DeliveryAttempted {
        partner,
        attempt: state.attempts,
        reason: attempt.reason,
        position: attempt.position,
        late_report_until: until.unwrap_or(context.now),
    })
}

fn confirm_delivery(
    state: &ShipmentState,
    delivery: &ConfirmDelivery,
    partner: PartnerId,
    context: &Context<'_>,
) -> Decision {
    let late_report = state.phase == Phase::AttemptFailed;
    if late_report && let Some(until) = state.late_report_until.filter(|&end| context.now > end) {
        return Err(ShipmentRejection::LateReportClosed { until });
    }
    let due = state.order.as_ref().and_then(|order| order.cod);
    settle(due, delivery.cod_collected)?;
    one(DeliveryConfirmed {
        partner,
        attempt: state.attempts,
        proof: delivery.proof,
        position: delivery.position,
        cod_collected: delivery.cod_collected,
        late_report,
    })
}

/// What was collected must be what is due. An amount of nothing is the same as none.
fn settle(due: Option<Money>, collected: Option<Money>) -> Result<(), ShipmentRejection> {
    let some = |money: Option<Money>| money.filter(|money| money.amount_minor > 0);
    match (some(due), some(collected)) {
        (None, None) => Ok(()),
        (None, Some(collected)) => Err(ShipmentRejection::CodNotDue { collected }),
        (Some(due), paid) if paid == Some(due) => Ok(()),
        (Some(due), collected) => Err(ShipmentRejection::CodNotSettled { due, collected }),
    }
}
