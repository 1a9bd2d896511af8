//! Read models into which somebody else writes in between, at the worst moment.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;

use crate::eventsourcing::{Cursor, IndexQuery, ListedRow, ModelRow, ReadModels, StoreError};

/// What somebody else does.
pub(super) enum Write {
    /// Writes rows and a checkpoint.
    Advance { model: String, from: Cursor, to: Cursor, rows: Vec<ModelRow> },
    /// Puts a model in the place of another.
    Replace { model: String, by: String },
}

/// Read models with writes that happen once: before the rows are read, before they are written.
pub(super) struct Meddling<'a> {
    models: &'a dyn ReadModels,
    before_rows: Mutex<Option<Write>>,
    before_advance: Mutex<Option<Write>>,
}

impl<'a> Meddling<'a> {
    pub(super) fn new(
        models: &'a dyn ReadModels,
        before_rows: Option<Write>,
        before_advance: Option<Write>,
    ) -> Self {
        let (before_rows, before_advance) = (Mutex::new(before_rows), Mutex::new(before_advance));
        Self { models, before_rows, before_advance }
    }

    async fn meddle(&self, moment: &Mutex<Option<Write>>) -> Result<(), StoreError> {
        let write = moment.lock().unwrap_or_else(PoisonError::into_inner).take();
        let done = match write {
            None => true,
            Some(Write::Advance { model, from, to, rows }) => {
                self.models.advance(&model, from, to, rows).await?
            }
            Some(Write::Replace { model, by }) => self.models.replace(&model, &by).await?,
        };
        assert!(done, "the case is wrong: nothing was written in between");
        Ok(())
    }
}

#[async_trait]
impl ReadModels for Meddling<'_> {
    async fn checkpoint(&self, model: &str) -> Result<Cursor, StoreError> {
        self.models.checkpoint(model).await
    }

    async fn advance(
        &self,
        model: &str,
        from: Cursor,
        to: Cursor,
        rows: Vec<ModelRow>,
    ) -> Result<bool, StoreError> {
        self.meddle(&self.before_advance).await?;
        self.models.advance(model, from, to, rows).await
    }

    async fn rows(&self, model: &str, keys: &[String]) -> Result<Vec<ModelRow>, StoreError> {
        self.meddle(&self.before_rows).await?;
        self.models.rows(model, keys).await
    }

    async fn list(&self, model: &str, query: &IndexQuery) -> Result<Vec<ListedRow>, StoreError> {
        self.models.list(model, query).await
    }

    async fn count(&self, model: &str, index: &str) -> Result<BTreeMap<String, u64>, StoreError> {
        self.models.count(model, index).await
    }

    async fn parked(
        &self,
        model: &str,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Vec<ModelRow>, StoreError> {
        self.models.parked(model, after, limit).await
    }

    async fn replace(&self, model: &str, by: &str) -> Result<bool, StoreError> {
        self.models.replace(model, by).await
    }

    async fn remove(&self, model: &str) -> Result<(), StoreError> {
        self.models.remove(model).await
    }
}
