//! Orders.

use super::{
    Context, DEMAND_MAX, Decision, PIECES_MAX, SERVICE_S_MAX, WEIGHT_G_MAX, check_count,
    check_range, check_text, nothing, one, rto,
};
use crate::shipment::command::{Cancel, CreateShipment, Reschedule};
use crate::shipment::event::{Cancelled, DeliveryRescheduled, RtoCause, ShipmentCreated};
use crate::shipment::phase::Phase;
use crate::shipment::rejection::ShipmentRejection;
use crate::shipment::state::ShipmentState;

pub(super) fn create(order: &CreateShipment, context: &Context<'_>) -> Decision {
    check_range("pieces", order.pieces, 1, PIECES_MAX)?;
    check_range("weight_g", order.weight_g.unwrap_or(0), 0, WEIGHT_G_MAX)?;
    check_range("demand", order.demand, 1, DEMAND_MAX)?;
    check_range("service_s", order.service_s, 0, SERVICE_S_MAX)?;
    order.reference.as_ref().map_or(Ok(()), |reference| check_text("reference", reference))?;
    check_count("proofs", order.proofs.len())?;
    let order = order.clone();
    one(ShipmentCreated {
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
        at: Some(context.now),
    })
}

pub(super) fn reschedule(
    state: &ShipmentState,
    change: &Reschedule,
    context: &Context<'_>,
) -> Decision {
    if state.promise() == Some(&change.promise) {
        return nothing();
    }
    let end = change.promise.end();
    if end <= context.now {
        return Err(ShipmentRejection::PromisePast { end });
    }
    let Reschedule { promise, requested_by } = change.clone();
    one(DeliveryRescheduled { promise, requested_by })
}

/// What was picked up already goes back.
pub(super) fn cancel(state: &ShipmentState, cancel: &Cancel) -> Decision {
    check_text("reason", &cancel.reason)?;
    let reason = cancel.reason.clone();
    if state.phase == Phase::Created {
        return one(Cancelled { reason });
    }
    one(rto::initiated(state, RtoCause::Cancelled, Some(reason), None))
}
