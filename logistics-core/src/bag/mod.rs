//! Consolidation: shipments travel between hubs in bags, and a bag scan moves all that it holds.
//!
//! [`Bag`] is a [`Decider`](crate::eventsourcing::Decider): opened and filled at a hub, sealed,
//! sent on, opened again and closed. What is legal when is data in [`TABLE`].
//!
//! A bag knows what it holds, a shipment knows where it is: each is an aggregate of its own. After
//! a scan of a bag, [`moves`] says which scans that means for its shipments, and [`move_contents`]
//! applies them, then records on the bag that it did and what was refused. Until then the scan is
//! [pending](BagState::pending), so that after a crash the next call goes on.
//!
//! Bags hold shipments, not bags. A bag holds whole shipments or some of their pieces; pieces of a
//! shipment may lie in several bags, and then each bag moves it.

mod command;
mod decide;
mod event;
mod move_contents;
mod moves;
mod rejection;
mod state;
mod table;

pub use command::{
    ArriveHub, BagCommand, BagCommandKind, CloseBag, DepartHub, OpenBag, PutIn, RecordMoved,
    SealBag, TakeOut, UnsealBag,
};
pub use decide::{BAG_SHIPMENTS_MAX, Bag, BagPolicy};
pub use event::{
    BagArrived, BagClosed, BagDeparted, BagEvent, BagMisrouted, BagOpened, BagSealed, BagUnsealed,
    ContentsMoved, NotMoved, SealMismatched, ShipmentPutIn, ShipmentTakenOut,
};
pub use move_contents::{MoveError, MoveOutcome, ScanReport, move_contents};
pub use moves::{Move, moves};
pub use rejection::BagRejection;
pub use state::{BagPhase, BagState};
pub use table::TABLE;

use crate::eventsourcing::StreamId;
use crate::ids::BagId;

/// The category of bag streams.
pub const CATEGORY: &str = "BAG";

/// The stream of a bag.
#[must_use]
pub fn bag_stream(id: &BagId) -> StreamId {
    StreamId::of(CATEGORY, id.as_str())
}
