//! Telling shipments of the scans of their bag, so that a crash in between does no harm.

use chrono::{DateTime, Utc};

use super::bag_stream;
use super::command::{BagCommand, RecordMoved};
use super::decide::{Bag, BagPolicy};
use super::event::NotMoved;
use super::moves::{Move, moves};
use super::rejection::BagRejection;
use super::state::BagState;
use crate::eventsourcing::{
    CommandEnvelope, Decider, DecodeError, EventStore, ExecuteError, Occurred, RecordedEvent,
    StoreError, StreamId, Version, execute, load_all,
};
use crate::ids::{BagId, CommandId, ShipmentId};
use crate::shipment::{Shipment, ShipmentPolicy, ShipmentRejection, shipment_stream};

/// What became of a shipment's part in a scan.
#[derive(Debug)]
pub enum MoveOutcome {
    /// It moved now.
    Moved,
    /// It had moved already: an earlier call came this far.
    AlreadyMoved,
    /// It cannot move: nothing has changed, and asking again will not be tried.
    Refused(ShipmentRejection),
    /// It could not be asked. The scan stays pending, and the next call tries again.
    Failed(ExecuteError<ShipmentRejection>),
}

/// What became of one scan of a bag.
#[derive(Debug)]
pub struct ScanReport {
    /// The version of the scan among the bag's events.
    pub scan: Version,
    /// Every shipment that was in the bag, with what became of it.
    pub shipments: Vec<(ShipmentId, MoveOutcome)>,
}

impl ScanReport {
    /// Whether every shipment was told, so that the scan is no longer pending.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        !self.shipments.iter().any(|(_, outcome)| matches!(outcome, MoveOutcome::Failed(_)))
    }

    /// The shipments that refused.
    fn not_moved(&self) -> Vec<NotMoved> {
        let refused = self.shipments.iter().filter_map(|(shipment, outcome)| match outcome {
            MoveOutcome::Refused(why) => {
                Some(NotMoved { shipment: shipment.clone(), reason: why.code().to_owned() })
            }
            _ => None,
        });
        refused.collect()
    }
}

/// Why the scans of a bag could not be passed on. What was reached stays; call again.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MoveError {
    /// The store failed.
    #[error("the store failed")]
    Store(#[from] StoreError),
    /// An event of the bag cannot be read: this program is older than the store, or it is damaged.
    #[error("an event of {stream} at version {version} cannot be read")]
    Unreadable {
        /// The bag's stream.
        stream: StreamId,
        /// The event's version.
        version: Version,
        /// What the decoder met.
        #[source]
        source: DecodeError,
    },
    /// It could not be recorded on the bag that its shipments were told.
    #[error("it could not be recorded that the contents moved")]
    Record(#[source] ExecuteError<BagRejection>),
}

/// Tells the shipments of a bag of its pending scans, oldest scan first, and records on the bag
/// that they were told and which refused.
///
/// Calling it again is safe at any time; after a crash it goes on where it stopped. Call it for
/// each scan, and at the start for the bags whose scans may be pending. A scan of which some
/// shipment could not be told stays pending, and no later one is passed on before it: the last
/// report says so.
///
/// Calls for one bag at the same time do no harm to shipments that accept. One that refused may be
/// asked once more by the slower call.
///
/// # Errors
/// [`MoveError`] when the store fails or the bag cannot be read; call again.
pub async fn move_contents(
    store: &dyn EventStore,
    bag: &BagId,
    now: DateTime<Utc>,
    policy: &ShipmentPolicy,
) -> Result<Vec<ScanReport>, MoveError> {
    let stream = bag_stream(bag);
    let mut reports = Vec::new();
    for (scan, moves) in pending_moves(store, &stream).await? {
        let mut report = ScanReport { scan: scan.version, shipments: Vec::new() };
        for one in moves {
            let outcome = tell(store, &one, now, policy).await?;
            report.shipments.push((one.shipment, outcome));
        }
        let settled = report.is_settled();
        if settled {
            record(store, &stream, &scan, &report, now).await?;
        }
        reports.push(report);
        if !settled {
            break;
        }
    }
    Ok(reports)
}

async fn tell(
    store: &dyn EventStore,
    one: &Move,
    now: DateTime<Utc>,
    policy: &ShipmentPolicy,
) -> Result<MoveOutcome, StoreError> {
    let stream = shipment_stream(&one.shipment);
    match execute::<Shipment>(store, &stream, &one.command, now, policy).await {
        Ok(done) if done.replayed => Ok(MoveOutcome::AlreadyMoved),
        Ok(_) => Ok(MoveOutcome::Moved),
        Err(ExecuteError::Rejected(why)) => Ok(MoveOutcome::Refused(why)),
        // It fails for the others too.
        Err(ExecuteError::Store(error) | ExecuteError::OutcomeUnknown(error)) => Err(error),
        Err(error) => Ok(MoveOutcome::Failed(error)),
    }
}

/// The pending scans of a bag, oldest first, each with what it means for what the bag held then.
async fn pending_moves(
    store: &dyn EventStore,
    stream: &StreamId,
) -> Result<Vec<(RecordedEvent, Vec<Move>)>, MoveError> {
    let unreadable = |version| {
        let stream = stream.clone();
        move |source| MoveError::Unreadable { stream, version, source }
    };
    let mut state = BagState::default();
    let mut scans = Vec::new();
    for recorded in load_all(store, stream).await? {
        let version = recorded.version;
        state = Bag::evolve(state, &recorded.decode().map_err(unreadable(version))?);
        if state.pending.contains(&version) {
            let moves = moves(&recorded, state.contents.keys()).map_err(unreadable(version))?;
            scans.push((recorded, moves));
        }
    }
    scans.retain(|(scan, _)| state.pending.contains(&scan.version));
    Ok(scans)
}

async fn record(
    store: &dyn EventStore,
    stream: &StreamId,
    scan: &RecordedEvent,
    report: &ScanReport,
    now: DateTime<Utc>,
) -> Result<(), MoveError> {
    let moved = RecordMoved { scan: scan.version, not_moved: report.not_moved() };
    let id = CommandId::derived(&["bag scan", &scan.event.event_id.to_string()]);
    // Issued at a time that does not change from call to call, as is its id.
    let command = CommandEnvelope::new(id, scan.event.recorded_at, BagCommand::from(moved))
        .occurring(Occurred::observed(now))
        .because_of(scan.event.correlation_id.clone(), Some(scan.event.event_id));
    match execute::<Bag>(store, stream, &command, now, &BagPolicy).await {
        // The id with other content: another caller was faster, and met other refusals.
        Ok(_) | Err(ExecuteError::KeyReused { .. }) => Ok(()),
        Err(error) => Err(MoveError::Record(error)),
    }
}
