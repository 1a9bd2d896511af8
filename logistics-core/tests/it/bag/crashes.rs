//! A process that dies while it moves what a bag holds, at every point; and two that do it at once.

use futures::executor::block_on;
use futures::future::join;
use logistics_core::CommandId;
use logistics_core::bag::{
    Bag, BagEvent, BagPolicy, MoveError, MoveOutcome, NotMoved, RecordMoved, ScanReport,
    bag_stream, move_contents,
};
use logistics_core::eventsourcing::{CommandEnvelope, execute};
use logistics_core::shipment::{AssignToPartner, Phase, ShipmentPolicy};

use super::faulty::{Fault, Hubs, evening, pause};
use super::{arrive, bag, depart, open, put, seal};
use crate::fixtures::{day, hub, partner, shipment};

const SHIPMENTS: [&str; 4] = ["S-1", "S-2", "S-3", "S-4"];

/// A bag that left HUB-1 and came to MFC-3, of which its shipments know nothing yet. One of them
/// will refuse.
fn scanned_twice() -> Hubs {
    let hubs = Hubs::with(&SHIPMENTS);
    hubs.handle([open()]);
    hubs.handle(SHIPMENTS.map(|id| put(id, 1)));
    let (date, partner) = (day(), partner("DP-1"));
    let assign = AssignToPartner { partner, date, manifest_version: None, run: None };
    hubs.tell("S-3", assign.into());
    hubs.handle([seal("17"), depart("HUB-1", None), arrive("MFC-3")]);
    hubs
}

fn move_all(hubs: &Hubs) -> Result<Vec<ScanReport>, MoveError> {
    let policy = ShipmentPolicy::default();
    block_on(move_contents(hubs, &bag("BAG-1"), evening(), &policy))
}

fn undisturbed() -> Vec<String> {
    let hubs = scanned_twice();
    move_all(&hubs).unwrap();
    for id in ["S-1", "S-2", "S-4"] {
        let state = hubs.shipment(id);
        assert_eq!((state.phase, state.hub), (Phase::AtHub, Some(hub("MFC-3"))));
    }
    hubs.history()
}

/// Two scans of three shipments that accept, and twice the word that they were told.
const COMMITS: u32 = 2 * (3 + 1);

#[test]
fn a_crash_at_any_commit_is_gone_on_from() {
    let expected = undisturbed();
    for die in [Fault::DiesBefore, Fault::DiesAfter] {
        for at in 0..COMMITS {
            let hubs = scanned_twice();
            hubs.set(die(at));
            let died = move_all(&hubs);
            assert!(died.is_err(), "{:?} lets it through: {died:?}", die(at));
            hubs.set(Fault::Nothing);
            move_all(&hubs).unwrap();
            assert_eq!(hubs.history(), expected, "{:?}", die(at));
            assert!(hubs.bag().pending.is_empty());
        }
        let hubs = scanned_twice();
        hubs.set(die(COMMITS));
        assert!(move_all(&hubs).is_ok(), "all crash points were tried");
    }
}

#[test]
fn crashes_again_and_again_are_gone_on_from() {
    let expected = undisturbed();
    let hubs = scanned_twice();
    for life in 0..COMMITS {
        hubs.set(Fault::DiesAfter(0));
        assert!(move_all(&hubs).is_err(), "life {life} commits once and dies");
    }
    assert!(move_all(&hubs).unwrap().is_empty(), "nothing is left to commit");
    assert_eq!(hubs.history(), expected);
}

#[test]
fn two_at_once_do_it_once() {
    let expected = undisturbed();
    let hubs = scanned_twice();
    let policy = ShipmentPolicy::default();
    let id = bag("BAG-1");
    let both = join(
        move_contents(&hubs, &id, evening(), &policy),
        move_contents(&hubs, &id, evening(), &policy),
    );
    let (first, second) = block_on(both);
    assert_eq!(hubs.history(), expected);
    let reports = first.unwrap().into_iter().chain(second.unwrap());
    let outcomes: Vec<_> = reports.flat_map(|report| report.shipments).collect();
    let count = |wanted: fn(&MoveOutcome) -> bool| {
        outcomes.iter().filter(|(_, outcome)| wanted(outcome)).count()
    };
    let moved = count(|outcome| matches!(outcome, MoveOutcome::Moved));
    assert_eq!(moved, 2 * 3, "each in one of the two: {outcomes:?}");
    let already = count(|outcome| matches!(outcome, MoveOutcome::AlreadyMoved));
    assert!(already > 0, "the two met: {outcomes:?}");
}

#[test]
fn the_first_word_of_what_refused_stands() {
    let hubs = Hubs::with(&["S-1"]);
    hubs.handle([open(), put("S-1", 1), seal("17"), depart("HUB-1", None)]);
    let stream = bag_stream(&bag("BAG-1"));
    let scan = hubs.events(&stream).pop().unwrap();
    let refused = NotMoved { shipment: shipment("S-1"), reason: "not_at_hub".to_owned() };
    let word = RecordMoved { scan: scan.version, not_moved: vec![refused] };
    let policy = ShipmentPolicy::default();
    let id = bag("BAG-1");
    let slow = move_contents(&hubs, &id, evening(), &policy);
    // Another met a refusal, and says so after the slow one has seen the scan as pending.
    let fast = async {
        pause().await;
        let id = CommandId::derived(&["bag scan", &scan.event.event_id.to_string()]);
        let word = CommandEnvelope::new(id, evening(), word.into());
        execute::<Bag>(&hubs.store, &stream, &word, evening(), &BagPolicy).await
    };
    let (reports, told) = block_on(join(slow, fast));
    assert!(!told.unwrap().replayed);
    let [report] = &reports.unwrap()[..] else { panic!("one scan") };
    assert!(matches!(report.shipments[..], [(_, MoveOutcome::Moved)]), "{report:?}");
    let last = hubs.events(&stream).pop().unwrap();
    let BagEvent::ContentsMoved(told) = last.decode().unwrap() else { panic!("{last:?}") };
    assert_eq!(told.not_moved.len(), 1);
}
