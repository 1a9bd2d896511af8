//! Position history, evaluation cursors and dead letters in memory.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, VecDeque};

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::{MemoryStore, at_most, whole_micros};
use crate::eventsourcing::StoreError;
use crate::ids::PartnerId;
use crate::telemetry::{Appended, DeadLetter, DeadLetters, Fix, FixStore, TrackCursor};

#[derive(Debug, Default)]
pub(super) struct State {
    fixes: BTreeMap<(PartnerId, DateTime<Utc>), Fix>,
    cursors: BTreeMap<PartnerId, TrackCursor>,
    dead_letters: VecDeque<DeadLetter>,
    /// How many letters were ever kept: the number of the last one.
    buried: u64,
}

impl State {
    fn append(&mut self, fix: &Fix) -> Appended {
        let fix = Fix { ts: whole_micros(fix.ts), ..fix.clone() };
        match self.fixes.entry((fix.partner.clone(), fix.ts)) {
            Entry::Vacant(slot) => {
                slot.insert(fix);
                Appended::Stored
            }
            Entry::Occupied(slot) if *slot.get() == fix => Appended::Duplicate,
            Entry::Occupied(mut slot) => {
                let replaced = fix.supersedes(slot.get());
                if replaced {
                    slot.insert(fix);
                }
                Appended::Conflict { replaced }
            }
        }
    }
}

#[async_trait]
impl FixStore for MemoryStore {
    async fn append(&self, fixes: &[Fix]) -> Result<Vec<Appended>, StoreError> {
        let state = &mut self.lock().fixes;
        Ok(fixes.iter().map(|fix| state.append(fix)).collect())
    }

    async fn range(
        &self,
        partner: &PartnerId,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
        limit: u32,
    ) -> Result<Vec<Fix>, StoreError> {
        let state = &self.lock().fixes;
        let behind = state.fixes.range((partner.clone(), from)..);
        let within = behind.take_while(|((of, ts), _)| of == partner && *ts < to);
        Ok(within.take(at_most(limit)).map(|(_, fix)| fix.clone()).collect())
    }

    async fn latest(&self) -> Result<Vec<Fix>, StoreError> {
        let mut latest: BTreeMap<&PartnerId, &Fix> = BTreeMap::new();
        let state = &self.lock().fixes;
        // In order of time, so the last one of a partner stays.
        latest.extend(state.fixes.iter().map(|((partner, _), fix)| (partner, fix)));
        Ok(latest.into_values().cloned().collect())
    }

    async fn prune(&self, before: DateTime<Utc>, limit: u32) -> Result<u64, StoreError> {
        let (state, mut removed) = (&mut self.lock().fixes, 0);
        state.fixes.retain(|(_, ts), _| {
            let keep = *ts >= before || removed >= u64::from(limit);
            removed += u64::from(!keep);
            keep
        });
        Ok(removed)
    }

    async fn save_cursors(&self, cursors: &[TrackCursor]) -> Result<(), StoreError> {
        let state = &mut self.lock().fixes;
        for cursor in cursors {
            let evaluated_until = whole_micros(cursor.evaluated_until);
            let cursor = TrackCursor { evaluated_until, ..cursor.clone() };
            state.cursors.insert(cursor.partner.clone(), cursor);
        }
        Ok(())
    }

    async fn cursors(&self) -> Result<Vec<TrackCursor>, StoreError> {
        Ok(self.lock().fixes.cursors.values().cloned().collect())
    }
}

#[async_trait]
impl DeadLetters for MemoryStore {
    async fn bury(&self, letters: &[DeadLetter]) -> Result<(), StoreError> {
        let state = &mut self.lock().fixes;
        for letter in letters {
            state.buried += 1;
            let received_at = whole_micros(letter.received_at);
            state.dead_letters.push_back(DeadLetter {
                id: state.buried,
                received_at,
                ..letter.clone()
            });
        }
        let max = u64::try_from(self.dead_letters_max).unwrap_or(u64::MAX);
        let gone = state.buried.saturating_sub(max);
        state.dead_letters.retain(|letter| letter.id > gone);
        Ok(())
    }

    async fn list(&self, after: u64, limit: u32) -> Result<Vec<DeadLetter>, StoreError> {
        let state = &self.lock().fixes;
        let letters = state.dead_letters.iter().filter(|letter| letter.id > after);
        Ok(letters.take(at_most(limit)).cloned().collect())
    }

    async fn amend(&self, letter: &DeadLetter) -> Result<bool, StoreError> {
        let letters = &mut self.lock().fixes.dead_letters;
        let found = letters.iter_mut().find(|there| there.id == letter.id);
        let received_at = whole_micros(letter.received_at);
        Ok(found.map(|there| *there = DeadLetter { received_at, ..letter.clone() }).is_some())
    }

    async fn remove(&self, id: u64) -> Result<bool, StoreError> {
        let letters = &mut self.lock().fixes.dead_letters;
        let before = letters.len();
        letters.retain(|letter| letter.id != id);
        Ok(letters.len() < before)
    }
}
