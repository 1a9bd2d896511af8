//! The port to find streams by their index entries.

use async_trait::async_trait;
use logistics_core::eventsourcing::{FoundStream, IndexQuery, StoreError, StreamId, StreamIndex};

use crate::error::Failure;
use crate::item::{Item, Reader, Unreadable};
use crate::keys::{SK, unescape};
use crate::plan::{Source, sources};
use crate::store::DynamoStore;

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
