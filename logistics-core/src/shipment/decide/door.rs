//! What happens at the door.

use chrono::{DateTime, Utc};

use super::{Context, Decision, cash, check_count, holder, not_in_hand, one};
use crate::ids::{CarrierId, PartnerId};
use crate::shipment::command::{CommandKind, ConfirmDelivery, DeliverPartially, RecordAttempt};
use crate::shipment::custody::Custody;
use crate::shipment::event::{DeliveryAttempted, DeliveryConfirmed, PartiallyDelivered};
use crate::shipment::phase::Phase;
use crate::shipment::proof::{Proof, ProofKind};
use crate::shipment::rejection::ShipmentRejection;
use crate::shipment::state::ShipmentState;
use crate::telemetry::distance_m;
use crate::values::GeoPosition;

pub(super) fn fail(
    state: &ShipmentState,
    attempt: &RecordAttempt,
    context: &Context<'_>,
) -> Decision {
    let partner = holder(state, CommandKind::RecordAttempt, attempt.partner.as_ref())?;
    check_count("evidence", attempt.evidence.len())?;
    let distance_m = attempt.position.and_then(|from| distance_from_door(state, &from));
    // What the device itself is unsure of is not held against the partner.
    let unsure_m = attempt.position.and_then(|at| at.accuracy_m()).map_or(0, whole_metres);
    let reach_m = context.policy.attempt_radius_m.saturating_add(unsure_m);
    one(DeliveryAttempted {
        partner,
        attempt: state.attempts,
        reason: attempt.reason,
        position: attempt.position,
        late_report_until: late_report_until(context),
        evidence: attempt.evidence.clone(),
        distance_m,
        suspect: distance_m.is_some_and(|distance_m| distance_m > reach_m),
    })
}

/// Until when a delivery may be reported late for what is recorded now.
pub(super) fn late_report_until(context: &Context<'_>) -> DateTime<Utc> {
    let until = context.now.checked_add_signed(context.policy.late_report_window);
    until.unwrap_or(context.now)
}

fn distance_from_door(state: &ShipmentState, from: &GeoPosition) -> Option<u32> {
    let door = state.order.as_ref()?.destination.position();
    Some(whole_metres(distance_m(from.point(), door.point())))
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped to the range; not a number becomes 0"
)]
fn whole_metres(metres: f64) -> u32 {
    metres.clamp(0.0, f64::from(u32::MAX)).round() as u32
}

pub(super) fn confirm(
    state: &ShipmentState,
    delivery: &ConfirmDelivery,
    context: &Context<'_>,
) -> Decision {
    let by = delivery.partner.as_ref();
    let (partner, carrier) = deliverer(state, CommandKind::ConfirmDelivery, by)?;
    let late_report = matches!(state.phase, Phase::AttemptFailed | Phase::RtoPending);
    if late_report && let Some(until) = state.late_report_until.filter(|&end| context.now > end) {
        return Err(ShipmentRejection::LateReportClosed { until });
    }
    check_proofs(state, delivery)?;
    cash::settle(state.cod_due(), delivery.cod_collected)?;
    one(DeliveryConfirmed {
        partner,
        carrier,
        attempt: state.attempts,
        proof: delivery.proof,
        position: delivery.position,
        cod_collected: delivery.cod_collected,
        late_report,
        more_proofs: delivery.more_proofs.clone(),
    })
}

/// The partner or the carrier that has it for delivery, if that is who reports.
///
/// Once a hub has it again, or it is on its way back, nobody can have handed it over.
pub(super) fn deliverer(
    state: &ShipmentState,
    command: CommandKind,
    reported_by: Option<&PartnerId>,
) -> Result<(Option<PartnerId>, Option<CarrierId>), ShipmentRejection> {
    match (&state.custody, reported_by) {
        (Custody::Partner(_), _) => Ok((Some(holder(state, command, reported_by)?), None)),
        (Custody::Carrier(carrier), None) => Ok((None, Some(carrier.clone()))),
        _ => Err(not_in_hand(state, command)),
    }
}

/// Whether the proofs are those that the client demands.
fn check_proofs(
    state: &ShipmentState,
    delivery: &ConfirmDelivery,
) -> Result<(), ShipmentRejection> {
    check_count("more_proofs", delivery.more_proofs.len())?;
    let Some(order) = &state.order else { return Ok(()) };
    let proofs = || std::iter::once(&delivery.proof).chain(&delivery.more_proofs);
    let shown = |kind| proofs().any(|proof: &Proof| proof.kind == kind && proof.digest.is_some());
    if let Some(&kind) = order.proofs.iter().find(|&&kind| !shown(kind)) {
        return Err(ShipmentRejection::ProofMissing { kind });
    }
    let told = proofs().filter(|proof| proof.kind == ProofKind::Otp);
    let wrong = |proof: &Proof| order.otp_digest.is_some() && proof.digest != order.otp_digest;
    if told.into_iter().any(wrong) { Err(ShipmentRejection::OtpMismatch) } else { Ok(()) }
}

pub(super) fn deliver_part(
    state: &ShipmentState,
    part: &DeliverPartially,
    context: &Context<'_>,
) -> Decision {
    let partner = holder(state, CommandKind::DeliverPartially, part.partner.as_ref())?;
    let left = state.pieces_left();
    if part.pieces == 0 || part.pieces >= left {
        return Err(ShipmentRejection::NotAPart { left, found: part.pieces });
    }
    one(PartiallyDelivered {
        partner,
        attempt: state.attempts,
        pieces: part.pieces,
        reason: part.reason,
        position: part.position,
        late_report_until: part.reason.map(|_| late_report_until(context)),
    })
}
