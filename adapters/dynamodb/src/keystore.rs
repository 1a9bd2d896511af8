//! The port for the subjects' keys. To keep their backups apart, use a store in a table of its own
//! for this port.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use logistics_core::eventsourcing::StoreError;
use logistics_core::ids::SubjectId;
use logistics_core::privacy::{KeyState, KeyStore, SubjectKey};

use crate::error::Failure;
use crate::item::{Item, Reader, Unreadable, bytes, item, time};
use crate::keys::subject_key;
use crate::plan::{Action, Change, Condition, Update};
use crate::store::DynamoStore;
use crate::writes::Written;

#[async_trait]
impl KeyStore for DynamoStore {
    async fn key(&self, subject: &SubjectId) -> Result<KeyState, StoreError> {
        let found = self.get(&subject_key(subject)).await;
        let state = found.and_then(|item| Ok(read(&item.unwrap_or_default())?));
        state.map_err(|failure| failure.during("read a subject's key"))
    }

    async fn create_key(
        &self,
        subject: &SubjectId,
        fresh: &SubjectKey,
    ) -> Result<KeyState, StoreError> {
        let item = item(&subject_key(subject), [("key", Some(bytes(*fresh.expose())))]);
        let state = match self.write(Action::create(item)).await {
            Ok(Written::Done) => Ok(KeyState::Present(fresh.clone())),
            Ok(Written::Failed(there)) => read(&there).map_err(Failure::from),
            Err(failure) => Err(failure),
        };
        state.map_err(|failure| failure.during("create a subject's key"))
    }

    async fn destroy_key(&self, subject: &SubjectId, at: DateTime<Utc>) -> Result<(), StoreError> {
        let mut destroy = Update::new(subject_key(subject));
        destroy.set("destroyed", time(at));
        destroy.remove.push("key");
        let once = Condition::Missing("destroyed");
        let written = self.write(Action::new(Change::Update(destroy), once)).await;
        written.map(drop).map_err(|failure| failure.during("destroy a subject's key"))
    }
}

/// Reads a key's item; an empty one is none.
fn read(item: &Item) -> Result<KeyState, Unreadable> {
    let reader = Reader(item);
    if item.is_empty() {
        Ok(KeyState::Absent)
    } else if item.contains_key("destroyed") {
        Ok(KeyState::Destroyed { at: reader.time("destroyed")? })
    } else {
        Ok(KeyState::Present(SubjectKey::from_bytes(reader.array("key")?)))
    }
}
