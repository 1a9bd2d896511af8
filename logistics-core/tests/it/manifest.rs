//! Manifests: planned, planned anew, overridden, published.

use chrono::NaiveDate;
use logistics_core::eventsourcing::{Actor, DecideContext, Decider, Occurred, PAYLOAD_BYTES_MAX};
use logistics_core::manifest::{
    Manifest, ManifestCommand, ManifestEvent, ManifestPolicy, ManifestRejection, ManifestState,
    OverrideManifest, OverrideReason, PlanManifest, STOPS_MAX, Stop,
};
use logistics_core::testing::given;
use serde_json::json;

use crate::fixtures::{day, minute, partner, run, shipment, stop};

fn plan(from_run: &str, stops: Vec<Stop>) -> PlanManifest {
    PlanManifest {
        partner: partner("DP-1"),
        date: day(),
        run: run(from_run),
        stops,
        travel_s: 600,
        distance_m: 4_200,
        doubts: Vec::new(),
    }
}

fn change(stops: Vec<Stop>, justification: &str) -> ManifestCommand {
    ManifestCommand::Override(OverrideManifest {
        stops,
        travel_s: 700,
        distance_m: 4_500,
        reason_code: OverrideReason::LocalKnowledge,
        justification: justification.into(),
        actor: Actor::Operator("asha".into()),
    })
}

fn decided(events: &[ManifestEvent], command: ManifestCommand) -> Vec<ManifestEvent> {
    given::<Manifest>(events.to_vec()).when(command).decision().unwrap()
}

fn state(events: &[ManifestEvent]) -> ManifestState {
    logistics_core::eventsourcing::replay::<Manifest>(events)
}

#[test]
fn each_run_plans_once_and_raises_the_version() {
    let mut events = decided(&[], ManifestCommand::Plan(plan("r1", vec![stop("S-1", 5)])));
    let second = plan("r2", vec![stop("S-1", 5), stop("S-2", 15)]);
    events.extend(decided(&events, ManifestCommand::Plan(second)));
    let round = state(&events).round.unwrap();
    assert_eq!((round.version, round.run), (2, Some(run("r2"))));
    for seen in ["r1", "r2"] {
        let again = ManifestCommand::Plan(plan(seen, Vec::new()));
        given::<Manifest>(events.clone()).when(again).then_nothing();
    }
    let other = PlanManifest {
        date: NaiveDate::from_ymd_opt(2026, 11, 24).unwrap(),
        ..plan("r3", Vec::new())
    };
    given::<Manifest>(events)
        .when(ManifestCommand::Plan(other))
        .then_rejected(|r| r.code() == "wrong_round");
}

#[test]
fn an_override_keeps_before_after_and_why() {
    let mut events =
        decided(&[], ManifestCommand::Plan(plan("r1", vec![stop("S-1", 5), stop("S-2", 15)])));
    let turned = vec![stop("S-2", 5), stop("S-1", 15)];
    let why = "the market street is closed before noon";
    let overridden = decided(&events, change(turned.clone(), why));
    let [ManifestEvent::ManifestOverridden(event)] = overridden.as_slice() else {
        panic!("{overridden:?}");
    };
    assert_eq!(event.before, [shipment("S-1"), shipment("S-2")]);
    assert_eq!(event.after, [shipment("S-2"), shipment("S-1")]);
    assert_eq!((event.version, event.justification.as_str()), (2, why));
    events.extend(overridden);
    let round = state(&events).round.unwrap();
    assert_eq!((round.stops, round.version, round.run), (turned, 2, Some(run("r1"))));

    assert_eq!(round.by_hand, [shipment("S-2"), shipment("S-1")]);

    let unjustified = change(Vec::new(), "   because   ");
    given::<Manifest>(events)
        .when(unjustified)
        .then_rejected(|r| *r == ManifestRejection::Justification { chars: 7 });
    given::<Manifest>([])
        .when(change(Vec::new(), why))
        .then_rejected(|r| *r == ManifestRejection::NotPlanned);
}

#[test]
fn an_order_chosen_by_hand_is_known_until_a_run_changes_it() {
    let by_hand = |stops: &[&str]| {
        let stops = stops.iter().zip((5..).step_by(10));
        let stops: Vec<Stop> = stops.map(|(id, minute)| stop(id, minute)).collect();
        let mut events = decided(&[], ManifestCommand::Plan(plan("r1", Vec::new())));
        let chosen = vec![stop("S-3", 5), stop("S-1", 15), stop("S-2", 25)];
        events.extend(decided(&events, change(chosen, "she knows the lanes there well")));
        events.extend(decided(&events, ManifestCommand::Plan(plan("r2", stops))));
        state(&events).round.unwrap().by_hand
    };
    let ids = |ids: &[&str]| ids.iter().map(|id| shipment(id)).collect::<Vec<_>>();
    assert_eq!(by_hand(&["S-3", "S-1", "S-2", "S-4"]), ids(&["S-3", "S-1", "S-2"]));
    assert_eq!(by_hand(&["S-1", "S-9", "S-2"]), ids(&["S-1", "S-2"]), "one is delivered");
    assert_eq!(by_hand(&["S-1", "S-3", "S-2"]), ids(&[]), "in another order");
}

#[test]
fn a_round_that_cannot_be_driven_or_sent_is_refused() {
    let code = |stops: Vec<Stop>| {
        let command = ManifestCommand::Plan(plan("r1", stops));
        given::<Manifest>([]).when(command).decision().map_err(|rejection| rejection.code())
    };
    assert_eq!(code(vec![stop("S-1", 5), stop("S-1", 9)]), Err("duplicate_stop"));
    let backwards = Stop { departure: minute(0), ..stop("S-1", 5) };
    assert_eq!(code(vec![backwards]), Err("stop_times"));
    let doubtful = Stop { doubts: vec!["?".into(); 17], ..stop("S-1", 5) };
    assert_eq!(code(vec![doubtful]), Err("doubts"));
    let many = |count: usize, pad: usize| {
        (0..count).map(|n| stop(&format!("S-{n:0pad$}"), 5)).collect::<Vec<_>>()
    };
    assert_eq!(code(many(STOPS_MAX + 1, 1)), Err("too_many_stops"));
    assert_eq!(code(many(STOPS_MAX, 126)), Err("too_large"));
    assert!(code(many(STOPS_MAX, 4)).is_ok(), "a thousand stops with short ids fit");
}

#[test]
fn every_change_publishes_the_whole_manifest() {
    let policy = ManifestPolicy;
    let context =
        DecideContext { now: minute(0), occurred: Occurred::observed(minute(0)), policy: &policy };
    let doubtful = Stop { doubts: vec!["geocoded to the street only".into()], ..stop("S-1", 5) };
    let events = decided(&[], ManifestCommand::Plan(plan("r1", vec![doubtful])));
    let effects = Manifest::effects(&state(&events), &events, &context);
    let [message] = effects.messages.as_slice() else { panic!("{effects:?}") };
    assert_eq!((message.kind, message.key.as_str()), ("manifest.publish", "DP-1"));
    assert!(message.body.len() < PAYLOAD_BYTES_MAX);
    let body: serde_json::Value = serde_json::from_slice(&message.body).unwrap();
    assert_eq!(
        body,
        json!({
            "id": "DP-1/2026-11-23", "partner": "DP-1", "date": "2026-11-23", "version": 1,
            "run": "r1", "uncertain": true, "doubts": [],
            "stops": [{
                "seq": 1, "shipment": "S-1", "lat": 18.5074, "lon": 73.8077,
                "arrival": "2026-11-23T09:05:00Z", "departure": "2026-11-23T09:08:00Z",
                "service_s": 180, "window": null, "status": "assigned",
                "doubts": ["geocoded to the street only"],
            }],
            "travel_s": 600, "distance_m": 4200,
        })
    );
    assert!(Manifest::effects(&state(&events), &[], &context).messages.is_empty());
}

#[test]
fn an_override_leaves_with_a_notice_of_what_came_and_went() {
    let policy = ManifestPolicy;
    let context =
        DecideContext { now: minute(0), occurred: Occurred::observed(minute(0)), policy: &policy };
    let stops = vec![stop("S-1", 5), stop("S-2", 15)];
    let mut events = decided(&[], ManifestCommand::Plan(plan("r1", stops)));
    let changed = vec![stop("S-3", 5), stop("S-2", 15)];
    let overridden = decided(&events, change(changed, "S-1 is closed today"));
    events.extend(overridden.clone());
    let effects = Manifest::effects(&state(&events), &overridden, &context);
    let [notice, published] = effects.messages.as_slice() else { panic!("{effects:?}") };
    assert_eq!(published.kind, "manifest.publish");
    assert_eq!((notice.kind, notice.key.as_str()), ("manifest.overridden", "DP-1"));
    let body: serde_json::Value = serde_json::from_slice(&notice.body).unwrap();
    assert_eq!(
        body,
        json!({
            "partner": "DP-1", "date": "2026-11-23", "version": 2,
            "added": ["S-3"], "removed": ["S-1"], "reason_code": "local_knowledge",
            "justification": "S-1 is closed today", "actor": {"kind": "operator", "id": "asha"},
        })
    );
}
