//! Holds, losses, damages.

use super::{Decision, check_evidence, check_text, nothing, one};
use crate::shipment::command::{DeclareDamaged, DeclareFound, DeclareLost, Hold, Release};
use crate::shipment::event::{Damaged, Found, Held, Lost, Released};
use crate::shipment::state::ShipmentState;

pub(super) fn hold(state: &ShipmentState, hold: &Hold) -> Decision {
    check_text("reason", &hold.reason)?;
    if state.hold.as_ref() == Some(&hold.reason) {
        return nothing();
    }
    one(Held { reason: hold.reason.clone() })
}

pub(super) fn release(state: &ShipmentState, release: &Release) -> Decision {
    release.reason.as_ref().map_or(Ok(()), |reason| check_text("reason", reason))?;
    if state.hold.is_none() {
        return nothing();
    }
    one(Released { reason: release.reason.clone() })
}

pub(super) fn lose(state: &ShipmentState, loss: &DeclareLost) -> Decision {
    check_text("reason", &loss.reason)?;
    check_evidence(&loss.evidence)?;
    let DeclareLost { reason, evidence } = loss.clone();
    one(Lost { last_holder: state.custody.clone(), reason, evidence })
}

pub(super) fn damage(damage: &DeclareDamaged) -> Decision {
    check_text("reason", &damage.reason)?;
    check_evidence(&damage.evidence)?;
    let DeclareDamaged { reason, evidence } = damage.clone();
    one(Damaged { reason, evidence })
}

pub(super) fn find(found: &DeclareFound) -> Decision {
    one(Found { hub: found.hub.clone() })
}
