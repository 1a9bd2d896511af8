//! What a bag records, and what it refuses.

use logistics_core::ShipmentId;
use logistics_core::bag::{
    BAG_SHIPMENTS_MAX, Bag, BagArrived, BagCommand, BagDeparted, BagEvent, BagMisrouted, BagPhase,
    BagRejection, BagUnsealed, CloseBag, NotMoved, PutIn, RecordMoved, SealMismatched,
    ShipmentPutIn,
};
use logistics_core::eventsourcing::{DomainEvent, PAYLOAD_BYTES_MAX, Version, replay};
use logistics_core::shipment::PIECES_MAX;
use logistics_core::testing::given;

use super::{arrive, close, depart, open, put, seal, seal_number, take, unseal};
use crate::fixtures::{hub, shipment};

/// What becomes of a bag that takes all these.
fn lived(commands: impl IntoIterator<Item = BagCommand>) -> Vec<BagEvent> {
    let mut events = Vec::new();
    for command in commands {
        let decided = given::<Bag>(events.clone()).when(command.clone()).decision();
        events.extend(decided.unwrap_or_else(|why| panic!("{command:?}: {why}")));
    }
    events
}

/// A sealed bag with two shipments, bound for MFC-3.
fn sealed() -> Vec<BagEvent> {
    lived([open(), put("S-1", 1), put("S-2", 3), seal("17")])
}

fn sent() -> Vec<BagEvent> {
    let mut events = sealed();
    events.push(BagDeparted { hub: hub("HUB-1"), to: hub("MFC-3") }.into());
    events
}

fn misrouted(expected: &str, found: &str) -> BagEvent {
    BagMisrouted { expected: hub(expected), found: hub(found) }.into()
}

fn arrived(at: &str) -> BagEvent {
    BagArrived { hub: hub(at) }.into()
}

fn unsealed(at: &str) -> BagEvent {
    BagUnsealed { hub: hub(at) }.into()
}

#[test]
fn a_bag_goes_by_way_of_a_hub_to_its_destination() {
    let events = lived([
        open(),
        put("S-1", 1),
        put("S-2", 2),
        take("S-1"),
        put("S-3", 1),
        seal("17"),
        depart("HUB-1", Some("HUB-2")),
        arrive("HUB-2"),
        depart("HUB-2", None),
        arrive("MFC-3"),
        unseal("MFC-3", Some("17")),
        close(&["S-3"]),
    ]);
    let stations: Vec<_> = events
        .iter()
        .filter_map(|event| match event {
            BagEvent::BagDeparted(scan) => Some(format!("{} to {}", scan.hub, scan.to)),
            BagEvent::BagArrived(scan) => Some(scan.hub.to_string()),
            BagEvent::BagMisrouted(_) | BagEvent::SealMismatched(_) => panic!("{event:?}"),
            _ => None,
        })
        .collect();
    assert_eq!(stations, ["HUB-1 to HUB-2", "HUB-2", "HUB-2 to MFC-3", "MFC-3"]);
    let state = replay::<Bag>(&events);
    assert_eq!((state.phase, state.contents.len(), state.pending.len()), (BagPhase::Closed, 0, 4));
}

#[test]
fn a_scan_at_another_hub_is_misrouted_and_believed() {
    given::<Bag>(sent())
        .when(arrive("HUB-9"))
        .then([misrouted("MFC-3", "HUB-9"), arrived("HUB-9")]);
    // Turned round on its way.
    given::<Bag>(sent())
        .when(arrive("HUB-1"))
        .then([misrouted("MFC-3", "HUB-1"), arrived("HUB-1")]);
    let departed = BagDeparted { hub: hub("HUB-9"), to: hub("MFC-3") }.into();
    given::<Bag>(sealed())
        .when(depart("HUB-9", None))
        .then([misrouted("HUB-1", "HUB-9"), departed]);
    let mut strayed = sent();
    strayed.extend([misrouted("MFC-3", "HUB-9"), arrived("HUB-9")]);
    let state = replay::<Bag>(&strayed);
    assert_eq!((state.hub.clone(), state.expected_hub), (Some(hub("HUB-9")), state.hub));
}

#[test]
fn a_missed_scan_does_not_stop_a_bag() {
    let mut again = sent();
    again.push(arrived("MFC-3"));
    given::<Bag>(again).when(arrive("MFC-3")).then_nothing();
    given::<Bag>(sealed()).when(arrive("HUB-1")).then_nothing();
    // Nobody scanned it in at MFC-3.
    let on = BagDeparted { hub: hub("MFC-3"), to: hub("HUB-4") };
    given::<Bag>(sent()).when(depart("MFC-3", Some("HUB-4"))).then([on.into()]);
    given::<Bag>(sent())
        .when(unseal("MFC-3", Some("17")))
        .then([arrived("MFC-3"), unsealed("MFC-3")]);
    // Nobody scanned it out at HUB-1 either.
    given::<Bag>(sealed()).when(unseal("MFC-3", Some("17"))).then([
        misrouted("HUB-1", "MFC-3"),
        arrived("MFC-3"),
        unsealed("MFC-3"),
    ]);
}

#[test]
fn a_bag_departs_to_another_hub() {
    let same = |id: &str| BagRejection::SameHub { hub: hub(id) };
    given::<Bag>(sealed())
        .when(depart("HUB-1", Some("HUB-1")))
        .then_rejected(|why| *why == same("HUB-1") && why.field() == Some("to"));
    // At its destination it goes on only when it is said where to.
    given::<Bag>(sent()).when(depart("MFC-3", None)).then_rejected(|why| *why == same("MFC-3"));
}

#[test]
fn another_seal_than_the_one_it_left_with_is_recorded() {
    let mismatch = |found: Option<&str>| {
        SealMismatched { expected: seal_number("17"), found: found.map(seal_number) }.into()
    };
    given::<Bag>(sealed()).when(unseal("HUB-1", Some("17"))).then([unsealed("HUB-1")]);
    for found in [Some("18"), None] {
        given::<Bag>(sealed())
            .when(unseal("HUB-1", found))
            .then([mismatch(found), unsealed("HUB-1")]);
    }
    // A new seal is the one that counts.
    let mut resealed = sealed();
    resealed.push(unsealed("HUB-1"));
    let decided = given::<Bag>(resealed.clone()).when(seal("19")).decision().unwrap();
    resealed.extend(decided);
    given::<Bag>(resealed).when(unseal("HUB-1", Some("19"))).then([unsealed("HUB-1")]);
}

#[test]
fn pieces_are_counted_all_told() {
    let events = lived([open(), put("S-1", 1)]);
    given::<Bag>(events.clone()).when(put("S-1", 1)).then_nothing();
    let corrected = lived([open(), put("S-1", 1), put("S-1", 4)]);
    assert_eq!(replay::<Bag>(&corrected).contents, [(shipment("S-1"), 4)].into());
    for found in [0, PIECES_MAX + 1] {
        given::<Bag>(events.clone())
            .when(put("S-2", found))
            .then_rejected(|why| *why == BagRejection::Pieces { found });
    }
    given::<Bag>(events).when(take("S-2")).then_rejected(|why| why.code() == "not_in_bag");
}

#[test]
fn only_what_a_bag_holds_can_be_missing() {
    let events = lived([open(), put("S-1", 1)]);
    given::<Bag>(events.clone())
        .when(close(&["S-1", "S-2"]))
        .then_rejected(|why| *why == BagRejection::NotInBag { shipment: shipment("S-2") });
    let closed = given::<Bag>(events).when(close(&["S-1", "S-1"])).decision().unwrap();
    let [BagEvent::BagClosed(closed)] = closed.as_slice() else { panic!("{closed:?}") };
    assert_eq!(closed.missing, [shipment("S-1")]);
}

#[test]
fn a_full_bag_with_the_longest_ids_fits_every_store() {
    // Quotes are written with a backslash each.
    let id = |n: usize| ShipmentId::new(format!("{n:03}{}", "\"".repeat(125))).unwrap();
    let mut events = lived([open()]);
    for n in 0..BAG_SHIPMENTS_MAX {
        events.push(ShipmentPutIn { shipment: id(n), pieces: 1 }.into());
    }
    given::<Bag>(events.clone())
        .when(put("S-1", 1))
        .then_rejected(|why| *why == BagRejection::Full);
    let again: BagCommand = PutIn { shipment: id(7), pieces: 2 }.into();
    assert!(given::<Bag>(events.clone()).when(again).decision().is_ok());

    let all: Vec<ShipmentId> = (0..BAG_SHIPMENTS_MAX).map(id).collect();
    let refused = |shipment: &ShipmentId| NotMoved {
        shipment: shipment.clone(),
        reason: "custody_of_a_carrier_without_handover".to_owned(),
    };
    let not_moved: Vec<NotMoved> = all.iter().map(refused).collect();
    let closed = CloseBag { missing: all };
    let mut longest = given::<Bag>(events.clone()).when(closed).decision().unwrap();
    events.extend(lived([open(), seal("17"), depart("HUB-1", None)]).into_iter().skip(1));
    let scan = Version::new(events.len() as u64);
    let moved = RecordMoved { scan, not_moved };
    longest.extend(given::<Bag>(events).when(moved).decision().unwrap());
    assert_eq!(longest.len(), 2);
    for event in longest {
        let bytes = event.encode().unwrap().len();
        assert!(bytes <= PAYLOAD_BYTES_MAX, "{} has {bytes} bytes", event.event_type());
    }
}

#[test]
fn its_shipments_are_told_of_a_scan_once() {
    let scan = Version::new(5);
    let moved = || BagCommand::from(RecordMoved { scan, not_moved: Vec::new() });
    let told = given::<Bag>(sent()).when(moved()).decision().unwrap();
    let mut events = sent();
    assert_eq!(replay::<Bag>(&events).pending, [scan].into());
    events.extend(told);
    assert!(replay::<Bag>(&events).pending.is_empty());
    given::<Bag>(events).when(moved()).then_nothing();
    let never = RecordMoved { scan: Version::new(4), not_moved: Vec::new() };
    given::<Bag>(sent()).when(never).then_nothing();
}
