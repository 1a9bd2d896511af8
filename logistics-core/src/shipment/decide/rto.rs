//! Return to origin.

use chrono::{DateTime, Utc};

use super::{Context, Decision, door, not_in_hand, one};
use crate::shipment::command::{CommandKind, ConfirmRto, DepartRto, InitiateRto};
use crate::shipment::custody::Custody;
use crate::shipment::event::{RtoCause, RtoDelivered, RtoDeparted, RtoInitiated};
use crate::shipment::rejection::ShipmentRejection;
use crate::shipment::state::ShipmentState;

pub(super) fn initiate(
    state: &ShipmentState,
    start: &InitiateRto,
    context: &Context<'_>,
) -> Decision {
    let (used, max) = (state.counted_attempts, context.policy.max_attempts);
    if start.cause == RtoCause::AttemptsExhausted && used < max {
        return Err(ShipmentRejection::AttemptsLeft { used, max });
    }
    // Whoever has it for delivery may have handed it over without our knowing yet.
    let late_report_until = match state.custody {
        Custody::Partner(_) => state.late_report_until,
        Custody::Carrier(_) => Some(door::late_report_until(context)),
        _ => None,
    };
    one(initiated(state, start.cause, None, late_report_until))
}

/// The beginning of the next leg.
pub(super) const fn initiated(
    state: &ShipmentState,
    cause: RtoCause,
    reason: Option<String>,
    late_report_until: Option<DateTime<Utc>>,
) -> RtoInitiated {
    RtoInitiated { cause, leg: state.legs.saturating_add(1), reason, late_report_until }
}

pub(super) fn depart(state: &ShipmentState, departure: &DepartRto) -> Decision {
    if !matches!(state.custody, Custody::Hub(_) | Custody::Carrier(_)) {
        return Err(not_in_hand(state, CommandKind::DepartRto));
    }
    one(RtoDeparted { leg: state.leg, waybill: departure.waybill.clone() })
}

pub(super) fn confirm(state: &ShipmentState, arrival: &ConfirmRto) -> Decision {
    one(RtoDelivered { leg: state.leg, position: arrival.position })
}
