//! A shipment's trail: its own events, and the zone borders crossed while it was on board.

use chrono::{DateTime, Duration, NaiveDate, Utc};
use chrono_tz::Tz;

use crate::eventsourcing::{DecodeError, RecordedEvent};
use crate::ids::PartnerId;
use crate::partner::{SHIFT_CATEGORY, ShiftEvent};
use crate::shipment::ShipmentEvent;
use crate::sla::local_date;

/// Most local dates of one stay on board.
pub const SHIFT_DATES_MAX: usize = 32;

/// One stay of a shipment on board of a partner, from leaving to the outcome of the attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OnBoard {
    /// The partner.
    pub partner: PartnerId,
    /// When the partner left with it, as reported.
    pub from: DateTime<Utc>,
    /// When the attempt ended, as reported; none while it lasts.
    pub to: Option<DateTime<Utc>>,
}

impl OnBoard {
    /// Whether it was on board at `at`, for clocks that may differ by `tolerance`.
    #[must_use]
    pub fn covers(&self, at: DateTime<Utc>, tolerance: Duration) -> bool {
        at >= self.from - tolerance && self.to.is_none_or(|to| at <= to + tolerance)
    }

    /// The local dates in `time_zone` whose shift streams can hold what happened in this stay, up
    /// to `now` where it still lasts; at most [`SHIFT_DATES_MAX`].
    #[must_use]
    pub fn dates(&self, time_zone: Tz, now: DateTime<Utc>, tolerance: Duration) -> Vec<NaiveDate> {
        let first = local_date(self.from - tolerance, time_zone);
        let last = local_date(self.to.unwrap_or(now) + tolerance, time_zone);
        first.iter_days().take_while(|&date| date <= last).take(SHIFT_DATES_MAX).collect()
    }
}

/// The stays of a shipment on board of partners, from its own events in version order.
///
/// # Errors
/// [`DecodeError`] when an event is not a shipment's or cannot be read.
pub fn on_board_intervals(events: &[RecordedEvent]) -> Result<Vec<OnBoard>, DecodeError> {
    let mut stays: Vec<Stay> = Vec::new();
    for recorded in events {
        let (at, version) = (recorded.event.occurred.at, recorded.version.get());
        match recorded.decode::<ShipmentEvent>()? {
            ShipmentEvent::OutForDelivery(start) => {
                let on_board = OnBoard { partner: start.partner, from: at, to: None };
                stays.push(Stay { on_board, began: version, ended: None });
            }
            ShipmentEvent::DeliveryConfirmed(delivery) if delivery.partner.is_some() => {
                let last = stays.last_mut();
                // A late report of a delivery says nothing about where the shipment was after the
                // attempt that it overrules.
                match last.and_then(|stay| Some((stay.on_board.to?, stay))) {
                    Some((to, stay)) => stay.on_board.to = Some(to.min(at)),
                    None => end(&mut stays, at, version),
                }
            }
            ShipmentEvent::PartiallyDelivered(part) if part.reason.is_none() => {}
            // A hub that has it says so too, where nobody else did.
            ShipmentEvent::DeliveryAttempted(_)
            | ShipmentEvent::PartiallyDelivered(_)
            | ShipmentEvent::HubArrived(_)
            | ShipmentEvent::Lost(_)
            | ShipmentEvent::Damaged(_) => end(&mut stays, at, version),
            ShipmentEvent::EventRetracted(retraction) => {
                retract(&mut stays, retraction.version);
            }
            _ => {}
        }
    }
    Ok(stays.into_iter().map(|stay| stay.on_board).collect())
}

/// A stay, and the versions of the events that say so.
struct Stay {
    on_board: OnBoard,
    began: u64,
    ended: Option<u64>,
}

/// The stay that lasts has ended, if one does.
fn end(stays: &mut [Stay], at: DateTime<Utc>, version: u64) {
    if let Some(stay) = stays.last_mut().filter(|stay| stay.on_board.to.is_none()) {
        (stay.on_board.to, stay.ended) = (Some(at), Some(version));
    }
}

/// The event with this version says nothing any more.
fn retract(stays: &mut Vec<Stay>, version: u64) {
    stays.retain(|stay| stay.began != version);
    for stay in stays.iter_mut().filter(|stay| stay.ended == Some(version)) {
        (stay.on_board.to, stay.ended) = (None, None);
    }
}

/// A shipment's own events and, among `shifts`, the `GeofenceBreached` of its partners while it was
/// on board, in the order of recording.
///
/// What counts is when a border was crossed, not when that was recorded: devices report late.
/// `tolerance` is by how much the clocks of the reports may differ.
///
/// # Errors
/// [`DecodeError`] when an event cannot be read.
pub fn trail<'a>(
    own: &'a [RecordedEvent],
    shifts: &'a [RecordedEvent],
    tolerance: Duration,
) -> Result<Vec<&'a RecordedEvent>, DecodeError> {
    let stays = on_board_intervals(own)?;
    let mut trail: Vec<&RecordedEvent> = own.iter().collect();
    for recorded in shifts.iter().filter(|event| event.stream.category() == SHIFT_CATEGORY) {
        let ShiftEvent::GeofenceBreached(breach) = recorded.decode()? else { continue };
        let at = recorded.event.occurred.at;
        if stays.iter().any(|stay| stay.partner == breach.partner && stay.covers(at, tolerance)) {
            trail.push(recorded);
        }
    }
    trail.sort_by(|a, b| {
        let place =
            |event: &'a RecordedEvent| (event.event.recorded_at, &event.stream, event.version);
        place(a).cmp(&place(b))
    });
    trail.dedup_by(|a, b| a.stream == b.stream && a.version == b.version);
    Ok(trail)
}
