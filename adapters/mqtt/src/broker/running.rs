//! What runs while the client of a broker does, and in which order it ends.

use std::sync::Arc;

use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::link::Shared;
use super::manifests::Manifests;
use super::{publisher, subscriber};
use crate::host::{self, Batching, Commit};

pub(super) async fn run(
    shared: Arc<Shared>,
    manifests: Arc<Manifests>,
    queue: mpsc::Receiver<Commit>,
) {
    let (finish, finished) = watch::channel(false);
    let (handler, tally) = (Arc::clone(&shared.handler), Arc::clone(&shared.stats));
    let batching = Batching { max: shared.config.batch_max, every: shared.config.batch_every };
    let committing = host::run(queue, handler, tally, batching, finished);
    let committer = tokio::spawn(committing);
    let mut sessions = JoinSet::new();
    for client_id in shared.config.receiving_ids() {
        let session = Arc::clone(&shared);
        let run = move || subscriber::run(Arc::clone(&session), client_id.clone());
        sessions.spawn(keep(Arc::clone(&shared), run));
    }
    let publisher = Arc::clone(&shared);
    let run = move || publisher::run(Arc::clone(&publisher), Arc::clone(&manifests));
    sessions.spawn(keep(Arc::clone(&shared), run));
    // They end when told to stop, each within the drain timeout.
    while sessions.join_next().await.is_some() {}
    finish.send_replace(true);
    let abort = committer.abort_handle();
    if timeout(shared.config.drain_timeout, committer).await.is_err() {
        tracing::error!("the host did not finish storing messages of the broker in time");
        abort.abort();
    }
}

/// Runs a session to its end; one that panics, in `rumqttc` perhaps, is begun anew.
async fn keep<F>(shared: Arc<Shared>, run: impl Fn() -> F)
where
    F: Future<Output = ()> + Send + 'static,
{
    while let Err(error) = tokio::spawn(run()).await {
        tracing::error!(%error, "a session at the broker failed");
        if error.is_cancelled() || !shared.wait(shared.config.reconnect_max).await {
            return;
        }
    }
}
