//! Which command is legal in which phase of a bag, as data.

use super::command::BagCommandKind;
use super::state::BagPhase::{self, Closed, InTransit, Open, Sealed, Unknown};
use crate::transitions::{Rule, Table};

/// Every legal transition of a bag. What is not here is refused.
pub const TABLE: Table<BagPhase, BagCommandKind> = Table(&[
    rule(BagCommandKind::Open, &[Unknown], "BagOpened", Some(Open)),
    rule(BagCommandKind::PutIn, &[Open], "ShipmentPutIn", None),
    rule(BagCommandKind::TakeOut, &[Open], "ShipmentTakenOut", None),
    rule(BagCommandKind::Seal, &[Open], "BagSealed", Some(Sealed)),
    // From InTransit too: a hub that missed a scan must not be stuck. The same below.
    rule(BagCommandKind::Depart, &[Sealed, InTransit], "BagDeparted", Some(InTransit)),
    rule(BagCommandKind::Arrive, &[Sealed, InTransit], "BagArrived", Some(Sealed)),
    rule(BagCommandKind::Unseal, &[Sealed, InTransit], "BagUnsealed", Some(Open)),
    rule(BagCommandKind::Close, &[Open], "BagClosed", Some(Closed)),
    // Shipments may be told of a scan long after it.
    rule(BagCommandKind::RecordMoved, &[Open, Sealed, InTransit, Closed], "ContentsMoved", None),
]);

const fn rule(
    command: BagCommandKind,
    from: &'static [BagPhase],
    event: &'static str,
    to: Option<BagPhase>,
) -> Rule<BagPhase, BagCommandKind> {
    Rule { command, from, event, to, again: &[] }
}
