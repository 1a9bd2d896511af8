//! Manifests that wait to be published: of each partner the newest, until the broker has it.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use logistics_core::PartnerId;
use tokio::sync::Notify;

use crate::host::Manifest;
use crate::link::Outbox;

/// So many lost connections make a manifest suspect: it may be what the broker breaks off for. It
/// is sent alone from then on, and after all others.
const SUSPECT: u32 = 3;

/// One manifest on its turn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Turn {
    pub(super) partner: PartnerId,
    pub(super) manifest: Manifest,
    /// Connections that were lost with it on the way.
    failures: u32,
}

impl Turn {
    fn is_suspect(&self) -> bool {
        self.failures >= SUSPECT
    }
}

#[derive(Debug, Default)]
struct State {
    /// With the number of its turn.
    waiting: BTreeMap<PartnerId, (u64, Turn)>,
    /// The greatest version ever known, by partner.
    newest: BTreeMap<PartnerId, u64>,
    turns: u64,
}

impl State {
    fn queue(&mut self, turn: Turn) {
        self.turns += 1;
        self.waiting.insert(turn.partner.clone(), (self.turns, turn));
    }
}

/// The manifests that wait. At most one for each partner.
#[derive(Debug, Default)]
pub(super) struct Manifests {
    state: Mutex<State>,
    more: Notify,
}

impl Manifests {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Queues a manifest; it takes the place of an older one. False when a newer one is known.
    pub(super) fn put(&self, partner: &PartnerId, manifest: Manifest) -> bool {
        let mut state = self.state();
        let newest = state.newest.entry(partner.clone()).or_insert(manifest.version);
        if manifest.version < *newest {
            return false;
        }
        *newest = manifest.version;
        state.queue(Turn { partner: partner.clone(), manifest, failures: 0 });
        drop(state);
        self.more.notify_one();
        true
    }

    /// The connection was lost with it on the way: it is for later, unless a newer one waits.
    pub(super) fn put_back(&self, turn: Turn) {
        let mut state = self.state();
        if !state.waiting.contains_key(&turn.partner) {
            state.queue(Turn { failures: turn.failures + 1, ..turn });
        }
    }

    /// The next to publish beside what is `on_the_way`: of each partner one at a time.
    pub(super) fn take(&self, on_the_way: &Outbox<Turn>) -> Option<Turn> {
        if on_the_way.iter().any(Turn::is_suspect) {
            return None;
        }
        let mut state = self.state();
        let free = state.waiting.iter().filter(|(partner, (_, turn))| {
            let is_busy = on_the_way.iter().any(|other| other.partner == **partner);
            !is_busy && (on_the_way.is_empty() || !turn.is_suspect())
        });
        let next = free.min_by_key(|(_, (number, turn))| (turn.failures, *number));
        let partner = next.map(|(partner, _)| partner.clone())?;
        state.waiting.remove(&partner).map(|(_, turn)| turn)
    }

    /// How many wait.
    pub(super) fn len(&self) -> usize {
        self.state().waiting.len()
    }

    /// Waits until one more is put in.
    pub(super) async fn more(&self) {
        self.more.notified().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn partner(id: &str) -> PartnerId {
        PartnerId::new(id).unwrap()
    }

    fn put(manifests: &Manifests, id: &str, version: u64) -> bool {
        manifests.put(&partner(id), Manifest { version, payload: "stops".into() })
    }

    fn next(manifests: &Manifests) -> Option<Turn> {
        manifests.take(&Outbox::new())
    }

    fn take(manifests: &Manifests) -> Option<(String, u64)> {
        let turn = next(manifests)?;
        Some((turn.partner.to_string(), turn.manifest.version))
    }

    #[test]
    fn the_latest_of_each_partner_goes_out_in_order() {
        let manifests = Manifests::default();
        assert!(put(&manifests, "A", 1) && put(&manifests, "B", 1) && put(&manifests, "A", 3));
        assert!(!put(&manifests, "A", 2), "stale");
        assert!(put(&manifests, "A", 3), "the same again is no harm");
        assert_eq!(manifests.len(), 2);
        assert_eq!(take(&manifests), Some(("B".into(), 1)));
        assert_eq!(take(&manifests), Some(("A".into(), 3)));
        assert_eq!(take(&manifests), None);
        assert!(!put(&manifests, "A", 2), "what is out is still the newest");
    }

    #[test]
    fn each_partner_has_one_on_the_way() {
        let manifests = Manifests::default();
        put(&manifests, "A", 1);
        put(&manifests, "B", 1);
        let mut on_the_way = Outbox::new();
        on_the_way.push(next(&manifests).unwrap());
        put(&manifests, "A", 2);
        on_the_way.push(manifests.take(&on_the_way).unwrap());
        assert_eq!(on_the_way.iter().last().unwrap().partner, partner("B"));
        assert_eq!(manifests.take(&on_the_way), None);
        assert_eq!(take(&manifests), Some(("A".into(), 2)));
    }

    #[test]
    fn what_was_on_the_way_comes_later_and_never_before_a_newer_one() {
        let manifests = Manifests::default();
        put(&manifests, "A", 1);
        put(&manifests, "B", 1);
        let mut first = next(&manifests).unwrap();
        manifests.put_back(first);
        assert_eq!(take(&manifests), Some(("B".into(), 1)), "the untried first");
        for _ in 0..2 {
            first = next(&manifests).unwrap();
            manifests.put_back(first);
        }
        // Suspect by now: it goes alone.
        put(&manifests, "B", 2);
        let mut on_the_way = Outbox::new();
        on_the_way.push(next(&manifests).unwrap());
        assert_eq!(manifests.take(&on_the_way), None, "not beside others");
        on_the_way.drain().for_each(drop);
        on_the_way.push(manifests.take(&on_the_way).unwrap());
        put(&manifests, "C", 1);
        assert_eq!(manifests.take(&on_the_way), None, "nor others beside it");
        put(&manifests, "A", 2);
        on_the_way.drain().for_each(|turn| manifests.put_back(turn));
        assert_eq!(take(&manifests), Some(("C".into(), 1)));
        assert_eq!(take(&manifests), Some(("A".into(), 2)), "the newer one is not suspect");
    }
}
