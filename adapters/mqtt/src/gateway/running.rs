//! What runs while the gateway does: accepting, storing, telling who came and went, and the end.

use std::sync::Arc;
use std::time::{Duration, Instant};

use logistics_core::PartnerId;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

use super::endpoint::{self, Listener};
use super::server::Shared;
use crate::host::{self, Batching, Commit, Presence, tell, told};

pub(super) async fn run(
    listeners: Vec<Listener>,
    shared: Arc<Shared>,
    queue: mpsc::Receiver<Commit>,
    comings: mpsc::UnboundedReceiver<(PartnerId, Presence)>,
) {
    let (finish, finished) = watch::channel(false);
    let handler = Arc::clone(&shared.handler);
    let tally = Arc::clone(&shared.stats);
    let batching = Batching { max: shared.config.batch_max, every: shared.config.batch_every };
    let committing = host::run(queue, handler, tally, batching, finished.clone());
    let committer = tokio::spawn(committing);
    let keeper = tokio::spawn(keep_house(Arc::clone(&shared), comings, finished));
    let mut connections = JoinSet::new();
    accept(&listeners, &shared, &mut connections).await;
    drop(listeners);
    let drain = shared.config.drain_timeout;
    let all_gone = async { while connections.join_next().await.is_some() {} };
    if tokio::time::timeout(drain, all_gone).await.is_err() {
        tracing::warn!(left = connections.len(), "connections cut off at shutdown");
        connections.shutdown().await;
    }
    finish.send_replace(true);
    let abort = committer.abort_handle();
    if tokio::time::timeout(drain, committer).await.is_err() {
        tracing::error!("the host did not finish storing device messages in time");
        abort.abort();
    }
    if let Err(error) = keeper.await {
        tracing::error!(%error, "presence was not told to the end");
    }
}

async fn accept(listeners: &[Listener], shared: &Arc<Shared>, connections: &mut JoinSet<()>) {
    let mut stop = shared.stop.clone();
    loop {
        let accepted = tokio::select! {
            () = told(&mut stop) => return,
            Some(ended) = connections.join_next() => {
                if let Err(error) = ended {
                    tracing::error!(%error, "a device connection's task failed");
                }
                continue;
            }
            accepted = endpoint::accept(listeners) => accepted,
        };
        match accepted {
            Ok(newcomer) => {
                shared.stats.accepted.up();
                if connections.len() >= shared.config.connections_max
                    || newcomer.is_too_many(shared)
                {
                    shared.stats.refused_full.up();
                    continue;
                }
                connections.spawn(newcomer.serve(Arc::clone(shared)));
            }
            Err(error) => {
                // Out of file descriptors, most likely: others must end first.
                tracing::warn!(%error, "cannot accept a device");
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    }
}

/// Tells the host who came and went, in order, and drops sessions nobody will ask for.
async fn keep_house(
    shared: Arc<Shared>,
    mut comings: mpsc::UnboundedReceiver<(PartnerId, Presence)>,
    mut finish: watch::Receiver<bool>,
) {
    let mut sweep = tokio::time::interval(Duration::from_secs(60));
    loop {
        tokio::select! {
            biased;
            coming = comings.recv() => match coming {
                Some((partner, presence)) => tell(shared.handler.as_ref(), &partner, presence),
                None => return,
            },
            _ = sweep.tick() => {
                let dropped = shared.registry.expire(Instant::now());
                shared.stats.sessions_dropped.add(u64::try_from(dropped).unwrap_or(u64::MAX));
            }
            () = told(&mut finish) => return,
        }
    }
}
