//! Reading rows: all of one generation.

use std::collections::BTreeMap;

use logistics_core::eventsourcing::{IndexEntry, IndexQuery, ListedRow, ModelRow};

use super::layout::{Generation, Model};
use crate::error::Failure;
use crate::item::Reader;
use crate::keys::{SK, unescape};
use crate::plan::bounds;
use crate::store::{Backoff, DynamoStore};

/// Reading of one model: what was read counts if the generation is still in place afterwards.
struct Reading<'a> {
    store: &'a DynamoStore,
    name: &'a str,
    model: Option<Model>,
    backoff: Backoff,
}

impl Reading<'_> {
    /// Whose rows to read; `None` for a model that is not there.
    fn generation(&self) -> Option<&Generation> {
        self.model.as_ref().map(|model| &model.generation)
    }

    /// Whether what was read counts. If not, it is to be read again: it may be half removed.
    async fn counts(&mut self) -> Result<bool, Failure> {
        let now = self.store.model(self.name).await?;
        if now.as_ref().map(|model| &model.generation) == self.generation() {
            return Ok(true);
        }
        self.model = now;
        if self.backoff.pause().await {
            Ok(false)
        } else {
            Err(Failure::throttled("the model keeps being replaced"))
        }
    }
}

impl DynamoStore {
    async fn reading<'a>(&'a self, name: &'a str) -> Result<Reading<'a>, Failure> {
        let (model, backoff) = (self.model(name).await?, self.backoff());
        Ok(Reading { store: self, name, model, backoff })
    }

    pub(super) async fn rows_of(
        &self,
        model: &str,
        keys: &[String],
    ) -> Result<Vec<ModelRow>, Failure> {
        let mut reading = self.reading(model).await?;
        loop {
            let Some(generation) = reading.generation() else { return Ok(Vec::new()) };
            let found = self.model_rows(generation, keys).await;
            if reading.counts().await? {
                let mut found = found?;
                return Ok(keys
                    .iter()
                    .filter_map(|key| found.remove(key))
                    .map(|r| r.row)
                    .collect());
            }
        }
    }

    pub(super) async fn list_of(
        &self,
        model: &str,
        query: &IndexQuery,
    ) -> Result<Vec<ListedRow>, Failure> {
        let mut reading = self.reading(model).await?;
        loop {
            let Some(generation) = reading.generation() else { return Ok(Vec::new()) };
            let listed = self.list_rows(generation, query).await;
            if reading.counts().await? {
                return listed;
            }
        }
    }

    async fn list_rows(
        &self,
        generation: &Generation,
        query: &IndexQuery,
    ) -> Result<Vec<ListedRow>, Failure> {
        let limit = usize::try_from(query.limit).unwrap_or(usize::MAX);
        let range = bounds(generation.entries(&query.index, &query.partition), "", query);
        let mut backoff = self.backoff();
        loop {
            let items = self.query(None, &range, query.descending, limit).await?;
            let mut places = Vec::with_capacity(items.len());
            for item in &items {
                let place = Reader(item).text(SK)?.split_once('#');
                let place = place.and_then(|(sort, key)| Some((unescape(sort)?, key.to_owned())));
                places.push(Reader(item).need("place", place)?);
            }
            let keys: Vec<String> = places.iter().map(|(_, key)| key.clone()).collect();
            let rows = self.model_rows(generation, &keys).await?;
            let listed = places.iter().filter_map(|(sort, key)| {
                let row = &rows.get(key)?.row;
                let entry = IndexEntry::new(&*query.index, &*query.partition, &**sort);
                let body = row.indexes.contains(&entry).then(|| row.body.clone())?;
                Some(ListedRow { sort: sort.clone(), key: key.clone(), body })
            });
            let listed: Vec<ListedRow> = listed.collect();
            // Fewer: rows moved between the two reads. Then the places are read again.
            if listed.len() == places.len() || !backoff.pause().await {
                return Ok(listed);
            }
        }
    }

    pub(super) async fn counts_of(
        &self,
        model: &str,
        index: &str,
    ) -> Result<BTreeMap<String, u64>, Failure> {
        let mut reading = self.reading(model).await?;
        loop {
            let Some(generation) = reading.generation() else { return Ok(BTreeMap::new()) };
            let items = self.query(None, &generation.counts(index), false, usize::MAX).await;
            if !reading.counts().await? {
                continue;
            }
            let mut counts = BTreeMap::new();
            for item in items? {
                let count = Reader(&item);
                let partition = count.text(SK)?.split_once('#').map(|(_, partition)| partition);
                let rows: i64 = count.number("rows")?;
                // A partition that was left by all its rows keeps its count, 0.
                if let Some(rows) = u64::try_from(rows).ok().filter(|rows| *rows > 0) {
                    counts.insert(count.need("partition", partition)?.to_owned(), rows);
                }
            }
            return Ok(counts);
        }
    }

    pub(super) async fn parked_of(
        &self,
        model: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<ModelRow>, Failure> {
        let mut reading = self.reading(model).await?;
        loop {
            let Some(generation) = reading.generation() else { return Ok(Vec::new()) };
            let rows = self.parked_rows(generation, after, limit).await;
            if reading.counts().await? {
                return rows;
            }
        }
    }

    async fn parked_rows(
        &self,
        generation: &Generation,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<ModelRow>, Failure> {
        let range = generation.parked_after(after);
        let items = self.query(None, &range, false, limit).await?;
        let keys = items.iter().map(|item| Reader(item).text("key").map(str::to_owned));
        let keys = keys.collect::<Result<Vec<String>, _>>()?;
        let mut found = self.model_rows(generation, &keys).await?;
        let rows = keys.iter().filter_map(|key| found.remove(key)).map(|row| row.row);
        Ok(rows.filter(|row| row.parked.is_some()).collect())
    }
}
