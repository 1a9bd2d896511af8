//! What a tracker says about a fix.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::zone::ZoneId;

/// What a fix led to.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Observation {
    /// The crossings, in order.
    pub events: Vec<Crossing>,
    /// How the confirmed zones changed: at most once by a changed zone set, then at most once by
    /// the fix. Empty for nearly all fixes.
    pub changes: Vec<ZoneChange>,
    /// Why the fix was not used, if it was not.
    pub ignored: Option<Ignored>,
}

impl Observation {
    /// The change that the tracked thing's movement made: what `GeofenceBreached` means. A first
    /// fix, the end of a gap and a changed zone set change zones too, but nothing was seen to move.
    #[must_use]
    pub fn breach(&self) -> Option<&ZoneChange> {
        self.changes.iter().find(|change| change.cause == Cause::Movement)
    }
}

/// A change of the confirmed zones.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ZoneChange {
    /// Confirmed zones before, sorted.
    pub before: Vec<ZoneId>,
    /// Confirmed zones after, sorted.
    pub after: Vec<ZoneId>,
    /// What made the change.
    pub cause: Cause,
    /// Time of the fix that shows the zones after.
    pub at: DateTime<Utc>,
}

/// One zone entered, left, crossed or stayed in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Crossing {
    /// Which of them.
    pub kind: CrossingKind,
    /// The zone.
    pub zone: ZoneId,
    /// When the border was crossed: interpolated between fixes, to the millisecond, when the
    /// cause is movement; else the time of the fix. Of a [`CrossingKind::Cross`], the way in; of a
    /// [`CrossingKind::Dwell`], when the stay had lasted long enough.
    pub at: DateTime<Utc>,
    /// When the zone was left again, for a [`CrossingKind::Cross`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub left_at: Option<DateTime<Utc>>,
    /// Time of the fix that decided it: later than `at` by the fixes that had to confirm it.
    pub decided_at: DateTime<Utc>,
    /// What made it happen.
    pub cause: Cause,
    /// Version of the zone set it was decided under.
    pub zone_set_version: u64,
    /// Probability that the deciding fix lies on the side of the border that was seen, from its
    /// distance to the border and its accuracy; for a [`CrossingKind::Cross`] that of the middle
    /// of the way through. 0.5 on the border, 1 far from it, and 1 for a [`CrossingKind::Dwell`].
    pub confidence: f64,
}

/// What happened at a zone's border.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum CrossingKind {
    /// The zone was entered.
    Enter,
    /// The zone was left.
    Exit,
    /// The zone was passed through: between two fixes, neither of which is in it, or by way of
    /// fixes too few and too near its border to tell that it was entered.
    Cross,
    /// The zone has been stayed in for [`TrackerOptions::dwell`](crate::TrackerOptions::dwell); told
    /// once for each stay.
    Dwell,
}

impl CrossingKind {
    /// Whether the confirmed zones are others after it.
    pub(super) fn changes_zones(self) -> bool {
        matches!(self, Self::Enter | Self::Exit)
    }
}

/// What made a crossing or change happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Cause {
    /// The tracked thing moved from one fix to the next.
    Movement,
    /// It was seen for the first time.
    FirstFix,
    /// It was seen again after too long a silence or after an impossible jump.
    AfterGap,
    /// It did not move; the zones did.
    ZoneSetChanged,
}

/// Why a fix was not used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Ignored {
    /// Older than the last fix used.
    Late,
    /// The last fix used, again.
    Duplicate,
    /// Another place at the time of the last fix used; the first one counts.
    SameTime,
    /// Further from the last fix used than the highest speed that is believed explains. If the next
    /// fix agrees with it, that one is used, after a gap.
    Outlier,
    /// Its accuracy radius is above the limit.
    Inaccurate,
    /// Its accuracy is negative or not finite.
    NotAnAccuracy,
    /// Its position is not finite or not on earth.
    NotOnEarth,
}
