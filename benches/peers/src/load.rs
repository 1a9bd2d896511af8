//! Many writers on one store for a while: how many commands, how long each took, and at what cost.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::Result;
use serde::Serialize;
use tokio::task::JoinSet;

use crate::cpu::{Cpu, Server};
use crate::peer::{Attempt, Peer};

/// What a run came to.
#[derive(Debug, Serialize)]
pub struct Load {
    pub commits_per_s: f64,
    pub p50_ms: f64,
    pub p99_ms: f64,
    pub client_us: f64,
    pub server_us: f64,
    pub clashes: u64,
}

/// Tells the commands of all runs apart.
static COMMANDS: AtomicU64 = AtomicU64::new(0);

/// `writers` tasks run commands for `time`, each on parcels of `streams` in an order of its own,
/// again at once after a conflict.
pub async fn run(
    peer: &Arc<dyn Peer>,
    server: Server,
    writers: u64,
    streams: u64,
    time: Duration,
) -> Result<Load> {
    let (start, before) = (Instant::now(), server.used()?);
    let mut tasks = JoinSet::new();
    for writer in 0..writers {
        let peer = Arc::clone(peer);
        tasks.spawn(async move { write(&*peer, writer, streams, start + time).await });
    }
    let (mut took, mut clashes) = (Vec::new(), 0);
    while let Some(writer) = tasks.join_next().await {
        let (times, met) = writer??;
        took.extend(times);
        clashes += met;
    }
    let elapsed = start.elapsed();
    let Cpu { client_us, server_us } = server.used()?.since(before);
    took.sort_unstable();
    let commits = took.len().max(1);
    let at = |part: f64| {
        let place = ((commits - 1) as f64 * part) as usize;
        took.get(place).map_or(0.0, |time| time.as_secs_f64() * 1e3)
    };
    Ok(Load {
        commits_per_s: took.len() as f64 / elapsed.as_secs_f64(),
        p50_ms: at(0.5),
        p99_ms: at(0.99),
        client_us: client_us as f64 / commits as f64,
        server_us: server_us as f64 / commits as f64,
        clashes,
    })
}

async fn write(
    peer: &dyn Peer,
    writer: u64,
    streams: u64,
    until: Instant,
) -> Result<(Vec<Duration>, u64)> {
    let (mut took, mut clashes) = (Vec::new(), 0);
    // Steps of a prime length visit all streams; writers start apart.
    let mut number = writer * 31;
    while Instant::now() < until {
        number = (number + 7_919) % streams;
        let n = COMMANDS.fetch_add(1, Ordering::Relaxed);
        let start = Instant::now();
        while peer.command(number, n).await? == Attempt::Clash {
            clashes += 1;
            if Instant::now() >= until {
                return Ok((took, clashes));
            }
        }
        took.push(start.elapsed());
    }
    Ok((took, clashes))
}
