//! Long lists in pieces that each fit into one event.

use serde::Serialize;

use super::decide::DispatchRunRejection;
use crate::eventsourcing::PAYLOAD_BYTES_MAX;

/// `items` in pieces that each fit into one payload.
pub(super) fn pieces<T: Clone + Serialize>(
    items: &[T],
) -> Result<Vec<Vec<T>>, DispatchRunRejection> {
    /// Room for the field names and brackets around the items.
    const FRAME_BYTES: usize = 64;
    let mut pieces: Vec<Vec<T>> = Vec::new();
    let mut room = 0;
    for item in items {
        let bytes =
            serde_json::to_vec(item).map_or(usize::MAX, |json| json.len()).saturating_add(1);
        if bytes > PAYLOAD_BYTES_MAX - FRAME_BYTES {
            return Err(DispatchRunRejection::PartTooLarge { bytes });
        }
        match pieces.last_mut().filter(|_| bytes <= room) {
            Some(piece) => piece.push(item.clone()),
            None => {
                pieces.push(vec![item.clone()]);
                room = PAYLOAD_BYTES_MAX - FRAME_BYTES;
            }
        }
        room -= bytes;
    }
    Ok(pieces)
}
