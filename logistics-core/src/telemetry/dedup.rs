//! Fixes seen a moment ago, so that what a device sends again right away does not reach the store.
//!
//! Only a cache: that a fix is stored once is the store's doing, and a fix that this has forgotten
//! is merely slower.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use chrono::{DateTime, TimeDelta, Utc};

use super::fix::Fix;
use crate::ids::PartnerId;

/// What the cache knows of a fix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Novelty {
    /// Nothing: ask the store.
    New,
    /// The very same was stored within the window.
    Duplicate,
    /// Another fix of the same partner and time was stored within the window: the store decides.
    MaybeConflict,
}

/// Fixes that were stored within a sliding window of arrival time. Its memory is bounded; what
/// their own times are, late or early, does not matter.
#[derive(Debug)]
pub struct DedupWindow {
    window: TimeDelta,
    half_capacity: usize,
    turned_at: DateTime<Utc>,
    young_len: usize,
    // Two generations: what is in the old one is at least as old as what is in the young one, and
    // forgetting is dropping a map.
    young: Generation,
    old: Generation,
}

type Generation = BTreeMap<PartnerId, BTreeMap<DateTime<Utc>, Seen>>;

#[derive(Debug, Clone, Copy)]
struct Seen {
    fingerprint: u64,
    at: DateTime<Utc>,
}

impl DedupWindow {
    /// A cache of what was stored within `window`, of at most `capacity` fixes.
    #[must_use]
    pub fn new(window: TimeDelta, capacity: usize) -> Self {
        Self {
            window,
            half_capacity: (capacity / 2).max(1),
            turned_at: DateTime::UNIX_EPOCH,
            young_len: 0,
            young: Generation::new(),
            old: Generation::new(),
        }
    }

    /// What is known of `fix`, which arrives at `now`.
    #[must_use]
    pub fn observe(&self, fix: &Fix, now: DateTime<Utc>) -> Novelty {
        let seen = [&self.young, &self.old]
            .into_iter()
            .filter_map(|generation| generation.get(&fix.partner)?.get(&fix.ts))
            .find(|seen| now.signed_duration_since(seen.at) < self.window);
        match seen {
            None => Novelty::New,
            Some(seen) if seen.fingerprint == fingerprint(fix) => Novelty::Duplicate,
            Some(_) => Novelty::MaybeConflict,
        }
    }

    /// Takes note of `fix`, once it is durable. Not before: a fix that is known here is
    /// acknowledged without asking the store.
    pub fn remember(&mut self, fix: &Fix, now: DateTime<Utc>) {
        let open_for = now.signed_duration_since(self.turned_at);
        if open_for >= self.window || self.young_len >= self.half_capacity {
            self.old = std::mem::take(&mut self.young);
            self.young_len = 0;
            self.turned_at = now;
        }
        let seen = Seen { fingerprint: fingerprint(fix), at: now };
        let before = match self.young.get_mut(&fix.partner) {
            Some(times) => times.insert(fix.ts, seen),
            None => {
                self.young.insert(fix.partner.clone(), BTreeMap::from([(fix.ts, seen)]));
                None
            }
        };
        self.young_len += usize::from(before.is_none());
    }

    /// How many fixes are held.
    #[must_use]
    pub fn len(&self) -> usize {
        self.young_len + self.old.values().map(BTreeMap::len).sum::<usize>()
    }

    /// Whether none is held.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// A hash of everything but partner and time. Two fixes of one partner and millisecond that differ
/// and share it are one in 2^64.
fn fingerprint(fix: &Fix) -> u64 {
    let mut hasher = DefaultHasher::new();
    for value in [fix.position.x(), fix.position.y(), fix.accuracy_m] {
        value.to_bits().hash(&mut hasher);
    }
    for value in [fix.speed_mps, fix.bearing_deg, fix.battery] {
        value.map(f64::to_bits).hash(&mut hasher);
    }
    (fix.accuracy_assumed, fix.mocked).hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use geo_types::Point;

    use super::*;

    fn fix(partner: &str, ts_ms: i64, accuracy_m: f64) -> Fix {
        Fix {
            partner: PartnerId::new(partner).unwrap(),
            ts: DateTime::from_timestamp_millis(ts_ms).unwrap(),
            position: Point::new(73.8, 18.5),
            accuracy_m,
            accuracy_assumed: false,
            speed_mps: None,
            bearing_deg: None,
            battery: None,
            mocked: false,
        }
    }

    fn at(ms: i64) -> DateTime<Utc> {
        DateTime::from_timestamp_millis(1_800_000_000_000 + ms).unwrap()
    }

    #[test]
    fn the_window_slides_with_arrival_whatever_the_fixes_own_times() {
        let mut window = DedupWindow::new(TimeDelta::seconds(5), 100);
        let late = fix("DP-1", 1_000, 10.0);
        assert_eq!(window.observe(&late, at(0)), Novelty::New);
        window.remember(&late, at(0));
        assert_eq!(window.observe(&late, at(4_999)), Novelty::Duplicate);
        assert_eq!(window.observe(&fix("DP-1", 1_000, 9.0), at(4_999)), Novelty::MaybeConflict);
        assert_eq!(window.observe(&fix("DP-2", 1_000, 10.0), at(0)), Novelty::New);
        assert_eq!(window.observe(&late, at(5_000)), Novelty::New);

        // Remembered in the next generation, found through the one before.
        window.remember(&fix("DP-1", 2_000, 10.0), at(4_000));
        window.remember(&fix("DP-1", 3_000, 10.0), at(6_000));
        assert_eq!(window.observe(&fix("DP-1", 2_000, 10.0), at(8_000)), Novelty::Duplicate);
        assert_eq!(window.observe(&fix("DP-1", 2_000, 10.0), at(9_000)), Novelty::New);
    }

    #[test]
    fn memory_is_bounded_however_many_arrive_at_once() {
        let mut window = DedupWindow::new(TimeDelta::seconds(5), 100);
        for ts in 0..10_000 {
            window.remember(&fix("DP-1", ts, 10.0), at(0));
            assert!(window.len() <= 100, "{} held", window.len());
        }
        assert_eq!(window.observe(&fix("DP-1", 9_999, 10.0), at(1)), Novelty::Duplicate);
    }
}
