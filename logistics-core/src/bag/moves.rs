//! What a scan of a bag means for the shipments in it.

use super::event::BagEvent;
use crate::eventsourcing::{CommandEnvelope, DecodeError, RecordedEvent};
use crate::ids::{CommandId, ShipmentId};
use crate::shipment::{ScanInbound, ScanOutbound, ShipmentCommand};

/// One shipment's part in a scan of its bag.
#[derive(Debug, Clone)]
pub struct Move {
    /// The shipment.
    pub shipment: ShipmentId,
    /// What is asked of it. Its id follows from the scan and the shipment, so that deriving it
    /// again gives the same command.
    pub command: CommandEnvelope<ShipmentCommand>,
}

/// The commands to `contents` that follow from `recorded`, an event of their bag: a scan out for a
/// departure, a scan in for an arrival, nothing for all else.
///
/// `contents` is what the bag held at that event: see [`BagState::contents`](super::BagState).
///
/// # Errors
/// [`DecodeError`] when it is not an event of a bag or cannot be read.
pub fn moves<'a>(
    recorded: &RecordedEvent,
    contents: impl IntoIterator<Item = &'a ShipmentId>,
) -> Result<Vec<Move>, DecodeError> {
    let scan: ShipmentCommand = match recorded.decode()? {
        BagEvent::BagDeparted(scan) => ScanOutbound { hub: scan.hub, to: Some(scan.to) }.into(),
        BagEvent::BagArrived(scan) => ScanInbound { hub: scan.hub }.into(),
        _ => return Ok(Vec::new()),
    };
    let event = &recorded.event;
    let scan_id = event.event_id.to_string();
    let one = |shipment: &ShipmentId| {
        let id = CommandId::derived(&["bag scan", &scan_id, shipment.as_str()]);
        let command = CommandEnvelope::new(id, event.recorded_at, scan.clone())
            .by(event.actor.clone())
            .because_of(event.correlation_id.clone(), Some(event.event_id))
            .occurring(event.occurred);
        Move { shipment: shipment.clone(), command }
    };
    Ok(contents.into_iter().map(one).collect())
}
