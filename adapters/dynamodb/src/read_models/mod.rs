//! The port for read models.
//!
//! A model's item says which generation of rows it is, and how far it has read. Rows, their index
//! entries, the counts of partitions and the list of parked rows lie under the generation: putting
//! one model in the place of another writes two small items. Whoever reads looks at the model's
//! item before and after: a generation that is still the one in place is whole.

mod layout;
mod reading;
mod steps;
mod swap;

use std::collections::BTreeMap;

use async_trait::async_trait;
use logistics_core::eventsourcing::{
    Cursor, IndexQuery, ListedRow, ModelRow, ReadModels, StoreError,
};

use self::layout::{Generation, Model, Row, model_key};
use self::steps::steps;
use crate::error::Failure;
use crate::plan::Action;
use crate::store::DynamoStore;
use crate::writes::{Transacted, Written};

#[async_trait]
impl ReadModels for DynamoStore {
    async fn checkpoint(&self, model: &str) -> Result<Cursor, StoreError> {
        let found = self.model(model).await;
        let cursor = found.map(|model| model.map_or(Cursor::START, |model| model.checkpoint));
        cursor.map_err(|failure| failure.during("read a checkpoint"))
    }

    async fn advance(
        &self,
        model: &str,
        from: Cursor,
        to: Cursor,
        rows: Vec<ModelRow>,
    ) -> Result<bool, StoreError> {
        // The last row of a key counts.
        let rows: BTreeMap<String, ModelRow> =
            rows.into_iter().map(|row| (row.key.clone(), row)).collect();
        let rows: Vec<ModelRow> = rows.into_values().collect();
        let advanced = self.advance_model(model, from, to, &rows).await;
        advanced.map_err(|failure| failure.during("advance a read model"))
    }

    async fn rows(&self, model: &str, keys: &[String]) -> Result<Vec<ModelRow>, StoreError> {
        self.rows_of(model, keys).await.map_err(|failure| failure.during("read rows"))
    }

    async fn list(&self, model: &str, query: &IndexQuery) -> Result<Vec<ListedRow>, StoreError> {
        self.list_of(model, query).await.map_err(|failure| failure.during("list rows"))
    }

    async fn count(&self, model: &str, index: &str) -> Result<BTreeMap<String, u64>, StoreError> {
        self.counts_of(model, index).await.map_err(|failure| failure.during("count rows"))
    }

    async fn parked(
        &self,
        model: &str,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Vec<ModelRow>, StoreError> {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let rows = self.parked_of(model, after, limit).await;
        rows.map_err(|failure| failure.during("list parked rows"))
    }

    async fn replace(&self, model: &str, by: &str) -> Result<bool, StoreError> {
        self.replace_model(model, by).await.map_err(|f| f.during("replace a read model"))
    }

    async fn remove(&self, model: &str) -> Result<(), StoreError> {
        self.remove_model(model).await.map_err(|failure| failure.during("remove a read model"))
    }
}

impl DynamoStore {
    async fn model(&self, model: &str) -> Result<Option<Model>, Failure> {
        let item = self.get(&model_key(model)).await?;
        Ok(item.as_ref().map(Model::read).transpose()?)
    }

    async fn model_rows(
        &self,
        generation: &Generation,
        keys: &[String],
    ) -> Result<BTreeMap<String, Row>, Failure> {
        let items = self.get_many(keys.iter().map(|key| generation.row(key))).await?;
        let rows = items.values().map(|item| Row::read(item).map(|row| (row.row.key.clone(), row)));
        Ok(rows.collect::<Result<_, _>>()?)
    }

    async fn advance_model(
        &self,
        name: &str,
        from: Cursor,
        to: Cursor,
        rows: &[ModelRow],
    ) -> Result<bool, Failure> {
        let keys: Vec<String> = rows.iter().map(|row| row.key.clone()).collect();
        let mut backoff = self.backoff();
        loop {
            let model = match self.model(name).await? {
                Some(model) => model,
                None if from == Cursor::START => match self.begin_model(name).await? {
                    Some(model) => model,
                    None => return Ok(false),
                },
                None => return Ok(false),
            };
            if model.checkpoint != from {
                return Ok(false);
            }
            let known = self.model_rows(&model.generation, &keys).await?;
            let newer = |row: &ModelRow| {
                known.get(&row.key).is_some_and(|known| known.row.version > row.version)
            };
            if rows.iter().any(newer) {
                // Another one is ahead in writing the same step, or was when it stopped.
                return Ok(false);
            }
            if self.take_steps(steps(name, &model, to, rows, &known)).await? {
                return Ok(true);
            }
            // The checkpoint has moved, or a row was written in between: the next round sees.
            if !backoff.pause().await {
                return Err(Failure::throttled("others write the same rows all the time"));
            }
        }
    }

    /// Makes the model `name`, empty; `None` where another one was faster.
    async fn begin_model(&self, name: &str) -> Result<Option<Model>, Failure> {
        let model = Model { generation: Generation::new(self.stamp()), checkpoint: Cursor::START };
        let written = self.write(Action::create(model.item(name))).await?;
        Ok((written == Written::Done).then_some(model))
    }

    /// Takes one step after the other; false when one of them did not find what it expected.
    async fn take_steps(&self, steps: Vec<Vec<Action>>) -> Result<bool, Failure> {
        for step in steps {
            if self.transact_patiently(&step).await? != Transacted::Done {
                return Ok(false);
            }
        }
        Ok(true)
    }
}
