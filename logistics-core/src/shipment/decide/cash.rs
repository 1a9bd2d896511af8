//! Cash on delivery.

use super::{Decision, ENTRIES_MAX, check_room, check_text, door::deliverer, nothing, one};
use crate::shipment::command::{CollectCod, CommandKind, WaiveCod};
use crate::shipment::event::{CodCollected, CodWaived};
use crate::shipment::rejection::ShipmentRejection;
use crate::shipment::state::ShipmentState;
use crate::values::Money;

/// The same payment again changes nothing, so that a device may report it until it is answered.
pub(super) fn collect(state: &ShipmentState, payment: &CollectCod) -> Decision {
    check_text("reference", &payment.reference)?;
    let CollectCod { amount, method, reference, partner, position } = payment.clone();
    let known = state.payments.iter().find(|known| known.reference.as_ref() == Some(&reference));
    match known.map(|known| known.amount) {
        Some(found) if found == amount => return nothing(),
        Some(found) => return Err(ShipmentRejection::PaymentReused { reference, found }),
        None => {}
    }
    let (partner, carrier) = deliverer(state, CommandKind::CollectCod, partner.as_ref())?;
    let Some(due) = state.cod_due() else {
        return Err(ShipmentRejection::CodNotDue { collected: amount });
    };
    let part = 1..=due.amount_minor;
    if amount.currency != due.currency || !part.contains(&amount.amount_minor) {
        return Err(ShipmentRejection::CodExceedsDue { due, collected: amount });
    }
    check_room("payments", state.payments.len(), ENTRIES_MAX)?;
    one(CodCollected { amount, method, reference, partner, carrier, position })
}

pub(super) fn waive(state: &ShipmentState, waiver: &WaiveCod) -> Decision {
    check_text("reason", &waiver.reason)?;
    let amount = state.cod_due().ok_or(ShipmentRejection::NothingDue)?;
    one(CodWaived { amount, reason: waiver.reason.clone() })
}

/// What is collected with the delivery must be what is still due. An amount of nothing is the same
/// as none.
pub(super) fn settle(
    due: Option<Money>,
    collected: Option<Money>,
) -> Result<(), ShipmentRejection> {
    match (due, collected.filter(|money| money.amount_minor > 0)) {
        (None, None) => Ok(()),
        (None, Some(collected)) => Err(ShipmentRejection::CodNotDue { collected }),
        (Some(due), paid) if paid == Some(due) => Ok(()),
        (Some(due), collected) => Err(ShipmentRejection::CodNotSettled { due, collected }),
    }
}
