//! Read models in memory.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;

use super::index::matching;
use super::{MemoryStore, at_most};
use crate::eventsourcing::{
    Cursor, IndexEntry, IndexQuery, ListedRow, ModelRow, ReadModels, StoreError,
};

#[derive(Debug, Default)]
pub(super) struct State(BTreeMap<String, Model>);

#[derive(Debug, Default)]
struct Model {
    checkpoint: Cursor,
    rows: BTreeMap<String, ModelRow>,
    /// Index entries, each with the key of its row.
    indexes: BTreeSet<(IndexEntry, String)>,
}

impl Model {
    fn put(&mut self, mut row: ModelRow) {
        row.indexes.sort();
        row.indexes.dedup();
        if let Some(old) = self.rows.remove(&row.key) {
            for entry in old.indexes {
                self.indexes.remove(&(entry, row.key.clone()));
            }
        }
        for entry in &row.indexes {
            self.indexes.insert((entry.clone(), row.key.clone()));
        }
        self.rows.insert(row.key.clone(), row);
    }

    fn listed(&self, (entry, key): &(IndexEntry, String)) -> Option<ListedRow> {
        let row = self.rows.get(key)?;
        Some(ListedRow { sort: entry.sort.clone(), key: key.clone(), body: row.body.clone() })
    }
}

#[async_trait]
impl ReadModels for MemoryStore {
    async fn checkpoint(&self, model: &str) -> Result<Cursor, StoreError> {
        Ok(self.lock().models.0.get(model).map_or(Cursor::START, |model| model.checkpoint))
    }

    async fn advance(
        &self,
        model: &str,
        from: Cursor,
        to: Cursor,
        rows: Vec<ModelRow>,
    ) -> Result<bool, StoreError> {
        let models = &mut self.lock().models.0;
        let model = models.entry(model.to_owned()).or_default();
        if model.checkpoint != from {
            return Ok(false);
        }
        model.checkpoint = to;
        rows.into_iter().for_each(|row| model.put(row));
        Ok(true)
    }

    async fn rows(&self, model: &str, keys: &[String]) -> Result<Vec<ModelRow>, StoreError> {
        let models = &self.lock().models.0;
        let Some(model) = models.get(model) else { return Ok(Vec::new()) };
        Ok(keys.iter().filter_map(|key| model.rows.get(key).cloned()).collect())
    }

    async fn list(&self, model: &str, query: &IndexQuery) -> Result<Vec<ListedRow>, StoreError> {
        let models = &self.lock().models.0;
        let Some(model) = models.get(model) else { return Ok(Vec::new()) };
        let places = matching(&model.indexes, query, String::as_str);
        Ok(places.filter_map(|place| model.listed(place)).collect())
    }

    async fn count(&self, model: &str, index: &str) -> Result<BTreeMap<String, u64>, StoreError> {
        let mut counts = BTreeMap::new();
        let models = &self.lock().models.0;
        for row in models.get(model).into_iter().flat_map(|model| model.rows.values()) {
            let entries = row.indexes.iter().filter(|entry| entry.index == index);
            let partitions: BTreeSet<&String> = entries.map(|entry| &entry.partition).collect();
            for partition in partitions {
                *counts.entry(partition.clone()).or_default() += 1;
            }
        }
        Ok(counts)
    }

    async fn parked(
        &self,
        model: &str,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Vec<ModelRow>, StoreError> {
        let models = &self.lock().models.0;
        let rows = models.get(model).into_iter().flat_map(|model| model.rows.values());
        let parked = rows.filter(|row| row.parked.is_some());
        let behind = parked.filter(|row| after.is_none_or(|after| row.key.as_str() > after));
        Ok(behind.take(at_most(limit)).cloned().collect())
    }

    async fn replace(&self, model: &str, by: &str) -> Result<bool, StoreError> {
        let models = &mut self.lock().models.0;
        let Some(new) = models.remove(by) else { return Ok(false) };
        models.insert(model.to_owned(), new);
        Ok(true)
    }

    async fn remove(&self, model: &str) -> Result<(), StoreError> {
        self.lock().models.0.remove(model);
        Ok(())
    }
}
