//! Strategies for bags: any event, any command, and histories that could have happened.

use chrono::{DateTime, Duration, Utc};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::{Strategy, prop_oneof};

use super::lived::{Lived, live};
use super::parts::{hub, id, instant, shipment};
use crate::bag::{
    ArriveHub, Bag, BagArrived, BagClosed, BagCommand, BagDeparted, BagEvent, BagMisrouted,
    BagOpened, BagPolicy, BagSealed, BagUnsealed, CloseBag, ContentsMoved, DepartHub, NotMoved,
    OpenBag, PutIn, RecordMoved, SealBag, SealMismatched, ShipmentPutIn, ShipmentTakenOut, TakeOut,
    UnsealBag,
};
use crate::eventsourcing::Version;
use crate::ids::{BagId, SealNumber};

fn seal() -> impl Strategy<Value = SealNumber> {
    id("seal", SealNumber::new)
}

fn open() -> impl Strategy<Value = OpenBag> {
    (id("bag", BagId::new), hub(), hub()).prop_map(|(bag, hub, destination)| OpenBag {
        bag,
        hub,
        destination,
    })
}

fn moved() -> impl Strategy<Value = RecordMoved> {
    let refused =
        shipment().prop_map(|shipment| NotMoved { shipment, reason: "not_in_network".to_owned() });
    (1_u64..20, vec(refused, 0..2))
        .prop_map(|(scan, not_moved)| RecordMoved { scan: Version::new(scan), not_moved })
}

/// Any command with legal values, whether or not it is legal in any state.
pub fn any_bag_command() -> impl Strategy<Value = BagCommand> {
    // Few are closed early, so that most have a life.
    prop_oneof![
        2 => open().prop_map(BagCommand::from),
        6 => (shipment(), 1_u32..9).prop_map(|(shipment, pieces)| PutIn { shipment, pieces }.into()),
        2 => shipment().prop_map(|shipment| TakeOut { shipment }.into()),
        3 => seal().prop_map(|seal| SealBag { seal }.into()),
        3 => (hub(), option::of(hub())).prop_map(|(hub, to)| DepartHub { hub, to }.into()),
        3 => hub().prop_map(|hub| ArriveHub { hub }.into()),
        3 => (hub(), option::of(seal())).prop_map(|(hub, seal)| UnsealBag { hub, seal }.into()),
        1 => vec(shipment(), 0..2).prop_map(|missing| CloseBag { missing }.into()),
        3 => moved().prop_map(BagCommand::from),
    ]
}

/// Any event, whether or not it could come next in any history.
pub fn any_bag_event() -> impl Strategy<Value = BagEvent> {
    prop_oneof![
        open().prop_map(|OpenBag { bag, hub, destination }| {
            BagOpened { bag, hub, destination }.into()
        }),
        (shipment(), 0_u32..9)
            .prop_map(|(shipment, pieces)| ShipmentPutIn { shipment, pieces }.into()),
        shipment().prop_map(|shipment| ShipmentTakenOut { shipment }.into()),
        seal().prop_map(|seal| BagSealed { seal }.into()),
        (hub(), hub()).prop_map(|(expected, found)| BagMisrouted { expected, found }.into()),
        (hub(), hub()).prop_map(|(hub, to)| BagDeparted { hub, to }.into()),
        hub().prop_map(|hub| BagArrived { hub }.into()),
        (seal(), option::of(seal())).prop_map(|(expected, found)| SealMismatched {
            expected,
            found
        }
        .into()),
        hub().prop_map(|hub| BagUnsealed { hub }.into()),
        vec(shipment(), 0..3).prop_map(|missing| BagClosed { missing }.into()),
        moved().prop_map(|RecordMoved { scan, not_moved }| {
            ContentsMoved { scan, not_moved }.into()
        }),
    ]
}

/// A history that could have happened: commands that [`Bag`] took, one after another.
pub fn legal_bag_history() -> impl Strategy<Value = Lived<Bag>> {
    let steps = vec((1_i64..7_200, any_bag_command()), 0..60);
    (instant(), open(), steps).prop_map(|(start, open, steps)| {
        let mut now = start;
        let later = steps.into_iter().map(|(seconds, command)| {
            now += Duration::seconds(seconds);
            (now, command)
        });
        let first: (DateTime<Utc>, BagCommand) = (start, open.into());
        live::<Bag>([first].into_iter().chain(later), &BagPolicy)
    })
}
