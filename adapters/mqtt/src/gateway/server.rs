//! The gateway as the host holds it: listens, serves connections, publishes manifests, stops.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use logistics_core::PartnerId;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;

use super::config::{BindError, GatewayConfig};
use super::endpoint::{Endpoint, Listener};
use super::registry::Registry;
use super::running;
use super::stats::GatewayStats;
use crate::host::{Commit, ConnectionIdentity, DeviceHandler, Manifest};

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
    addresses: Vec<SocketAddr>,
    shared: Arc<Shared>,
    stop: watch::Sender<bool>,
    server: Mutex<Option<JoinHandle<()>>>,
}

impl std::fmt::Debug for Gateway {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Gateway").field("addresses", &self.addresses).finish_non_exhaustive()
    }
}

impl Gateway {
    /// Listens at all endpoints and serves devices until stopped. Port 0 picks a free port.
    /// Must be called inside a tokio runtime.
    ///
    /// # Errors
    /// [`BindError`] when an address cannot be listened on, or is plain and not loopback.
    pub async fn bind(
        endpoints: impl IntoIterator<Item = Endpoint> + Send,
        config: GatewayConfig,
        handler: Arc<dyn DeviceHandler>,
    ) -> Result<Self, BindError> {
        let endpoints: Vec<Endpoint> = endpoints.into_iter().collect();
        let mut listeners = Vec::new();
        for endpoint in endpoints {
            listeners.push(Listener::bind(endpoint).await?);
        }
        let addresses: Vec<_> = listeners.iter().map(Listener::address).collect();
        let stats = Arc::new(GatewayStats::default());
        let (stop, stopped) = watch::channel(false);
        let (commits, queue) = mpsc::channel(config.queue_max.max(1));
        let (presence, comings) = mpsc::unbounded_channel();
        let registry = Registry::new(config.sessions_max, presence);
        let shared = Arc::new(Shared { config, handler, stats, registry, commits, stop: stopped });
        let server = tokio::spawn(running::run(listeners, Arc::clone(&shared), queue, comings));
        tracing::info!(?addresses, "device gateway listens");
        Ok(Self { addresses, shared, stop, server: Mutex::new(Some(server)) })
    }

    /// Where it listens, in the order of the endpoints.
    #[must_use]
    pub fn local_addrs(&self) -> &[SocketAddr] {
        &self.addresses
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

    /// Ends the connections of every certificate that `is_over` says yes to; how many.
    ///
    /// Their last wills are not stored: nobody speaks for a certificate that is over. Call it after
    /// [`DeviceHandler::connect`] would refuse them, and from time to time: a client that was being
    /// let in meanwhile is found by the next call.
    pub fn shut_out(&self, is_over: impl Fn(&ConnectionIdentity) -> bool) -> usize {
        self.shared.registry.shut_out(is_over)
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
