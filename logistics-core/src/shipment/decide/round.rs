//! Partners' rounds.

use super::{Context, Decision, check_at_hub, check_text, holder, not_in_hand, nothing, one};
use crate::shipment::command::{
    AssignToPartner, CancelReattempt, CommandKind, ScheduleReattempt, StartDelivery, Unassign,
};
use crate::shipment::custody::Custody;
use crate::shipment::event::{
    AssignedToPartner, OutForDelivery, ReattemptCancelled, ReattemptScheduled,
    UnassignedFromPartner,
};
use crate::shipment::phase::Phase;
use crate::shipment::rejection::ShipmentRejection;
use crate::shipment::state::ShipmentState;

/// Assigning again to the same round changes nothing, so that a dispatch run can be applied twice.
pub(super) fn assign(state: &ShipmentState, assignment: &AssignToPartner) -> Decision {
    let same_round = state.phase == Phase::Assigned
        && state.partner.as_ref() == Some(&assignment.partner)
        && state.date == Some(assignment.date);
    if same_round {
        return nothing();
    }
    check_at_hub(state, CommandKind::AssignToPartner)?;
    if let Some(allocation) = &state.carrier {
        let carrier = allocation.carrier.clone();
        return Err(ShipmentRejection::CarrierAllocated { carrier });
    }
    let AssignToPartner { partner, date, manifest_version, run } = assignment.clone();
    one(AssignedToPartner { partner, date, manifest_version, run })
}

pub(super) fn unassign(state: &ShipmentState, unassign: &Unassign) -> Decision {
    check_at_hub(state, CommandKind::Unassign)?;
    let partner = holder(state, CommandKind::Unassign, None)?;
    one(UnassignedFromPartner { partner, run: unassign.run.clone() })
}

fn check_attempts(state: &ShipmentState, context: &Context<'_>) -> Result<(), ShipmentRejection> {
    let (used, max) = (state.counted_attempts, context.policy.max_attempts);
    if used < max { Ok(()) } else { Err(ShipmentRejection::AttemptsExhausted { used, max }) }
}

pub(super) fn start(
    state: &ShipmentState,
    start: &StartDelivery,
    context: &Context<'_>,
) -> Decision {
    let partner = holder(state, CommandKind::StartDelivery, start.partner.as_ref())?;
    check_attempts(state, context)?;
    let attempt = state.attempts.saturating_add(1);
    one(OutForDelivery { partner, attempt, position: start.position, at: Some(context.now) })
}

pub(super) fn schedule(
    state: &ShipmentState,
    again: &ScheduleReattempt,
    context: &Context<'_>,
) -> Decision {
    let command = CommandKind::ScheduleReattempt;
    if !matches!(state.custody, Custody::Partner(_)) {
        return Err(not_in_hand(state, command));
    }
    let partner = holder(state, command, None)?;
    check_attempts(state, context)?;
    let date = again.date.or(state.date).unwrap_or_else(|| again.not_before.date_naive());
    let attempt = state.attempts.saturating_add(1);
    one(ReattemptScheduled { partner, attempt, date, not_before: again.not_before })
}

pub(super) fn cancel(state: &ShipmentState, cancel: &CancelReattempt) -> Decision {
    cancel.reason.as_ref().map_or(Ok(()), |reason| check_text("reason", reason))?;
    if state.reattempt.is_none() {
        return Err(ShipmentRejection::NoReattempt);
    }
    let partner = holder(state, CommandKind::CancelReattempt, None)?;
    one(ReattemptCancelled { partner, reason: cancel.reason.clone() })
}
