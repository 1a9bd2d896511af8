//! Every phase of a shift against every command.

use logistics_core::eventsourcing::{DecideContext, Decider, DomainEvent, Occurred};
use logistics_core::partner::{
    PartnerShift, RecordCrossing, SHIFT_TABLE, ShiftCommand, ShiftCommandKind, ShiftPhase,
    ShiftPolicy, ShiftRejection, ShiftState,
};

use super::{back, end, heard, off_route, silence, start};
use crate::fixtures::{minute, partner, place, zones};
use crate::matrix::{Cell, Matrix, check_page};

const EXPECTED: Matrix<ShiftPhase> = Matrix {
    letters: "-WSE",
    rows: &[
        // start end crossing silence heard off back
        (ShiftPhase::NotStarted, "W-.----"),
        (ShiftPhase::Started, "=E.S=.."),
        (ShiftPhase::Silent, "=E.=W.."),
        (ShiftPhase::Ended, "-=.----"),
    ],
};

/// A command that no guard objects to, and that changes something.
fn command(kind: ShiftCommandKind) -> ShiftCommand {
    match kind {
        ShiftCommandKind::Start => start(),
        ShiftCommandKind::End => end(),
        ShiftCommandKind::RecordCrossing => RecordCrossing {
            partner: partner("DP-1"),
            city: None,
            from: zones(&["a"]),
            to: zones(&["b"]),
            at: minute(0),
            position: place(),
            zone_set_version: 3,
        }
        .into(),
        ShiftCommandKind::ReportSilence => silence(0),
        ShiftCommandKind::ReportHeard => heard(1),
        ShiftCommandKind::ReportOffRoute => off_route(0),
        ShiftCommandKind::ReportBackOnRoute => back(1),
    }
}

fn state(phase: ShiftPhase, off_route: bool) -> ShiftState {
    ShiftState {
        phase,
        partner: Some(partner("DP-1")),
        silent_since: (phase == ShiftPhase::Silent).then(|| minute(0)),
        off_route_since: off_route.then(|| minute(0)),
        ..ShiftState::default()
    }
}

#[test]
fn the_table_and_its_diagram_are_the_matrix() {
    EXPECTED.check(&SHIFT_TABLE);
}

#[test]
fn every_cell_is_decided_as_the_matrix_says() {
    let (now, policy) = (minute(60), ShiftPolicy::default());
    let context = DecideContext { now, occurred: Occurred::observed(now), policy: &policy };
    for (phase, kind, cell) in EXPECTED.cells::<ShiftCommandKind>() {
        let before = state(phase, kind == ShiftCommandKind::ReportBackOnRoute);
        let decision = PartnerShift::decide(&before, &command(kind), &context);
        match (decision, cell) {
            (Ok(events), Cell::Done) => assert_eq!(events, [], "{phase:?} × {kind:?}"),
            (Ok(events), Cell::Stays | Cell::Leads(_)) => {
                let rule = SHIFT_TABLE.rule(kind).unwrap();
                let [event] = events.as_slice() else {
                    panic!("{phase:?} × {kind:?}: {events:?}")
                };
                assert_eq!(event.event_type(), rule.event, "{phase:?} × {kind:?}");
                let after = PartnerShift::evolve(before, event);
                assert_eq!(Some(after.phase), SHIFT_TABLE.next_phase(phase, kind));
            }
            (Err(ShiftRejection::NotStarted), Cell::Refused) => {
                assert_eq!(phase, ShiftPhase::NotStarted, "{kind:?}");
            }
            (Err(ShiftRejection::AlreadyEnded), Cell::Refused) => {
                assert_eq!(phase, ShiftPhase::Ended, "{kind:?}");
            }
            (decision, cell) => panic!("{phase:?} × {kind:?}: {cell:?}, {decision:?}"),
        }
    }
}

#[test]
fn the_documentation_shows_the_table_as_it_is() {
    check_page(include_str!("../../../../docs/rounds.md"), &SHIFT_TABLE);
}
