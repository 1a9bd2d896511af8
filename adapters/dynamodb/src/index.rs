//! The port to find streams by their index entries.

use async_trait::async_trait;
use logistics_core::eventsourcing::{FoundStream, IndexQuery, StoreError, StreamId, StreamIndex};

use crate::error::Failure;
use crate::item::{Item, Reader, Unreadable, item};
use crate::keys::{Key, SK, StreamKeys, unescape};
use crate::plan::{Action, Change, Condition, Source, key_list, known_entries, sources};
use crate::store::DynamoStore;
use crate::writes::Transacted;

#[async_trait]
impl StreamIndex for DynamoStore {
    async fn find(&self, query: &IndexQuery) -> Result<Vec<FoundStream>, StoreError> {
        self.find_streams(query).await.map_err(|failure| failure.during("find streams"))
    }
}

impl DynamoStore {
    async fn find_streams(&self, query: &IndexQuery) -> Result<Vec<FoundStream>, Failure> {
        let limit = usize::try_from(query.limit).unwrap_or(usize::MAX);
        let descending = query.descending;
        let reads = sources(query).into_iter().map(|source| {
            let store = self.clone();
            async move {
                let items = store.query(source.gsi, &source.range, descending, limit).await?;
                let found = items.iter().map(|item| found(&source, item));
                Ok(found.collect::<Result<Vec<_>, _>>()?)
            }
        });
        let mut all: Vec<FoundStream> =
            self.side_by_side(reads).await?.into_iter().flatten().collect();
        all.sort_by(|a, b| (&a.sort, &a.stream).cmp(&(&b.sort, &b.stream)));
        if descending {
            all.reverse();
        }
        all.truncate(limit);
        Ok(all)
    }
}

impl DynamoStore {
    /// Writes the items of the index entries that the head of `stream` names, and removes those of
    /// `old` that it does not: for a commit in whose transaction they found no room.
    pub(crate) async fn settle_entries(
        &self,
        stream: &StreamId,
        old: &[Key],
    ) -> Result<(), Failure> {
        let key = StreamKeys::of(stream).head();
        let mut backoff = self.backoff();
        loop {
            let head = self.get(&key).await?.unwrap_or_default();
            let entries = known_entries(&head)?;
            let stands = if entries.is_empty() {
                Condition::Missing("ix")
            } else {
                Condition::Equal("ix", key_list(&entries))
            };
            let gone = old.iter().filter(|key| !entries.contains(key)).cloned();
            let writes = entries.iter().map(|key| Change::Put(item(key, [])));
            let writes = writes.chain(gone.map(Change::Delete));
            let writes = writes.map(|change| Action::new(change, Condition::Always));
            let check = Action::new(Change::Check(key.clone()), stands);
            let actions: Vec<Action> = std::iter::once(check).chain(writes).collect();
            if self.transact_patiently(&actions).await? == Transacted::Done {
                return Ok(());
            }
            // A later commit has changed the entries: then what it says holds.
            if !backoff.pause().await {
                return Err(Failure::throttled("the entries of the stream keep changing"));
            }
        }
    }
}

/// Reads an entry by its sort key.
fn found(source: &Source, item: &Item) -> Result<FoundStream, Unreadable> {
    let attribute = source.gsi.map_or(SK, |gsi| gsi.sk);
    let item = Reader(item);
    let place = item.text(attribute)?.strip_prefix(&source.prefix);
    let place = place.and_then(|place| {
        let (sort, stream) = place.split_once('#')?;
        let stream = StreamId::try_from(stream.to_owned()).ok()?;
        Some(FoundStream { sort: unescape(sort)?, stream })
    });
    item.need(attribute, place)
}
