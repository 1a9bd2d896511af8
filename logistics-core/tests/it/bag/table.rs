//! Every phase of a bag against every command.

use std::collections::BTreeSet;

use logistics_core::bag::{
    Bag, BagCommand, BagCommandKind, BagPhase, BagPolicy, BagRejection, BagState, RecordMoved,
    TABLE,
};
use logistics_core::eventsourcing::{DecideContext, Decider, DomainEvent, Occurred, Version};

use super::{arrive, close, depart, open, put, seal, seal_number, take, unseal};
use crate::fixtures::{hub, minute, shipment};
use crate::matrix::{Cell, Matrix, check_page};

const EXPECTED: Matrix<BagPhase> = Matrix {
    letters: "UOSIC",
    rows: &[
        // open put take seal depart arrive unseal close moved
        (BagPhase::Unknown, "O--------"),
        (BagPhase::Open, "-..S---C."),
        (BagPhase::Sealed, "----ISO-."),
        (BagPhase::InTransit, "----ISO-."),
        (BagPhase::Closed, "--------."),
    ],
};

/// A command that no guard objects to, and that changes something.
fn command(kind: BagCommandKind) -> BagCommand {
    match kind {
        BagCommandKind::Open => open(),
        BagCommandKind::PutIn => put("S-2", 1),
        BagCommandKind::TakeOut => take("S-1"),
        BagCommandKind::Seal => seal("17"),
        BagCommandKind::Depart => depart("HUB-1", None),
        BagCommandKind::Arrive => arrive("MFC-3"),
        BagCommandKind::Unseal => unseal("HUB-1", Some("17")),
        BagCommandKind::Close => close(&["S-1"]),
        BagCommandKind::RecordMoved => {
            RecordMoved { scan: Version::new(4), not_moved: Vec::new() }.into()
        }
    }
}

fn state(phase: BagPhase) -> BagState {
    BagState {
        phase,
        destination: Some(hub("MFC-3")),
        hub: Some(hub("HUB-1")),
        expected_hub: Some(hub("HUB-1")),
        seal: Some(seal_number("17")),
        contents: [(shipment("S-1"), 1)].into(),
        pending: [Version::new(4)].into(),
        ..BagState::default()
    }
}

#[test]
fn the_table_and_its_diagram_are_the_matrix() {
    EXPECTED.check(&TABLE);
}

#[test]
fn every_cell_is_decided_as_the_matrix_says() {
    let policy = BagPolicy;
    let context =
        DecideContext { now: minute(0), occurred: Occurred::observed(minute(0)), policy: &policy };
    for (phase, kind, cell) in EXPECTED.cells::<BagCommandKind>() {
        let before = state(phase);
        let decision = Bag::decide(&before, &command(kind), &context);
        assert_eq!(before, state(phase));
        match (decision, cell) {
            (Ok(events), Cell::Stays | Cell::Leads(_)) => {
                let rule = TABLE.rule(kind).unwrap();
                assert_eq!(events.last().unwrap().event_type(), rule.event, "{phase:?} × {kind:?}");
                let after = events.iter().fold(before, Bag::evolve);
                assert_eq!(
                    Some(after.phase),
                    TABLE.next_phase(phase, kind),
                    "{phase:?} × {kind:?}"
                );
            }
            (Err(BagRejection::IllegalTransition { phase: found, command }), Cell::Refused) => {
                assert_eq!((found, command), (phase, kind));
            }
            (decision, cell) => panic!("{phase:?} × {kind:?}: {cell:?}, {decision:?}"),
        }
    }
}

#[test]
fn refusals_say_where_it_stands_and_what_is_legal() {
    let rejection =
        BagRejection::IllegalTransition { phase: BagPhase::Open, command: BagCommandKind::Depart };
    assert_eq!(
        rejection.to_string(),
        "depart_hub is legal only from sealed, in_transit; it is open, where put_in, take_out, \
         seal_bag, close_bag, record_moved is legal"
    );
    let refused = EXPECTED.cells().filter(|(.., cell)| *cell == Cell::Refused);
    let codes: BTreeSet<_> = refused
        .map(|(phase, command, _)| BagRejection::IllegalTransition { phase, command }.code())
        .collect();
    let expected =
        ["bag_already_opened", "bag_closed", "bag_not_open", "bag_not_sealed", "unknown_bag"];
    assert!(codes.iter().eq(expected.iter()), "{codes:?}");
}

#[test]
fn the_documentation_shows_the_table_as_it_is() {
    check_page(include_str!("../../../../docs/consolidation.md"), &TABLE);
}
