//! The gateway as the host holds it: listens, serves connections, publishes manifests, stops.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use logistics_core::PartnerId;
use tokio::net::TcpListener;
use tokio::sync::{mpsc, watch};
use tokio::task::{JoinHandle, JoinSet};

use super::committer::{self, Commit};
use super::config::{BindError, GatewayConfig};
use super::connection;
use super::handler::{DeviceHandler, Manifest, Presence};
use super::registry::Registry;
use super::stats::GatewayStats;

/// What every connection works with.
pub(super) struct Shared {
    pub(super) config: GatewayConfig,
    pub(super) handler: Arc<dyn DeviceHandler>,
    pub(super) stats: Arc<GatewayStats>,
    pub(super) registry: Registry,
    pub(super) commits: mpsc::Sender<Commit>,
    pub(super) stop: watch::Receiver<bool>,
}

/// A running device gateway. Dropping it stops it without waiting; [`Gateway::shutdown`] waits.
pub struct Gateway {
    address: SocketAddr,
    shared: Arc<Shared>,
    stop: watch::Sender<bool>,
    server: Mutex<Option<JoinHandle<()>>>,
}

impl std::fmt::Debug for Gateway {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Gateway").field("address", &self.address).finish_non_exhaustive()
    }
}

impl Gateway {
    /// Listens on a loopback address and serves devices until stopped. Port 0 picks a free port.
    /// Must be called inside a tokio runtime.
    ///
    /// # Errors
    /// [`BindError`] when the address is not loopback or cannot be listened on.
    pub async fn bind(
        address: SocketAddr,
        config: GatewayConfig,
        handler: Arc<dyn DeviceHandler>,
    ) -> Result<Self, BindError> {
        if !address.ip().is_loopback() {
            return Err(BindError::NotLoopback { address });
        }
        let failed = |source| BindError::Listen { address, source };
        let listener = TcpListener::bind(address).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let stats = Arc::new(GatewayStats::default());
        let (stop, stopped) = watch::channel(false);
        let (commits, queue) = mpsc::channel(config.queue_max.max(1));
        let (presence, comings) = mpsc::unbounded_channel();
        let registry = Registry::new(config.sessions_max, presence);
        let shared = Arc::new(Shared { config, handler, stats, registry, commits, stop: stopped });
        let server = tokio::spawn(run(listener, Arc::clone(&shared), queue, comings));
        tracing::info!(%address, "device gateway listens");
        Ok(Self { address, shared, stop, server: Mutex::new(Some(server)) })
    }

    /// The address it listens on.
    #[must_use]
    pub fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// What it has counted so far.
    #[must_use]
    pub fn stats(&self) -> Arc<GatewayStats> {
        Arc::clone(&self.shared.stats)
    }

    /// Sends a partner's new manifest to every client that subscribes to it, now or when it is back.
    /// Gives the number of clients it is queued for.
    ///
    /// Call it after [`DeviceHandler::manifest`] would return this manifest. A version below one
    /// already published is counted as stale and goes to nobody.
    pub fn publish_manifest(&self, partner: &PartnerId, manifest: &Manifest) -> usize {
        self.shared.registry.publish(partner, manifest).unwrap_or_else(|| {
            self.shared.stats.manifests_stale.up();
            tracing::warn!(%partner, version = manifest.version, "stale manifest not published");
            0
        })
    }

    /// Stops: accepts no more, lets what was received be stored and acknowledged, tells v5 clients
    /// and closes. Returns within about twice the configured drain timeout.
    pub async fn shutdown(&self) {
        self.stop.send_replace(true);
        let server = self.server.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(server) = server
            && let Err(error) = server.await
        {
            tracing::error!(%error, "device gateway stopped badly");
        }
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        self.stop.send_replace(true);
    }
}

async fn run(
    listener: TcpListener,
    shared: Arc<Shared>,
    queue: mpsc::Receiver<Commit>,
    comings: mpsc::UnboundedReceiver<(PartnerId, Presence)>,
) {
    let (finish, finished) = watch::channel(false);
    let handler = Arc::clone(&shared.handler);
    let committing = committer::run(
        queue,
        handler,
        Arc::clone(&shared.stats),
        shared.config.batch_max,
        finished.clone(),
    );
    let committer = tokio::spawn(committing);
    let keeper = tokio::spawn(keep_house(Arc::clone(&shared), comings, finished));
    let mut connections = JoinSet::new();
    accept(&listener, &shared, &mut connections).await;
    drop(listener);
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

/// Waits until told to stop; whoever could tell being gone means the same.
pub(super) async fn told(stop: &mut watch::Receiver<bool>) {
    let _ = stop.wait_for(|stop| *stop).await;
}

async fn accept(listener: &TcpListener, shared: &Arc<Shared>, connections: &mut JoinSet<()>) {
    let mut stop = shared.stop.clone();
    loop {
        let accepted = tokio::select! {
            () = told(&mut stop) => return,
            Some(_) = connections.join_next() => continue,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, peer)) => {
                shared.stats.accepted.up();
                if connections.len() >= shared.config.connections_max {
                    shared.stats.refused_full.up();
                    continue;
                }
                if let Err(error) = stream.set_nodelay(true) {
                    tracing::debug!(%peer, %error, "cannot switch off delayed sending");
                }
                // Plain TCP proves no identity.
                connections.spawn(connection::serve(stream, peer, None, Arc::clone(shared)));
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
                Some((partner, presence)) => shared.handler.presence(&partner, presence),
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
