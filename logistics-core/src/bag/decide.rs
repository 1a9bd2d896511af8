//! What a command to a bag leads to.

use super::CATEGORY;
use super::command::{
    ArriveHub, BagCommand, CloseBag, DepartHub, OpenBag, PutIn, RecordMoved, SealBag, TakeOut,
    UnsealBag,
};
use super::event::{
    BagArrived, BagClosed, BagDeparted, BagEvent, BagMisrouted, BagOpened, BagSealed, BagUnsealed,
    ContentsMoved, SealMismatched, ShipmentPutIn, ShipmentTakenOut,
};
use super::rejection::BagRejection;
use super::state::{BagPhase, BagState, evolve};
use super::table::TABLE;
use crate::eventsourcing::{DecideContext, Decider};
use crate::ids::{HubId, ShipmentId};
use crate::shipment::PIECES_MAX;

/// Most shipments in one bag.
pub const BAG_SHIPMENTS_MAX: usize = 500;

/// Decisions about bags depend on nothing but the limits of this module.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct BagPolicy;

/// The bag as a decider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bag;

type Decision = Result<Vec<BagEvent>, BagRejection>;

impl Decider for Bag {
    const CATEGORY: &'static str = CATEGORY;
    type Command = BagCommand;
    type Event = BagEvent;
    type State = BagState;
    type Rejection = BagRejection;
    type Policy = BagPolicy;

    fn decide(
        state: &BagState,
        command: &BagCommand,
        _context: &DecideContext<'_, BagPolicy>,
    ) -> Decision {
        let (phase, kind) = (state.phase, command.kind());
        if TABLE.next_phase(phase, kind).is_none() {
            return Err(BagRejection::IllegalTransition { phase, command: kind });
        }
        match command {
            BagCommand::Open(OpenBag { bag, hub, destination }) => {
                let (bag, hub, destination) = (bag.clone(), hub.clone(), destination.clone());
                Ok(vec![BagOpened { bag, hub, destination }.into()])
            }
            BagCommand::PutIn(put) => put_in(state, put),
            BagCommand::TakeOut(TakeOut { shipment }) => {
                holds(state, shipment)?;
                Ok(vec![ShipmentTakenOut { shipment: shipment.clone() }.into()])
            }
            BagCommand::Seal(SealBag { seal }) => Ok(vec![BagSealed { seal: seal.clone() }.into()]),
            BagCommand::Depart(scan) => Ok(depart(state, scan)),
            BagCommand::Arrive(ArriveHub { hub }) => Ok(arrive(state, hub)),
            BagCommand::Unseal(unseal) => Ok(unseal_bag(state, unseal)),
            BagCommand::Close(close) => close_bag(state, close),
            BagCommand::RecordMoved(moved) => Ok(record_moved(state, moved)),
        }
    }

    fn evolve(state: BagState, event: &BagEvent) -> BagState {
        evolve(state, event)
    }
}

fn holds(state: &BagState, shipment: &ShipmentId) -> Result<(), BagRejection> {
    if state.contents.contains_key(shipment) {
        return Ok(());
    }
    Err(BagRejection::NotInBag { shipment: shipment.clone() })
}

/// Scanning the same again changes nothing.
fn put_in(state: &BagState, put: &PutIn) -> Decision {
    let PutIn { shipment, pieces } = put.clone();
    if !(1..=PIECES_MAX).contains(&pieces) {
        return Err(BagRejection::Pieces { found: pieces });
    }
    match state.contents.get(&shipment) {
        Some(&inside) if inside == pieces => Ok(Vec::new()),
        None if state.contents.len() >= BAG_SHIPMENTS_MAX => Err(BagRejection::Full),
        _ => Ok(vec![ShipmentPutIn { shipment, pieces }.into()]),
    }
}

/// A scan away from where it should be is recorded as such, and then believed.
fn misrouted(state: &BagState, found: &HubId) -> Option<BagEvent> {
    let expected = state.expected_hub.clone().filter(|expected| expected != found)?;
    Some(BagMisrouted { expected, found: found.clone() }.into())
}

fn depart(state: &BagState, scan: &DepartHub) -> Vec<BagEvent> {
    // Without a destination there is no bag; nowhere else to go is where it stands.
    let to = scan.to.as_ref().or(state.destination.as_ref()).unwrap_or(&scan.hub).clone();
    let departed = BagDeparted { hub: scan.hub.clone(), to }.into();
    misrouted(state, &scan.hub).into_iter().chain([departed]).collect()
}

/// A second scan where the bag lies already changes nothing.
fn arrive(state: &BagState, hub: &HubId) -> Vec<BagEvent> {
    if state.phase == BagPhase::Sealed && state.hub.as_ref() == Some(hub) {
        return Vec::new();
    }
    let arrived = BagArrived { hub: hub.clone() }.into();
    misrouted(state, hub).into_iter().chain([arrived]).collect()
}

fn unseal_bag(state: &BagState, unseal: &UnsealBag) -> Vec<BagEvent> {
    let mut events = arrive(state, &unseal.hub);
    if let Some(expected) = state.seal.clone().filter(|seal| Some(seal) != unseal.seal.as_ref()) {
        events.push(SealMismatched { expected, found: unseal.seal.clone() }.into());
    }
    events.push(BagUnsealed { hub: unseal.hub.clone() }.into());
    events
}

fn close_bag(state: &BagState, close: &CloseBag) -> Decision {
    let mut missing = close.missing.clone();
    missing.sort();
    missing.dedup();
    missing.iter().try_for_each(|shipment| holds(state, shipment))?;
    Ok(vec![BagClosed { missing }.into()])
}

/// Of each scan the shipments are told once.
fn record_moved(state: &BagState, moved: &RecordMoved) -> Vec<BagEvent> {
    let RecordMoved { scan, not_moved } = moved.clone();
    if !state.pending.contains(&scan) {
        return Vec::new();
    }
    vec![ContentsMoved { scan, not_moved }.into()]
}
