//! Versioned documents in memory.

use std::collections::BTreeMap;

use async_trait::async_trait;

use super::{MemoryStore, whole_micros};
use crate::documents::{Document, Documents, NewDocument, PutOutcome};
use crate::eventsourcing::StoreError;

/// All versions of each document, by collection and name; version `n` at index `n - 1`.
#[derive(Debug, Default)]
pub(super) struct State(BTreeMap<(String, String), Vec<Document>>);

#[async_trait]
impl Documents for MemoryStore {
    async fn put(&self, collection: &str, document: NewDocument) -> Result<PutOutcome, StoreError> {
        let state = &mut self.lock().documents.0;
        let key = (collection.to_owned(), document.name.clone());
        let latest = state.get(&key).and_then(|all| all.last()).map_or(0, |last| last.version);
        if document.if_latest.is_some_and(|expected| expected != latest) {
            return Ok(PutOutcome::VersionMismatch { latest });
        }
        let version = latest + 1;
        state.entry(key).or_default().push(Document {
            name: document.name,
            version,
            content: document.content,
            options: document.options,
            put_at: whole_micros(document.put_at),
        });
        Ok(PutOutcome::Stored { version })
    }

    async fn latest(&self, collection: &str) -> Result<Vec<Document>, StoreError> {
        let state = &self.lock().documents.0;
        let of_collection = state.iter().filter(|((of, _), _)| of == collection);
        Ok(of_collection.filter_map(|(_, all)| all.last().cloned()).collect())
    }
}
