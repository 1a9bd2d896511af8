//! Every phase of a manifest against every command, and what holds for every history.

use std::collections::BTreeSet;

use logistics_core::eventsourcing::{DecideContext, Decider, DomainEvent, Occurred, replay};
use logistics_core::manifest::{
    Manifest, ManifestCommandKind, ManifestEvent, ManifestPhase, ManifestPolicy, ManifestRejection,
    ManifestState, OverrideManifest, OverrideReason, PlanManifest, TABLE,
};
use logistics_core::testing::{
    any_manifest_command, any_manifest_event, given, legal_manifest_history,
};
use proptest::collection::vec;
use proptest::prelude::{prop_assert, prop_assert_eq, proptest};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;

use crate::fixtures::{day, minute, partner, run, shipment, stop};
use crate::matrix::{Cell, Matrix, check_page};
use crate::scale::cases;

const EXPECTED: Matrix<ManifestPhase> = Matrix {
    letters: "UP",
    rows: &[
        // plan override
        (ManifestPhase::Unplanned, "P-"),
        (ManifestPhase::Planned, "PP"),
    ],
};

fn plan(from_run: &str) -> PlanManifest {
    PlanManifest {
        partner: partner("DP-1"),
        date: day(),
        run: run(from_run),
        stops: vec![stop("S-1", 5)],
        travel_s: 600,
        distance_m: 4_200,
        doubts: Vec::new(),
    }
}

#[test]
fn the_table_and_its_diagram_are_the_matrix() {
    EXPECTED.check(&TABLE);
}

#[test]
fn every_cell_is_decided_as_the_matrix_says() {
    let planned = given::<Manifest>([]).when(plan("r1")).decision().unwrap();
    for (phase, kind, cell) in EXPECTED.cells::<ManifestCommandKind>() {
        let before = if phase == ManifestPhase::Planned { planned.clone() } else { Vec::new() };
        assert_eq!(replay::<Manifest>(&before).phase(), phase);
        let decision = match kind {
            ManifestCommandKind::Plan => given::<Manifest>(before).when(plan("r2")),
            ManifestCommandKind::Override => given::<Manifest>(before).when(OverrideManifest {
                stops: vec![stop("S-2", 5)],
                travel_s: 700,
                distance_m: 4_500,
                reason_code: OverrideReason::Traffic,
                justification: "the bridge is closed".to_owned(),
                actor: logistics_core::eventsourcing::Actor::Operator("asha".to_owned()),
            }),
        };
        match (decision.decision(), cell) {
            (Ok(events), Cell::Leads(to)) => {
                assert_eq!(events[0].event_type(), TABLE.rule(kind).unwrap().event);
                assert_eq!(replay::<Manifest>(&events).phase(), to);
            }
            (Err(why), Cell::Refused) => assert_eq!(why, ManifestRejection::NotPlanned),
            (decision, cell) => panic!("{phase:?} × {kind:?}: {cell:?}, {decision:?}"),
        }
    }
}

#[test]
fn the_documentation_shows_the_table_as_it_is() {
    check_page(include_str!("../../../docs/rounds.md"), &TABLE);
}

proptest! {
    #![proptest_config(cases(200))]

    #[test]
    fn replaying_a_history_gives_the_state_that_was_lived(history in legal_manifest_history()) {
        for cut in 0..=history.events.len() {
            let (head, tail) = history.events.split_at(cut);
            let then = replay::<Manifest>(head);
            prop_assert_eq!(&then, &history.states[cut]);
            let now = tail.iter().fold(then, Manifest::evolve);
            prop_assert_eq!(Some(&now), history.states.last());
        }
    }

    #[test]
    fn each_revision_raises_the_version_by_one_and_tells_before_and_after(
        history in legal_manifest_history(),
    ) {
        let mut runs = BTreeSet::new();
        for (number, (event, pair)) in
            (1..).zip(history.events.iter().zip(history.states.windows(2)))
        {
            let after = pair[1].round.as_ref().expect("a round");
            prop_assert_eq!(after.version, number);
            match event {
                ManifestEvent::ManifestPlanned(plan) => prop_assert!(runs.insert(&plan.run)),
                ManifestEvent::ManifestOverridden(change) => {
                    let before = pair[0].round.as_ref().expect("a round");
                    prop_assert_eq!(&change.before, &before.shipments());
                    prop_assert_eq!(&change.after, &after.shipments());
                    prop_assert!(change.justification.trim().chars().count() >= 10);
                    prop_assert_eq!((&after.partner, after.date), (&before.partner, before.date));
                }
            }
            let shipments: BTreeSet<_> = after.stops.iter().map(|stop| &stop.shipment).collect();
            prop_assert_eq!(shipments.len(), after.stops.len(), "each shipment once");
        }
    }

    #[test]
    fn any_events_in_any_order_can_be_folded_and_decided_upon(
        events in vec(any_manifest_event(), 0..12),
        command in any_manifest_command(),
    ) {
        let state: ManifestState = replay::<Manifest>(&events);
        let before = state.clone();
        let (policy, occurred) = (ManifestPolicy, Occurred::observed(minute(0)));
        let context = DecideContext { now: minute(0), occurred, policy: &policy };
        let first = Manifest::decide(&state, &command, &context);
        prop_assert_eq!(&state, &before);
        prop_assert_eq!(Manifest::decide(&state, &command, &context), first);
    }

    #[test]
    fn events_are_read_as_they_were_written(event in any_manifest_event()) {
        let bytes = event.encode().expect("JSON");
        let back = ManifestEvent::decode(event.event_type(), event.schema(), &bytes).expect("read");
        prop_assert_eq!(back, event);
    }
}

#[test]
fn histories_plan_override_and_refuse() {
    let mut runner = TestRunner::deterministic();
    let (mut planned, mut overridden) = (0, 0);
    for _ in 0..200 {
        let history = legal_manifest_history().new_tree(&mut runner).unwrap().current();
        for event in &history.events {
            match event {
                ManifestEvent::ManifestPlanned(_) => planned += 1,
                ManifestEvent::ManifestOverridden(_) => overridden += 1,
            }
        }
    }
    assert!(planned > 200 && overridden > 50, "{planned} plans, {overridden} overrides");
}

#[test]
fn an_override_that_is_too_long_to_be_kept_is_refused() {
    // As a document it would fit: an override names its shipments three times.
    let id = |n: usize| format!("{n:04}{}", "s".repeat(100));
    let stops = |from: usize| (from..from + 700).map(|n| stop(&id(n), 5)).collect::<Vec<_>>();
    let first = PlanManifest { stops: stops(0), ..plan("r1") };
    let planned = given::<Manifest>([]).when(first).decision().unwrap();
    let change = |stops| OverrideManifest {
        stops,
        travel_s: 700,
        distance_m: 4_500,
        reason_code: OverrideReason::Traffic,
        justification: "the bridge is closed".to_owned(),
        actor: logistics_core::eventsourcing::Actor::System,
    };
    given::<Manifest>(planned.clone())
        .when(change(stops(700)))
        .then_rejected(|why| matches!(why, ManifestRejection::TooLarge { .. }));
    let again = PlanManifest { stops: stops(700), ..plan("r2") };
    assert!(given::<Manifest>(planned.clone()).when(again).decision().is_ok());
    let short = change(vec![stop(shipment("S-1").as_str(), 5)]);
    assert!(given::<Manifest>(planned).when(short).decision().is_ok());
}
