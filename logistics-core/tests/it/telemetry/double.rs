//! A store of fixes and dead letters that fails and refuses on demand.

use std::collections::BTreeMap;
use std::sync::Mutex;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use logistics_core::PartnerId;
use logistics_core::eventsourcing::{Retry, StoreError, StoreErrorKind};
use logistics_core::telemetry::{Appended, DeadLetter, DeadLetters, Fix, FixStore, TrackCursor};

/// What the store does, and how to make it fail.
#[derive(Default)]
pub(crate) struct Double {
    pub(crate) fixes: Mutex<BTreeMap<(PartnerId, DateTime<Utc>), Fix>>,
    pub(crate) letters: Mutex<Vec<DeadLetter>>,
    /// How many letters there ever were.
    pub(crate) buried: Mutex<u64>,
    pub(crate) appends: Mutex<u32>,
    /// Any batch with a fix of this latitude is refused for good.
    pub(crate) poison_lat: Mutex<Option<f64>>,
    /// Appends fail from this one on.
    pub(crate) down_after: Mutex<Option<u32>>,
    /// Burying fails.
    pub(crate) bury_down: Mutex<bool>,
}

fn failure(kind: StoreErrorKind, retry: Retry, reason: &str) -> StoreError {
    StoreError { kind, retry, operation: "append fixes", source: reason.into() }
}

#[async_trait]
impl FixStore for Double {
    async fn append(&self, fixes: &[Fix]) -> Result<Vec<Appended>, StoreError> {
        let count = {
            let mut appends = self.appends.lock().unwrap();
            *appends += 1;
            *appends
        };
        if self.down_after.lock().unwrap().is_some_and(|after| count > after) {
            return Err(failure(StoreErrorKind::Unavailable, Retry::Later, "disk is away"));
        }
        let poison = *self.poison_lat.lock().unwrap();
        if fixes.iter().any(|fix| Some(fix.position.y()) == poison) {
            return Err(failure(StoreErrorKind::Invalid, Retry::Never, "value refused"));
        }
        let mut stored = self.fixes.lock().unwrap();
        let append = |fix: &Fix| {
            let key = (fix.partner.clone(), fix.ts);
            match stored.get_mut(&key) {
                None => {
                    stored.insert(key, fix.clone());
                    Appended::Stored
                }
                Some(old) if old == fix => Appended::Duplicate,
                Some(old) => {
                    let replaced = fix.supersedes(old);
                    if replaced {
                        *old = fix.clone();
                    }
                    Appended::Conflict { replaced }
                }
            }
        };
        Ok(fixes.iter().map(append).collect())
    }

    async fn range(
        &self,
        partner: &PartnerId,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
        limit: u32,
    ) -> Result<Vec<Fix>, StoreError> {
        let stored = self.fixes.lock().unwrap();
        let range = (partner.clone(), from)..(partner.clone(), to);
        Ok(stored.range(range).take(limit as usize).map(|(_, fix)| fix.clone()).collect())
    }

    async fn latest(&self) -> Result<Vec<Fix>, StoreError> {
        let stored = self.fixes.lock().unwrap();
        let latest: BTreeMap<_, _> = stored.iter().map(|((who, _), fix)| (who, fix)).collect();
        Ok(latest.into_values().cloned().collect())
    }

    async fn prune(&self, before: DateTime<Utc>, _limit: u32) -> Result<u64, StoreError> {
        let mut stored = self.fixes.lock().unwrap();
        let len = stored.len();
        stored.retain(|(_, ts), _| *ts >= before);
        Ok((len - stored.len()) as u64)
    }

    async fn save_cursors(&self, _cursors: &[TrackCursor]) -> Result<(), StoreError> {
        Err(failure(StoreErrorKind::Invalid, Retry::Never, "keeps no cursors"))
    }

    async fn cursors(&self) -> Result<Vec<TrackCursor>, StoreError> {
        Ok(Vec::new())
    }
}

#[async_trait]
impl DeadLetters for Double {
    async fn bury(&self, letters: &[DeadLetter]) -> Result<(), StoreError> {
        if *self.bury_down.lock().unwrap() {
            return Err(failure(StoreErrorKind::Unavailable, Retry::Later, "disk is away"));
        }
        let mut kept = self.letters.lock().unwrap();
        for letter in letters {
            let mut buried = self.buried.lock().unwrap();
            *buried += 1;
            kept.push(DeadLetter { id: *buried, ..letter.clone() });
        }
        Ok(())
    }

    async fn list(&self, after: u64, limit: u32) -> Result<Vec<DeadLetter>, StoreError> {
        let letters = self.letters.lock().unwrap();
        let behind = letters.iter().filter(|letter| letter.id > after);
        Ok(behind.take(limit as usize).cloned().collect())
    }

    async fn amend(&self, letter: &DeadLetter) -> Result<bool, StoreError> {
        let mut letters = self.letters.lock().unwrap();
        let found = letters.iter_mut().find(|there| there.id == letter.id);
        Ok(found.map(|there| *there = letter.clone()).is_some())
    }

    async fn remove(&self, id: u64) -> Result<bool, StoreError> {
        let mut letters = self.letters.lock().unwrap();
        let len = letters.len();
        letters.retain(|letter| letter.id != id);
        Ok(letters.len() < len)
    }
}
