//! What is known of a bag after folding its events.

use std::collections::{BTreeMap, BTreeSet};

use super::event::BagEvent;
use crate::eventsourcing::Version;
use crate::ids::{HubId, SealNumber, ShipmentId};
use crate::transitions::words;

words! {
    /// Where a bag stands in its life.
    #[derive(Default)]
    pub enum BagPhase {
        /// There is no such bag yet.
        #[default]
        Unknown "unknown",
        /// It lies open at a hub: shipments go in and out.
        Open "open",
        /// It lies sealed at a hub.
        Sealed "sealed",
        /// It travels between hubs, sealed.
        InTransit "in_transit",
        /// It was emptied for good. The end.
        Closed "closed",
    }
}

/// What is known of a bag after folding its events.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BagState {
    /// Where it stands.
    pub phase: BagPhase,
    /// How many events were folded: the version of the last one.
    pub version: Version,
    /// The hub it is for.
    pub destination: Option<HubId>,
    /// The hub it was last scanned at.
    pub hub: Option<HubId>,
    /// The hub it is expected at: where it lies, or where it was sent.
    pub expected_hub: Option<HubId>,
    /// The seal that it bears.
    pub seal: Option<SealNumber>,
    /// The shipments in it, each with how many of its pieces.
    pub contents: BTreeMap<ShipmentId, u32>,
    /// The scans of which its shipments have yet to be told, by version.
    pub pending: BTreeSet<Version>,
}

/// Folds `event`. Believes every event: whether it was legal was decided before it was recorded.
pub(super) fn evolve(mut state: BagState, event: &BagEvent) -> BagState {
    state.version = state.version.next();
    match event {
        BagEvent::BagOpened(opened) => {
            state.phase = BagPhase::Open;
            state.destination = Some(opened.destination.clone());
            state.hub = Some(opened.hub.clone());
            state.expected_hub = Some(opened.hub.clone());
        }
        BagEvent::ShipmentPutIn(put) => {
            state.contents.insert(put.shipment.clone(), put.pieces);
        }
        BagEvent::ShipmentTakenOut(taken) => {
            state.contents.remove(&taken.shipment);
        }
        BagEvent::BagSealed(sealed) => {
            state.phase = BagPhase::Sealed;
            state.seal = Some(sealed.seal.clone());
        }
        // What should have been; the event that follows says what is.
        BagEvent::BagMisrouted(_) | BagEvent::SealMismatched(_) => {}
        BagEvent::BagDeparted(scan) => {
            state.phase = BagPhase::InTransit;
            state.hub = Some(scan.hub.clone());
            state.expected_hub = Some(scan.to.clone());
            state.pending.insert(state.version);
        }
        BagEvent::BagArrived(scan) => {
            state.phase = BagPhase::Sealed;
            state.hub = Some(scan.hub.clone());
            state.expected_hub = Some(scan.hub.clone());
            state.pending.insert(state.version);
        }
        BagEvent::BagUnsealed(_) => {
            state.phase = BagPhase::Open;
            state.seal = None;
        }
        BagEvent::BagClosed(_) => {
            state.phase = BagPhase::Closed;
            state.contents.clear();
        }
        BagEvent::ContentsMoved(moved) => {
            state.pending.remove(&moved.scan);
        }
    }
    state
}
