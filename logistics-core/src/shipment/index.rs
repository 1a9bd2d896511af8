//! Under what a shipment's stream is found.

use chrono::{DateTime, Utc};

use super::phase::Phase;
use super::state::ShipmentState;
use crate::eventsourcing::IndexEntry;
use crate::readmodel::sort_key;

/// The entries of a shipment: `client`, from its creation; `hub`, while it lies there; `partner_day`
/// (`{partner}/{date}`), while it is in or on that round; `pending_confirmation` (`all`), while it is
/// out for delivery, by the time it went out; `subject`, until erased. Those that are not said to be
/// sorted otherwise are by the time of creation and the shipment's id.
pub(super) fn entries(state: &ShipmentState) -> Vec<IndexEntry> {
    let Some(order) = &state.order else { return Vec::new() };
    let created = format!("{}#{}", key(order.at), order.id);
    let entry = |index: &str, partition: &str| IndexEntry::new(index, partition, created.as_str());
    let mut entries = vec![entry("client", order.client.as_str())];
    if let Some(hub) = state.hub.as_ref().filter(|_| state.phase == Phase::AtHub) {
        entries.push(entry("hub", hub.as_str()));
    }
    let on_round =
        matches!(state.phase, Phase::Assigned | Phase::OutForDelivery | Phase::AttemptFailed);
    if on_round && let (Some(partner), Some(date)) = (&state.partner, state.date) {
        entries.push(entry("partner_day", &format!("{partner}/{date}")));
    }
    if state.phase == Phase::OutForDelivery {
        entries.push(IndexEntry::new("pending_confirmation", "all", key(state.out_since)));
    }
    if let Some(subject) = state.subject() {
        entries.push(entry("subject", subject.as_str()));
    }
    entries
}

/// What has no time comes first: it is older than the times are.
fn key(at: Option<DateTime<Utc>>) -> String {
    sort_key(at.unwrap_or(DateTime::UNIX_EPOCH))
}
