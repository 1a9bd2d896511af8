//! Pickup and scans.

use super::{Decision, WEIGHT_G_MAX, check_range, not_in_hand, one};
use crate::ids::HubId;
use crate::shipment::command::{CommandKind, ConfirmPickup, ScanInbound, ScanOutbound};
use crate::shipment::custody::Custody;
use crate::shipment::event::{HubArrived, HubDeparted, Misrouted, PickupConfirmed, ShipmentEvent};
use crate::shipment::rejection::ShipmentRejection;
use crate::shipment::state::ShipmentState;

pub(super) fn pick_up(state: &ShipmentState, pickup: &ConfirmPickup) -> Decision {
    check_range("weight_g", pickup.weight_g.unwrap_or(0), 0, WEIGHT_G_MAX)?;
    let ordered = state.order.as_ref().map_or(0, |order| order.pieces);
    if let Some(found) = pickup.pieces.filter(|&pieces| pieces != ordered) {
        return Err(ShipmentRejection::PiecesMismatch { ordered, found });
    }
    let ConfirmPickup { hub, partner, position, pieces, weight_g } = pickup.clone();
    one(PickupConfirmed { hub, partner, position, pieces, weight_g })
}

/// A scan away from where it should be is recorded as such, and then believed.
fn misrouted(state: &ShipmentState, found: &HubId) -> Option<ShipmentEvent> {
    let expected = state.expected_hub.clone().filter(|expected| expected != found)?;
    Some(Misrouted { expected, found: found.clone() }.into())
}

pub(super) fn scan_inbound(state: &ShipmentState, scan: &ScanInbound) -> Decision {
    if matches!(state.custody, Custody::Carrier(_)) {
        return Err(not_in_hand(state, CommandKind::ScanInbound));
    }
    let arrived = HubArrived { hub: scan.hub.clone() }.into();
    Ok(misrouted(state, &scan.hub).into_iter().chain([arrived]).collect())
}

pub(super) fn scan_outbound(state: &ShipmentState, scan: &ScanOutbound) -> Vec<ShipmentEvent> {
    let departed = HubDeparted { hub: scan.hub.clone(), to: scan.to.clone() }.into();
    misrouted(state, &scan.hub).into_iter().chain([departed]).collect()
}
