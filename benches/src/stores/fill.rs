//! Filling a store: many streams, written in turns.

use std::sync::Arc;

use logistics_core::eventsourcing::{EventStore, Position, Version, load};
use logistics_core::values::Sha256Digest;
use tokio::task::JoinSet;

use crate::parcel::{self, Parcel, Stand};

/// Writers that fill a store.
const WRITERS: u32 = 64;

/// Where each of `streams` streams stands, after filling them with `events` events each unless the
/// store holds events already.
pub(crate) async fn stands(
    store: &Arc<dyn EventStore>,
    streams: u32,
    events: u32,
) -> anyhow::Result<Vec<Stand>> {
    let filled = !store.feed(Position::START, 1).await?.is_empty();
    let mut writers = JoinSet::new();
    for writer in 0..WRITERS {
        let store = Arc::clone(store);
        let own = (0..streams).filter(move |stream| stream % WRITERS == writer);
        writers.spawn(async move {
            let mut stands = Vec::new();
            for stream in own.clone().filter(|_| filled) {
                let loaded = load::<Parcel>(store.as_ref(), &parcel::stream(stream)?).await?;
                stands.push((stream, (loaded.version, loaded.hash)));
            }
            if !filled {
                stands.extend(own.map(|stream| (stream, (Version::NONE, Sha256Digest::ZERO))));
                for _ in 0..events {
                    write_each(store.as_ref(), &mut stands).await?;
                }
            }
            anyhow::Ok(stands)
        });
    }
    let mut stands = Vec::new();
    while let Some(written) = writers.join_next().await {
        stands.extend(written??);
    }
    stands.sort_by_key(|(stream, _)| *stream);
    Ok(stands.into_iter().map(|(_, stand)| stand).collect())
}

/// One event more in each stream.
async fn write_each(store: &dyn EventStore, stands: &mut [(u32, Stand)]) -> anyhow::Result<()> {
    for (stream, stand) in stands {
        let (id, command) = (parcel::stream(*stream)?, parcel::command(0, chrono::Utc::now())?);
        let committed = store.commit(parcel::commit(&id, *stand, &command)?).await?;
        let last = committed.events.last();
        *stand = (committed.version, last.map_or(stand.1, |last| last.event.hash));
    }
    Ok(())
}
