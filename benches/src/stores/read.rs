//! Readers at full speed: streams and the feed.

use std::sync::Arc;
use std::time::Instant;

use anyhow::ensure;
use logistics_core::eventsourcing::{Cursor, Decider as _, EventStore, follow, load};
use tokio::task::JoinSet;

use crate::args::Read;
use crate::fill;
use crate::parcel::{self, Parcel, ParcelEvent, State};
use crate::report::{Clock, per, print};

/// Events of the feed read at a time.
const PAGE: u32 = 999;

/// What is read.
#[derive(Debug, Clone, Copy)]
enum What {
    Streams,
    Feed,
}

/// Loads streams, one after the other.
pub(crate) async fn replay(args: Read) -> anyhow::Result<()> {
    run(args, What::Streams).await
}

/// Follows the feed from its start, again and again.
pub(crate) async fn feed(args: Read) -> anyhow::Result<()> {
    run(args, What::Feed).await
}

async fn run(args: Read, what: What) -> anyhow::Result<()> {
    let store = args.store.open().await?;
    fill::stands(&store, args.streams, args.events).await?;
    for readers in &args.readers {
        let clock = Clock::start();
        let until = Instant::now() + args.seconds;
        let mut running = JoinSet::new();
        for reader in 0..*readers {
            let (store, streams) = (Arc::clone(&store), args.streams);
            running.spawn(async move {
                match what {
                    What::Streams => read_streams(store.as_ref(), reader, streams, until).await,
                    What::Feed => read_feed(store.as_ref(), until).await,
                }
            });
        }
        let mut count = 0;
        while let Some(ended) = running.join_next().await {
            count += ended??;
        }
        let (wall_s, cpu_s) = clock.stop();
        print(&serde_json::json!({
            "store": args.store.name(),
            "run": match what { What::Streams => "replay", What::Feed => "feed" },
            "readers": readers,
            "count": count,
            "per_s": per(count, wall_s).round(),
            "cpu_us_each": cpu_s.map(|cpu| (cpu * 1e8 / per(count, 1.0)).round() / 100.0),
        }))?;
    }
    Ok(())
}

/// Events loaded and folded until then, beginning with another stream in each reader.
async fn read_streams(
    store: &dyn EventStore,
    reader: u32,
    streams: u32,
    until: Instant,
) -> anyhow::Result<u64> {
    let mut count = 0;
    for number in (0..streams).cycle().skip(usize::try_from(reader)?) {
        if Instant::now() >= until {
            break;
        }
        let stream = parcel::stream(number)?;
        let loaded = load::<Parcel>(store, &stream).await?;
        ensure!(loaded.version.get() > 0, "{stream} is empty: is this store another's?");
        count += loaded.version.get();
    }
    Ok(count)
}

/// Events followed and folded until then.
async fn read_feed(store: &dyn EventStore, until: Instant) -> anyhow::Result<u64> {
    let (mut count, mut at, mut state) = (0, Cursor::START, State::default());
    while Instant::now() < until {
        let page = follow(store, at, PAGE).await?;
        for event in &page {
            state = Parcel::evolve(state, &event.decode::<ParcelEvent>()?);
        }
        count += u64::try_from(page.len())?;
        at = page.last().map_or(Cursor::START, Cursor::behind);
    }
    ensure!(state.scans == count, "{} of {count} events were folded", state.scans);
    Ok(count)
}
