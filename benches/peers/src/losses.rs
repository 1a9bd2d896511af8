//! What a follower of the store misses while writers run, one of them held in the middle of its
//! insert or not.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use serde::Serialize;
use sqlx::PgPool;

use crate::cpu::Server;
use crate::load;
use crate::parcel::id;
use crate::peer::Peer;

/// What a follower saw.
#[derive(Debug, Serialize)]
pub struct Losses {
    pub committed: u64,
    pub seen: u64,
    /// None where there is nothing to follow the store with.
    pub lost: Option<u64>,
    pub out_of_order: u64,
    pub commits_per_s_of_others: f64,
    pub paused_command: &'static str,
}

/// Runs `writers` for `time` on 100 parcels under a follower that polls every millisecond; with
/// `pause`, one more command is held open for that long by a trigger on the events' table.
pub async fn run(
    peer: &Arc<dyn Peer>,
    pool: &PgPool,
    writers: u64,
    time: Duration,
    pause: Option<Duration>,
) -> Result<Losses> {
    const PARCELS: u64 = 100;
    const HELD: u64 = 999_999;
    let server = Server::of(pool).await?;
    let (send, mut receive) = tokio::sync::mpsc::unbounded_channel();
    let follower = {
        let peer = Arc::clone(peer);
        tokio::spawn(async move { peer.follow(Duration::from_millis(1), send).await })
    };
    let held = match pause {
        Some(pause) => {
            hold(pool, peer.table(), &id(HELD).to_string(), pause).await?;
            let peer = Arc::clone(peer);
            let held = tokio::spawn(async move { peer.command(HELD, u64::MAX).await });
            tokio::time::sleep(Duration::from_millis(200)).await;
            Some(held)
        }
        None => None,
    };
    let load = load::run(peer, server, writers, PARCELS, time).await?;
    let paused_command = match held {
        None => "none",
        Some(held) => match held.await? {
            Ok(_) => "taken",
            Err(_) => "failed",
        },
    };
    // The follower has all the time it may want.
    tokio::time::sleep(Duration::from_secs(3)).await;
    let follows = !follower.is_finished();
    follower.abort();
    let mut seen: BTreeMap<String, Vec<u64>> = BTreeMap::new();
    while let Ok((parcel, n)) = receive.try_recv() {
        seen.entry(parcel).or_default().push(n);
    }
    let mut committed = 0;
    for number in (0..PARCELS).chain([HELD]) {
        committed += peer.replay(number).await?;
    }
    let out_of_order = |ids: &Vec<u64>| ids.windows(2).filter(|pair| pair[0] >= pair[1]).count();
    let distinct = |ids: &Vec<u64>| {
        let mut ids = ids.clone();
        ids.sort_unstable();
        ids.dedup();
        ids.len() as u64
    };
    let count: u64 = seen.values().map(distinct).sum();
    Ok(Losses {
        committed,
        seen: count,
        lost: follows.then(|| committed.saturating_sub(count)),
        out_of_order: seen.values().map(out_of_order).sum::<usize>() as u64,
        commits_per_s_of_others: load.commits_per_s,
        paused_command,
    })
}

/// Holds every insert that mentions `parcel` open for `pause`.
async fn hold(pool: &PgPool, table: &str, parcel: &str, pause: Duration) -> Result<()> {
    let seconds = pause.as_secs_f64();
    sqlx::raw_sql(&format!(
        "CREATE OR REPLACE FUNCTION hold() RETURNS trigger AS $$
         BEGIN
             IF NEW::text LIKE '%{parcel}%' OR encode(convert_to(NEW::text, 'UTF8'), 'escape')
                 LIKE '%{parcel}%' THEN PERFORM pg_sleep({seconds}); END IF;
             RETURN NEW;
         END $$ LANGUAGE plpgsql;
         CREATE TRIGGER hold AFTER INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION hold()"
    ))
    .execute(pool)
    .await?;
    Ok(())
}
