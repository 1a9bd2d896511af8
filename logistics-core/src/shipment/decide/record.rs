//! Corrections, legal holds, disputes, erasure.

use std::collections::BTreeSet;

use super::{Decision, ENTRIES_MAX, check_room, check_text, nothing, one};
use crate::shipment::command::{
    ApproveRetraction, CloseDispute, EraseSubject, LiftLegalHold, OpenDispute, PlaceLegalHold,
    RetractEvent,
};
use crate::shipment::event::{
    DisputeClosed, DisputeOpened, EventRetracted, LegalHoldLifted, LegalHoldPlaced,
    RetractionRequested, SubjectErased,
};
use crate::shipment::rejection::ShipmentRejection;
use crate::shipment::state::ShipmentState;

/// What cannot be taken back: there would be no shipment, or a correction of a correction, or data
/// that nobody can read any more.
const FINAL: [&str; 4] =
    ["ShipmentCreated", "RetractionRequested", "EventRetracted", "SubjectErased"];

/// In a live shipment one operator is enough; once it has ended, another must approve.
pub(super) fn retract(state: &ShipmentState, retraction: &RetractEvent) -> Decision {
    check_text("by", &retraction.by)?;
    check_text("event_type", &retraction.event_type)?;
    let RetractEvent { event_id, version, event_type, reason, by } = retraction.clone();
    let last = state.version;
    if version == 0 || version > last {
        return Err(ShipmentRejection::NoSuchEvent { version, last });
    }
    if version == 1 || FINAL.contains(&event_type.as_str()) {
        return Err(ShipmentRejection::NotRetractable { event_type });
    }
    if state.retracted.contains(&version) {
        return nothing();
    }
    if state.phase.is_terminal() {
        let request = RetractionRequested { event_id, version, event_type, reason, by };
        let waits = state.retraction.as_deref() == Some(&request);
        return if waits { nothing() } else { one(request) };
    }
    one(EventRetracted { event_id, version, event_type, reason, by, approved_by: None })
}

pub(super) fn approve(state: &ShipmentState, approval: &ApproveRetraction) -> Decision {
    check_text("by", &approval.by)?;
    let asked = state.retraction.as_deref();
    let request = asked
        .filter(|request| request.event_id == approval.event_id)
        .ok_or(ShipmentRejection::NoRetractionRequested)?;
    if request.by == approval.by {
        return Err(ShipmentRejection::SameOperator { by: approval.by.clone() });
    }
    let RetractionRequested { event_id, version, event_type, reason, by } = request.clone();
    let approved_by = Some(approval.by.clone());
    one(EventRetracted { event_id, version, event_type, reason, by, approved_by })
}

/// Whether `reference` can be added to those that are kept, and is not there yet.
fn is_new(
    what: &'static str,
    kept: &BTreeSet<String>,
    reference: &str,
) -> Result<bool, ShipmentRejection> {
    check_text("reference", reference)?;
    if kept.contains(reference) {
        return Ok(false);
    }
    check_room(what, kept.len(), ENTRIES_MAX).map(|()| true)
}

fn check_known(
    what: &'static str,
    kept: &BTreeSet<String>,
    reference: &str,
) -> Result<(), ShipmentRejection> {
    check_text("reference", reference)?;
    if kept.contains(reference) {
        return Ok(());
    }
    Err(ShipmentRejection::NoSuchReference { what, reference: reference.to_owned() })
}

pub(super) fn place_legal_hold(state: &ShipmentState, hold: &PlaceLegalHold) -> Decision {
    if !is_new("legal holds", &state.legal_holds, &hold.reference)? {
        return nothing();
    }
    one(LegalHoldPlaced { reference: hold.reference.clone() })
}

pub(super) fn lift_legal_hold(state: &ShipmentState, hold: &LiftLegalHold) -> Decision {
    check_known("legal hold", &state.legal_holds, &hold.reference)?;
    one(LegalHoldLifted { reference: hold.reference.clone() })
}

pub(super) fn open_dispute(state: &ShipmentState, dispute: &OpenDispute) -> Decision {
    if !is_new("disputes", &state.disputes, &dispute.reference)? {
        return nothing();
    }
    one(DisputeOpened { reference: dispute.reference.clone() })
}

pub(super) fn close_dispute(state: &ShipmentState, dispute: &CloseDispute) -> Decision {
    check_known("dispute", &state.disputes, &dispute.reference)?;
    one(DisputeClosed { reference: dispute.reference.clone() })
}

pub(super) fn erase(state: &ShipmentState, erasure: &EraseSubject) -> Decision {
    let subject = erasure.subject.clone();
    if state.erased.as_ref() == Some(&subject) {
        return nothing();
    }
    if state.subject() != Some(&subject) {
        return Err(ShipmentRejection::UnknownSubject);
    }
    if let Some(reference) = state.legal_holds.first().cloned() {
        return Err(ShipmentRejection::UnderLegalHold { reference });
    }
    if let Some(reference) = state.disputes.first().cloned() {
        return Err(ShipmentRejection::Disputed { reference });
    }
    one(SubjectErased { subject })
}
