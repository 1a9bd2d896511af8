//! Putting one model in the place of another, and removing models.

use logistics_core::eventsourcing::IndexEntry;

use super::layout::{Generation, Model, OLD_GENERATIONS, Row, model_key};
use crate::error::Failure;
use crate::item::{Reader, item};
use crate::keys::{Key, QUEUES, Range, SK};
use crate::plan::{Action, Change, Condition};
use crate::store::DynamoStore;
use crate::writes::Transacted;

impl DynamoStore {
    pub(super) async fn replace_model(&self, name: &str, by: &str) -> Result<bool, Failure> {
        let mut backoff = self.backoff();
        loop {
            let Some(new) = self.model(by).await? else { return Ok(false) };
            if name == by {
                return Ok(true);
            }
            let old = self.model(name).await?;
            let put = Change::Put(new.item(name));
            let mut actions = vec![
                Action::new(put, old.as_ref().map_or(Condition::Absent, Model::stands)),
                Action::new(Change::Delete(model_key(by)), new.stands()),
            ];
            actions.extend(old.map(|old| retire(&old.generation)));
            if self.transact_patiently(&actions).await? == Transacted::Done {
                self.sweep().await;
                return Ok(true);
            }
            if !backoff.pause().await {
                return Err(Failure::throttled("others advance the models all the time"));
            }
        }
    }

    pub(super) async fn remove_model(&self, name: &str) -> Result<(), Failure> {
        let mut backoff = self.backoff();
        while let Some(model) = self.model(name).await? {
            let delete = Action::new(Change::Delete(model_key(name)), model.stands());
            let actions = [delete, retire(&model.generation)];
            if self.transact_patiently(&actions).await? == Transacted::Done {
                self.sweep().await;
                return Ok(());
            }
            if !backoff.pause().await {
                return Err(Failure::throttled("others advance the model all the time"));
            }
        }
        Ok(())
    }

    /// Removes the rows of generations that no model has any more. What is left behind by a failure
    /// goes the next time: nobody reads it.
    async fn sweep(&self) {
        if let Err(failure) = self.remove_old_generations().await {
            tracing::warn!(?failure, "rows of replaced read models are left behind");
        }
    }

    async fn remove_old_generations(&self) -> Result<(), Failure> {
        let old = self.query(None, &Range::all(OLD_GENERATIONS), false, usize::MAX).await?;
        for item in old {
            let generation = Generation::of(Reader(&item).text(SK)?);
            let parts = (0..QUEUES).map(|part| {
                let (store, generation) = (self.clone(), generation.clone());
                async move { store.remove_rows(&generation, part).await }
            });
            self.side_by_side(parts).await?;
            for rest in [generation.all_counts(), generation.all_parked()] {
                let items = self.query(None, &Range::all(rest), false, usize::MAX).await?;
                let keys = items.iter().map(|item| Reader(item).key());
                self.write_all(Vec::new(), keys.collect::<Result<Vec<Key>, _>>()?).await?;
            }
            self.write_all(Vec::new(), [Reader(&item).key()?]).await?;
        }
        Ok(())
    }

    /// Removes a part of the rows, each with its entries.
    async fn remove_rows(&self, generation: &Generation, part: u32) -> Result<(), Failure> {
        let (range, mut start) = (Range::all(generation.rows(part)), None);
        loop {
            let (items, next) = self.query_page(None, &range, false, 1_000, start).await?;
            let mut keys = Vec::new();
            for item in &items {
                let row = Row::read(item)?.row;
                let entry = |entry: &IndexEntry| generation.entry(entry, &row.key);
                keys.extend(row.indexes.iter().map(entry));
                keys.push(generation.row(&row.key));
            }
            self.write_all(Vec::new(), keys).await?;
            start = next;
            if start.is_none() {
                return Ok(());
            }
        }
    }
}

/// Notes that the rows of a generation are to be removed.
fn retire(generation: &Generation) -> Action {
    let old = item(&Key::new(OLD_GENERATIONS, generation.as_str()), []);
    Action::new(Change::Put(old), Condition::Always)
}
