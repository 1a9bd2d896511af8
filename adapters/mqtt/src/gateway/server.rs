//! The gateway as the host holds it: listens, serves connections, publishes manifests, stops.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use logistics_core::PartnerId;
use tokio::net::TcpListener;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;

use super::committer::Commit;
use super::config::{BindError, GatewayConfig};
use super::handler::{DeviceHandler, Manifest};
use super::registry::Registry;
use super::running;
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
        let server = tokio::spawn(running::run(listener, Arc::clone(&shared), queue, comings));
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

/// Waits until told to stop; whoever could tell being gone means the same.
pub(super) async fn told(stop: &mut watch::Receiver<bool>) {
    let _ = stop.wait_for(|stop| *stop).await;
}
