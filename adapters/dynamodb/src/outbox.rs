//! The outbox's port.
//!
//! A message is an item under its own id, so that none can wait twice and each is deleted by its
//! id. Their order is kept beside them, one item for the messages of a commit, in queues that sort
//! by time. What is delivered leaves its place in the order behind; reading clears it away.

use async_trait::async_trait;
use logistics_core::eventsourcing::{Outbox, OutboxItem, StoreError};
use logistics_core::ids::EffectId;

use crate::error::Failure;
use crate::item::{Item, Reader, Unreadable};
use crate::keys::{Key, QUEUES, Range, message, outbox_queue};
use crate::store::DynamoStore;

/// Places in the order that are read at a time, from each queue.
const PORTION: usize = 100;

#[async_trait]
impl Outbox for DynamoStore {
    async fn pending(&self, limit: u32) -> Result<Vec<OutboxItem>, StoreError> {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        self.oldest_messages(limit).await.map_err(|f| f.during("read the outbox"))
    }

    async fn delivered(&self, effects: &[EffectId]) -> Result<(), StoreError> {
        let deleted = self.write_all(Vec::new(), effects.iter().map(message)).await;
        deleted.map_err(|failure| failure.during("note deliveries"))
    }
}

/// The messages of one commit, in their order.
#[derive(Debug)]
struct Place {
    key: Key,
    messages: Vec<EffectId>,
}

impl DynamoStore {
    async fn oldest_messages(&self, limit: usize) -> Result<Vec<OutboxItem>, Failure> {
        let mut messages: Vec<OutboxItem> = Vec::new();
        // Where the last round ended: what lies before it has been read.
        let mut behind: Option<String> = None;
        while messages.len() < limit {
            let portion = PORTION.min(limit);
            let (places, more) = self.places(behind.as_deref(), portion).await?;
            let Some(last) = places.last() else { break };
            behind = Some(last.key.sk.clone());
            let keys = places.iter().flat_map(|place| place.messages.iter().map(message));
            let found = self.get_many(keys).await?;
            let mut cleared = Vec::new();
            for place in places {
                let waiting: Vec<&Item> =
                    place.messages.iter().filter_map(|id| found.get(&message(id))).collect();
                if waiting.is_empty() {
                    cleared.push(place.key);
                }
                for item in waiting {
                    messages.push(read(item)?);
                }
            }
            self.write_all(Vec::new(), cleared).await?;
            if !more {
                break;
            }
        }
        // A message that was delivered and committed again has two places: the first counts.
        let mut seen = std::collections::HashSet::new();
        messages.retain(|item| seen.insert(item.effect_id.clone()));
        messages.truncate(limit);
        Ok(messages)
    }

    /// The next places in the order of all queues, and whether there are more. From each queue
    /// comes a portion; the order is known up to the first of their ends.
    async fn places(
        &self,
        behind: Option<&str>,
        portion: usize,
    ) -> Result<(Vec<Place>, bool), Failure> {
        let reads = (0..QUEUES).map(|queue| {
            let range = Range::all(outbox_queue(queue));
            let range = behind.map_or(range.clone(), |behind| range.above(behind));
            let store = self.clone();
            async move { store.query(None, &range, false, portion).await }
        });
        let queues = self.side_by_side(reads).await?;
        let ends = queues.iter().filter(|queue| queue.len() >= portion);
        let ends = ends.filter_map(|queue| Some(Reader(queue.last()?).key().ok()?.sk));
        let until: Option<String> = ends.min();
        let mut places = queues.iter().flatten().map(place).collect::<Result<Vec<_>, _>>()?;
        places.retain(|place| until.as_ref().is_none_or(|until| place.key.sk <= *until));
        places.sort_by(|a, b| a.key.sk.cmp(&b.key.sk));
        Ok((places, until.is_some()))
    }
}

fn place(item: &Item) -> Result<Place, Unreadable> {
    let item = Reader(item);
    let messages = item.texts("messages")?.into_iter().map(|id| EffectId::new(id).ok());
    Ok(Place { key: item.key()?, messages: item.need("messages", messages.collect())? })
}

fn read(item: &Item) -> Result<OutboxItem, Unreadable> {
    let item = Reader(item);
    Ok(OutboxItem {
        effect_id: item.need("effect", EffectId::new(item.text("effect")?).ok())?,
        kind: item.text("kind")?.to_owned(),
        key: item.text("key")?.to_owned(),
        body: item.bytes("body")?.to_vec(),
        created_at: item.time("created")?,
    })
}
