//! The subjects' keys in memory.

use std::collections::BTreeMap;

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::{MemoryStore, whole_micros};
use crate::eventsourcing::StoreError;
use crate::ids::SubjectId;
use crate::privacy::{KeyState, KeyStore, SubjectKey};

#[derive(Debug, Default)]
pub(super) struct State(BTreeMap<SubjectId, KeyState>);

#[async_trait]
impl KeyStore for MemoryStore {
    async fn key(&self, subject: &SubjectId) -> Result<KeyState, StoreError> {
        Ok(self.lock().keys.0.get(subject).cloned().unwrap_or(KeyState::Absent))
    }

    async fn create_key(
        &self,
        subject: &SubjectId,
        fresh: &SubjectKey,
    ) -> Result<KeyState, StoreError> {
        let keys = &mut self.lock().keys.0;
        let made = || KeyState::Present(fresh.clone());
        Ok(keys.entry(subject.clone()).or_insert_with(made).clone())
    }

    async fn destroy_key(&self, subject: &SubjectId, at: DateTime<Utc>) -> Result<(), StoreError> {
        let destroyed = KeyState::Destroyed { at: whole_micros(at) };
        let keys = &mut self.lock().keys.0;
        let state = keys.entry(subject.clone()).or_insert_with(|| destroyed.clone());
        if !matches!(state, KeyState::Destroyed { .. }) {
            *state = destroyed;
        }
        Ok(())
    }
}
