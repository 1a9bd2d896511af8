//! What a tracker remembers of one tracked thing: plain data, owned by the caller.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::Fix;
use crate::set::ContentHash;
use crate::zone::ZoneId;

/// What a [`Tracker`](super::Tracker) knows of one tracked thing. Plain data: keep it where you keep
/// the rest, one for each thing and zone set (a city's, say); the default has seen nothing yet.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TrackState {
    /// The last fix that was used.
    pub(super) last: Option<Fix>,
    /// Speed over the last step that was not sudden, since the last gap.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) speed_mps: Option<f64>,
    /// A fix too far away to be believed, unless the next one is near it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) outlier: Option<Fix>,
    /// The zone set that the zones below refer to.
    pub(super) zone_set: Option<(u64, ContentHash)>,
    /// The confirmed zones, sorted.
    pub(super) inside: Vec<Stay>,
    /// What speaks against the confirmed zones and is not confirmed itself.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) pending: Vec<Pending>,
}

/// A zone the tracked thing is in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Stay {
    pub(super) zone: ZoneId,
    /// When it was entered.
    pub(super) since: DateTime<Utc>,
    /// Dwelling has been told.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) dwelt: bool,
}

/// A crossing that is not confirmed: out of a zone that is confirmed, into one that is not.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Pending {
    pub(super) zone: ZoneId,
    /// When the border was crossed.
    pub(super) at: DateTime<Utc>,
    /// Time of the first fix behind it.
    pub(super) first: DateTime<Utc>,
    /// Number of fixes in a row behind it.
    pub(super) fixes: u32,
    /// The last fix before it; nothing after a gap.
    pub(super) from: Option<Fix>,
    /// When the border was crossed back, of a way in without a fix that is clear of the zone since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) back: Option<DateTime<Utc>>,
}

impl TrackState {
    /// The zones the tracked thing is in, sorted.
    #[must_use]
    pub fn inside(&self) -> impl ExactSizeIterator<Item = &ZoneId> {
        self.inside.iter().map(|stay| &stay.zone)
    }

    /// The last fix that was used.
    #[must_use]
    pub fn last_fix(&self) -> Option<&Fix> {
        self.last.as_ref()
    }

    /// Version of the zone set that [`inside`](Self::inside) refers to.
    #[must_use]
    pub fn zone_set_version(&self) -> Option<u64> {
        self.zone_set.map(|(version, _)| version)
    }

    pub(super) fn is_inside(&self, zone: &ZoneId) -> bool {
        self.inside().any(|inside| inside == zone)
    }

    pub(super) fn ids(&self) -> Vec<ZoneId> {
        self.inside().cloned().collect()
    }

    pub(super) fn enter(&mut self, zone: ZoneId, since: DateTime<Utc>) {
        let at = self.inside.partition_point(|stay| stay.zone < zone);
        self.inside.insert(at, Stay { zone, since, dwelt: false });
    }

    /// Forgets a confirmed zone and gives what was known of it.
    pub(super) fn leave(&mut self, zone: &ZoneId) -> Option<Stay> {
        let at = self.inside.iter().position(|stay| stay.zone == *zone)?;
        Some(self.inside.remove(at))
    }

    pub(super) fn pending(&mut self, zone: &ZoneId) -> Option<&mut Pending> {
        self.pending.iter_mut().find(|pending| pending.zone == *zone)
    }

    /// Forgets what is pending for a zone and gives it.
    pub(super) fn settle(&mut self, zone: &ZoneId) -> Option<Pending> {
        let at = self.pending.iter().position(|pending| pending.zone == *zone)?;
        Some(self.pending.remove(at))
    }
}
