//! Writers at full speed.

use std::sync::Arc;
use std::time::Instant;

use chrono::Utc;
use logistics_core::eventsourcing::{EventStore, execute};
use tokio::task::JoinSet;

use crate::args::Append;
use crate::fill;
use crate::parcel::{self, Parcel, Stand};
use crate::report::{Clock, per, print, quantile_ms};

pub(crate) async fn run(args: Append) -> anyhow::Result<()> {
    let store = args.store.open().await?;
    let mut stands = fill::stands(&store, args.streams, args.events).await?;
    for writers in &args.writers {
        let writers = (*writers).min(args.streams);
        let clock = Clock::start();
        let mut running = JoinSet::new();
        for writer in 0..writers {
            let own = (0..).zip(&stands).filter(|(stream, _)| stream % writers == writer);
            let writer = Writer {
                store: Arc::clone(&store),
                own: own.map(|(stream, stand)| (stream, *stand)).collect(),
                until: Instant::now() + args.seconds,
                commits_only: args.commits_only,
            };
            running.spawn(writer.run());
        }
        let mut waits = Vec::new();
        while let Some(ended) = running.join_next().await {
            let (own, waited) = ended??;
            waits.extend(waited);
            for (stream, stand) in own {
                if let Some(known) = stands.get_mut(usize::try_from(stream)?) {
                    *known = stand;
                }
            }
        }
        let (wall_s, cpu_s) = clock.stop();
        waits.sort_unstable();
        let count = u64::try_from(waits.len())?;
        print(&serde_json::json!({
            "store": args.store.name(),
            "run": if args.commits_only { "commits" } else { "commands" },
            "writers": writers,
            "count": count,
            "per_s": per(count, wall_s).round(),
            "p50_ms": quantile_ms(&waits, 0.5),
            "p99_ms": quantile_ms(&waits, 0.99),
            "cpu_us_each": cpu_s.map(|cpu| (cpu * 1e6 / per(count, 1.0)).round()),
        }))?;
    }
    Ok(())
}

struct Writer {
    store: Arc<dyn EventStore>,
    /// Its streams, with where they stand.
    own: Vec<(u32, Stand)>,
    until: Instant,
    commits_only: bool,
}

impl Writer {
    /// Writes to its streams in turns. Gives where they stand then, and how long each command took
    /// in microseconds.
    async fn run(mut self) -> anyhow::Result<(Vec<(u32, Stand)>, Vec<u64>)> {
        let mut waits = Vec::new();
        let mut number = 0;
        while Instant::now() < self.until {
            for (stream, stand) in &mut self.own {
                number += 1;
                let id = parcel::stream(*stream)?;
                let command = parcel::command(number, Utc::now())?;
                let begun = Instant::now();
                if begun >= self.until {
                    break;
                }
                let (version, events) = if self.commits_only {
                    let commit = parcel::commit(&id, *stand, &command)?;
                    let committed = self.store.commit(commit).await?;
                    (committed.version, committed.events)
                } else {
                    let store = self.store.as_ref();
                    let done = execute::<Parcel>(store, &id, &command, Utc::now(), &()).await?;
                    (done.version, done.events)
                };
                waits.push(u64::try_from(begun.elapsed().as_micros())?);
                *stand = (version, events.last().map_or(stand.1, |last| last.event.hash));
            }
        }
        Ok((self.own, waits))
    }
}
