//! The partners' last presence in memory.

use std::collections::BTreeMap;

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::{MemoryStore, at_most, whole_micros};
use crate::eventsourcing::StoreError;
use crate::ids::{PartnerId, ZoneId};
use crate::telemetry::{Presence, PresenceStore};

#[derive(Debug, Default)]
pub(super) struct State(BTreeMap<PartnerId, Presence>);

#[async_trait]
impl PresenceStore for MemoryStore {
    async fn note(&self, presences: &[Presence]) -> Result<(), StoreError> {
        let known = &mut self.lock().presences.0;
        for presence in presences {
            let last_seen = whole_micros(presence.last_seen);
            if known.get(&presence.partner).is_none_or(|old| old.last_seen <= last_seen) {
                let presence = Presence { last_seen, ..presence.clone() };
                known.insert(presence.partner.clone(), presence);
            }
        }
        Ok(())
    }

    async fn silent(&self, before: DateTime<Utc>, limit: u32) -> Result<Vec<Presence>, StoreError> {
        let known = &self.lock().presences.0;
        let silent = known.values().filter(|seen| seen.on_shift && seen.last_seen < before);
        let mut silent: Vec<Presence> = silent.cloned().collect();
        // The sort is stable: those of one time stay in the order of their ids.
        silent.sort_by_key(|seen| seen.last_seen);
        silent.truncate(at_most(limit));
        Ok(silent)
    }

    async fn in_zone(
        &self,
        zone: &ZoneId,
        after: Option<&PartnerId>,
        limit: u32,
    ) -> Result<Vec<Presence>, StoreError> {
        let known = &self.lock().presences.0;
        let there = known.values().filter(|seen| seen.zone.as_ref() == Some(zone));
        let behind = there.filter(|seen| after.is_none_or(|after| seen.partner > *after));
        Ok(behind.take(at_most(limit)).cloned().collect())
    }
}
