//! A bag scan moves all that the bag holds.

use std::collections::BTreeSet;

use futures::executor::block_on;
use logistics_core::bag::{
    Bag, BagEvent, BagPolicy, MoveOutcome, NotMoved, ScanReport, bag_stream, move_contents, moves,
};
use logistics_core::eventsourcing::{Actor, CommandEnvelope, EventStore, RecordedEvent, execute};
use logistics_core::shipment::{
    AssignToPartner, Cancel, Phase, ScanInbound, ScanOutbound, ShipmentCommand, ShipmentPolicy,
    ShipmentRejection, Unassign, shipment_stream,
};
use logistics_core::{CommandId, ShipmentId};

use super::faulty::{Fault, Hubs, evening};
use super::{arrive, bag, close, depart, open, put, seal, take, unseal};
use crate::fixtures::{day, hub, minute, partner, shipment};

fn moved(hubs: &dyn EventStore) -> Vec<ScanReport> {
    let policy = ShipmentPolicy::default();
    block_on(move_contents(hubs, &bag("BAG-1"), evening(), &policy)).unwrap()
}

/// The words for the outcomes of each scan.
fn outcomes(reports: &[ScanReport]) -> Vec<Vec<String>> {
    let word = |(shipment, outcome): &(ShipmentId, MoveOutcome)| match outcome {
        MoveOutcome::Moved => format!("{shipment} moved"),
        MoveOutcome::AlreadyMoved => format!("{shipment} already moved"),
        MoveOutcome::Refused(why) => format!("{shipment} {}", why.code()),
        MoveOutcome::Failed(error) => format!("{shipment} failed: {error}"),
    };
    reports.iter().map(|report| report.shipments.iter().map(word).collect()).collect()
}

fn in_a_bag(shipments: &[&str]) -> Hubs {
    let hubs = Hubs::with(shipments);
    hubs.handle([open()]);
    hubs.handle(shipments.iter().map(|id| put(id, 1)));
    hubs.handle([seal("17")]);
    hubs
}

#[test]
fn a_scan_moves_all_that_the_bag_holds() {
    let hubs = in_a_bag(&["S-1", "S-2", "S-3"]);
    assert!(moved(&hubs).is_empty(), "nothing was scanned");
    hubs.handle([depart("HUB-1", None)]);
    let reports = moved(&hubs);
    assert_eq!(outcomes(&reports), [["S-1 moved", "S-2 moved", "S-3 moved"]]);
    assert!(reports[0].is_settled());
    for id in ["S-1", "S-2", "S-3"] {
        let state = hubs.shipment(id);
        assert_eq!(
            (state.phase, state.hub, state.expected_hub),
            (Phase::InTransit, Some(hub("HUB-1")), Some(hub("MFC-3")))
        );
    }
    hubs.handle([arrive("MFC-3")]);
    assert_eq!(moved(&hubs).len(), 1, "the first scan is done with");
    assert!(moved(&hubs).is_empty());
    assert!(hubs.bag().pending.is_empty());
    for id in ["S-1", "S-2", "S-3"] {
        let state = hubs.shipment(id);
        assert_eq!((state.phase, state.hub), (Phase::AtHub, Some(hub("MFC-3"))));
    }
}

#[test]
fn a_bag_that_strays_takes_its_shipments_with_it() {
    let hubs = in_a_bag(&["S-1"]);
    hubs.handle([depart("HUB-1", None), arrive("HUB-9")]);
    moved(&hubs);
    let names: Vec<_> = hubs
        .events(&shipment_stream(&shipment("S-1")))
        .into_iter()
        .skip(3)
        .map(|event| event.event.event_type)
        .collect();
    assert_eq!(names, ["HubDeparted", "Misrouted", "HubArrived"]);
}

#[test]
fn the_commands_follow_from_the_scan_alone() {
    let hubs = in_a_bag(&["S-1", "S-2"]);
    let stream = bag_stream(&bag("BAG-1"));
    let scanner = Actor::Operator("ravi".to_owned());
    let command =
        CommandEnvelope::new(CommandId::new("scan").unwrap(), minute(90), arrive("HUB-9"))
            .by(scanner.clone());
    let ran = execute::<Bag>(&hubs.store, &stream, &command, minute(91), &BagPolicy);
    block_on(ran).unwrap();
    hubs.handle([depart("HUB-9", Some("HUB-4"))]);
    let contents = [shipment("S-1"), shipment("S-2")];
    let all: Vec<(RecordedEvent, Vec<_>)> = hubs
        .events(&stream)
        .into_iter()
        .map(|event| (event.clone(), moves(&event, &contents).unwrap()))
        .collect();
    let mut ids = BTreeSet::new();
    for (event, moves_of_it) in &all {
        let expected: ShipmentCommand = match event.decode().unwrap() {
            BagEvent::BagArrived(_) => ScanInbound { hub: hub("HUB-9") }.into(),
            BagEvent::BagDeparted(_) => {
                ScanOutbound { hub: hub("HUB-9"), to: Some(hub("HUB-4")) }.into()
            }
            _ => {
                assert!(moves_of_it.is_empty(), "{event:?}");
                continue;
            }
        };
        assert!(moves_of_it.iter().map(|one| &one.shipment).eq(&contents));
        for (one, again) in moves_of_it.iter().zip(moves(event, &contents).unwrap()) {
            assert_eq!(one.command.body, expected);
            assert_eq!(one.command.command_id, again.command.command_id);
            assert_eq!(one.command.causation_id, Some(event.event.event_id));
            assert_eq!(one.command.occurred, event.event.occurred);
            assert_eq!(one.command.actor, event.event.actor);
            assert_eq!(one.command.correlation_id, event.event.correlation_id);
            ids.insert(one.command.command_id.clone());
        }
    }
    assert_eq!(ids.len(), 4, "two scans of two shipments");
    let scan = all.iter().find(|(event, _)| event.event.actor == scanner).unwrap();
    assert_eq!(scan.0.event.correlation_id.as_str(), "scan");

    let foreign = hubs.events(&shipment_stream(&shipment("S-1"))).remove(0);
    assert!(moves(&foreign, &contents).is_err());
}

#[test]
fn a_shipment_that_refuses_is_recorded_and_left_behind() {
    let hubs = in_a_bag(&["S-1", "S-2", "S-3"]);
    let (date, partner) = (day(), partner("DP-1"));
    let assign = AssignToPartner { partner, date, manifest_version: None, run: None };
    hubs.tell("S-1", assign.into());
    hubs.tell("S-3", Cancel { reason: "ordered twice".into() }.into());
    // Known to the bag and to nobody else.
    hubs.handle([unseal("HUB-1", Some("17")), put("S-9", 1), seal("18"), depart("HUB-1", None)]);
    let reports = moved(&hubs);
    assert_eq!(
        outcomes(&reports),
        [["S-1 not_in_network", "S-2 moved", "S-3 not_in_network", "S-9 unknown_shipment"]]
    );
    assert!(matches!(
        reports[0].shipments[0].1,
        MoveOutcome::Refused(ShipmentRejection::IllegalTransition { phase: Phase::Assigned, .. })
    ));
    let last = hubs.events(&bag_stream(&bag("BAG-1"))).pop().unwrap();
    let BagEvent::ContentsMoved(recorded) = last.decode().unwrap() else { panic!("{last:?}") };
    assert_eq!(recorded.scan, reports[0].scan);
    let refused =
        |id: &str, reason: &str| NotMoved { shipment: shipment(id), reason: reason.into() };
    assert_eq!(
        recorded.not_moved,
        [
            refused("S-1", "not_in_network"),
            refused("S-3", "not_in_network"),
            refused("S-9", "unknown_shipment"),
        ]
    );
    // What was refused is not tried again when it would be legal.
    hubs.tell("S-1", Unassign::default().into());
    assert!(moved(&hubs).is_empty());
    assert_eq!(hubs.shipment("S-1").phase, Phase::AtHub);
}

#[test]
fn a_scan_moves_what_was_in_the_bag_then() {
    let hubs = in_a_bag(&["S-1", "S-2"]);
    hubs.tell("S-2", ScanInbound { hub: hub("HUB-1") }.into());
    hubs.handle([depart("HUB-1", None), unseal("MFC-3", Some("17"))]);
    // Nobody has passed on the two scans yet.
    hubs.handle([take("S-1"), put("S-7", 1), close(&[])]);
    let reports = moved(&hubs);
    assert_eq!(outcomes(&reports), [["S-1 moved", "S-2 moved"], ["S-1 moved", "S-2 moved"]]);
    assert_eq!(hubs.shipment("S-1").hub, Some(hub("MFC-3")));
}

#[test]
fn a_shipment_that_cannot_be_read_holds_up_no_other_and_is_tried_again() {
    let hubs = in_a_bag(&["S-1", "S-2", "S-3"]);
    hubs.handle([depart("HUB-1", None), arrive("MFC-3")]);
    hubs.set(Fault::Unreadable(shipment_stream(&shipment("S-2"))));
    let reports = moved(&hubs);
    assert_eq!(reports.len(), 1, "the arrival waits for the departure");
    assert!(!reports[0].is_settled());
    let failed = "S-2 failed: an event of SHP#S-2 at version 1 cannot be read";
    assert_eq!(outcomes(&reports), [["S-1 moved", failed, "S-3 moved"]]);
    assert_eq!(hubs.bag().pending.len(), 2);

    hubs.set(Fault::Nothing);
    let reports = moved(&hubs);
    assert_eq!(
        outcomes(&reports),
        [
            ["S-1 already moved", "S-2 moved", "S-3 already moved"],
            ["S-1 moved", "S-2 moved", "S-3 moved"]
        ]
    );
    assert_eq!(hubs.shipment("S-2").hub, Some(hub("MFC-3")));

    hubs.handle([depart("MFC-3", Some("HUB-4"))]);
    hubs.set(Fault::Unreadable(bag_stream(&bag("BAG-1"))));
    let policy = ShipmentPolicy::default();
    let error = block_on(move_contents(&hubs, &bag("BAG-1"), evening(), &policy)).unwrap_err();
    assert_eq!(error.to_string(), "an event of BAG#BAG-1 at version 1 cannot be read");
}
