//! Dispatch runs: planned once, applied once, whatever their size.

use logistics_core::dispatch_run::{
    CompleteRun, DispatchRun, DispatchRunApplied, DispatchRunCommand, DispatchRunDivided,
    DispatchRunEvent, DispatchRunRejection, DispatchRunState, DivideRun, Excluded, PlanCheck,
    PlanRun, PlannedRoute, RunPart, RunPhase, Unassigned, UnassignedReason, run_stream,
};
use logistics_core::eventsourcing::{DomainEvent, PAYLOAD_BYTES_MAX, replay};
use logistics_core::testing::given;
use logistics_core::values::Sha256Digest;

use crate::fixtures::{day, partner, run, shipment, stop};

fn route(of: &str, stops: usize) -> PlannedRoute {
    PlannedRoute {
        partner: partner(of),
        stops: (0..stops).map(|n| stop(&format!("{of}-{n}"), 5)).collect(),
        travel_s: 600,
        distance_m: 4_000,
        doubts: Vec::new(),
    }
}

fn left_out(n: usize) -> Unassigned {
    let reason = UnassignedReason {
        partner: Some(partner("DP-1")),
        constraint: "capacity".into(),
        detail: "needs 4, 1 is left".into(),
    };
    Unassigned { shipment: shipment(&format!("U-{n}")), reasons: vec![reason] }
}

fn plan(routes: Vec<PlannedRoute>, unassigned: Vec<Unassigned>) -> PlanRun {
    PlanRun {
        run: run("r1"),
        date: day(),
        hub: None,
        seed: 7,
        routes,
        unassigned,
        excluded: vec![Excluded { shipment: shipment("E-1"), why: "not at a hub".into() }],
        travel_s: 1_200,
        distance_m: 8_000,
        check: PlanCheck { feasible: true, violations: Vec::new() },
        fairness: None,
        request: Some(Sha256Digest::of("asked")),
    }
}

fn planned(plan: &PlanRun) -> Vec<DispatchRunEvent> {
    given::<DispatchRun>([]).when(DispatchRunCommand::Plan(plan.clone())).decision().unwrap()
}

#[test]
fn a_plan_of_any_size_comes_back_whole() {
    for (partners, stops, unassigned) in [(0, 0, 0), (2, 3, 1), (100, 40, 2_000)] {
        let routes: Vec<_> = (0..partners).map(|n| route(&format!("DP-{n}"), stops)).collect();
        let plan = plan(routes, (0..unassigned).map(left_out).collect());
        let events = planned(&plan);
        for event in &events {
            assert!(event.encode().unwrap().len() <= PAYLOAD_BYTES_MAX, "{}", event.event_type());
        }
        let state: DispatchRunState = replay::<DispatchRun>(&events);
        assert_eq!((state.phase, state.request()), (RunPhase::Planned, plan.request));
        assert_eq!(state.plan.as_ref().map(|p| (p.seed, p.travel_s)), Some((7, 1_200)));
        let left = (state.unassigned, state.excluded);
        assert_eq!((state.routes, left), (plan.routes, (plan.unassigned, plan.excluded)));
    }
}

#[test]
fn a_plan_is_applied_once() {
    let events = planned(&plan(vec![route("DP-1", 2)], Vec::new()));
    let complete = || DispatchRunCommand::Complete(CompleteRun {});
    let applied: DispatchRunEvent = DispatchRunApplied { run: run("r1") }.into();
    given::<DispatchRun>(events.clone()).when(complete()).then([applied.clone()]);
    let done: Vec<_> = events.iter().cloned().chain([applied]).collect();
    given::<DispatchRun>(done.clone()).when(complete()).then_nothing();
    given::<DispatchRun>([])
        .when(complete())
        .then_rejected(|r| *r == DispatchRunRejection::NotPlanned);
    let again = DispatchRunCommand::Plan(plan(Vec::new(), Vec::new()));
    for history in [events, done] {
        given::<DispatchRun>(history)
            .when(again.clone())
            .then_rejected(|r| *r == DispatchRunRejection::AlreadyPlanned);
    }
    assert_eq!(run_stream(&run("r1")).as_str(), "RUN#r1");
}

#[test]
fn what_breaks_a_constraint_or_every_limit_is_refused() {
    let check = PlanCheck { feasible: false, violations: vec!["DP-1 is overloaded".into()] };
    let broken = DispatchRunCommand::Plan(PlanRun { check, ..plan(Vec::new(), Vec::new()) });
    given::<DispatchRun>([])
        .when(broken)
        .then_rejected(|r| *r == DispatchRunRejection::Infeasible { violations: 1 });
    let long = DispatchRunCommand::Plan(plan(vec![route("DP-1", 3_000)], Vec::new()));
    given::<DispatchRun>([])
        .when(long)
        .then_rejected(|r| matches!(r, DispatchRunRejection::PartTooLarge { .. }));
    let routes = (0..40).map(|n| route(&format!("DP-{n}"), 1_000)).collect();
    given::<DispatchRun>([])
        .when(DispatchRunCommand::Plan(plan(routes, Vec::new())))
        .then_rejected(|r| matches!(r, DispatchRunRejection::TooLarge { .. }));
}

fn part(id: &str, shipments: std::ops::Range<usize>) -> RunPart {
    RunPart {
        run: run(id),
        shipments: shipments.map(|n| shipment(&format!("S-{n}"))).collect(),
        partners: vec![partner(&format!("DP-{id}"))],
    }
}

fn division(parts: Vec<RunPart>) -> DispatchRunCommand {
    let header = DispatchRunDivided {
        run: run("r1"),
        date: day(),
        hub: None,
        seed: 7,
        iterations: None,
        reassign: false,
        request: Some(Sha256Digest::of("asked")),
    };
    let excluded = vec![Excluded { shipment: shipment("E-1"), why: "on hold".into() }];
    DispatchRunCommand::Divide(DivideRun { header, parts, excluded })
}

#[test]
fn a_run_of_any_size_is_divided_once_and_applied_once() {
    let parts: Vec<_> =
        (0..20).map(|n| part(&format!("r1-{n}"), n * 1_000..n * 1_000 + 1_000)).collect();
    let divide = division(parts.clone());
    let events = given::<DispatchRun>([]).when(divide.clone()).decision().unwrap();
    let state: DispatchRunState = replay::<DispatchRun>(&events);
    assert_eq!((state.phase, &state.parts), (RunPhase::Divided, &parts));
    assert_eq!(state.excluded.len(), 1);
    assert_eq!(state.request(), Some(Sha256Digest::of("asked")));
    let plan = DispatchRunCommand::Plan(plan(Vec::new(), Vec::new()));
    for again in [divide, plan] {
        given::<DispatchRun>(events.clone())
            .when(again)
            .then_rejected(|r| *r == DispatchRunRejection::AlreadyPlanned);
    }
    let complete = DispatchRunCommand::Complete(CompleteRun {});
    let applied = DispatchRunApplied { run: run("r1") };
    given::<DispatchRun>(events).when(complete).then([applied.into()]);
}

#[test]
fn what_would_be_planned_twice_is_no_division() {
    for (parts, why) in [
        (vec![part("a", 0..3)], DispatchRunRejection::TooFewParts { found: 1 }),
        (
            vec![part("a", 0..3), part("b", 2..4)],
            DispatchRunRejection::InTwoParts { id: "S-2".into() },
        ),
        (
            vec![part("a", 0..1), part("a", 1..2)],
            DispatchRunRejection::InTwoParts { id: "a".into() },
        ),
    ] {
        given::<DispatchRun>([]).when(division(parts)).then_rejected(|r| *r == why);
    }
}
