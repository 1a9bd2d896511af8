//! The client of a broker as the host holds it: connects, publishes manifests, stops.

use std::sync::{Arc, Mutex, PoisonError};

use logistics_core::PartnerId;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;

use super::config::{BrokerConfig, ConfigError};
use super::link::Shared;
use super::manifests::Manifests;
use super::stats::BrokerStats;
use super::{publisher, running};
use crate::host::{DeviceHandler, Manifest};
use crate::link::Server;

/// The platform's sessions at a broker. They connect, and reconnect, by themselves.
///
/// Dropping it stops them without waiting for the end; [`BrokerClient::shutdown`] waits.
#[derive(Debug)]
pub struct BrokerClient {
    shared: Arc<Shared>,
    manifests: Arc<Manifests>,
    stop: watch::Sender<bool>,
    task: Mutex<Option<JoinHandle<()>>>,
}

impl BrokerClient {
    /// Starts the sessions and gives them back at once; a broker that is not there is tried again
    /// until it is. Everybody's current manifest is published first.
    /// Must be called inside a tokio runtime.
    ///
    /// # Errors
    /// [`ConfigError`] when a name or a number cannot be used.
    pub fn connect(
        server: impl Into<Server>,
        config: BrokerConfig,
        handler: Arc<dyn DeviceHandler>,
    ) -> Result<Self, ConfigError> {
        config.check()?;
        let sessions = config.receiving_ids().len();
        let room = sessions.saturating_mul(config.in_flight_max.max(1).into());
        let (commits, queue) = mpsc::channel(room);
        let (stop, stopped) = watch::channel(false);
        let stats = Arc::new(BrokerStats::default());
        let server = server.into();
        let shared = Arc::new(Shared { server, config, handler, stats, commits, stop: stopped });
        let manifests = Arc::new(Manifests::default());
        let running = running::run(Arc::clone(&shared), Arc::clone(&manifests), queue);
        let task = Mutex::new(Some(tokio::spawn(running)));
        Ok(Self { shared, manifests, stop, task })
    }

    /// What it has counted so far.
    #[must_use]
    pub fn stats(&self) -> Arc<BrokerStats> {
        Arc::clone(&self.shared.stats)
    }

    /// Manifests that the broker has not acknowledged yet, those on their way not counted.
    #[must_use]
    pub fn manifests_waiting(&self) -> usize {
        self.manifests.len()
    }

    /// Queues a partner's new manifest: it is published, retained, until the broker acknowledges it
    /// or a newer one takes its place. False when a newer one is known or it is too large.
    ///
    /// What waits is lost with the process, so call it after [`DeviceHandler::manifest`] would
    /// return this manifest: the next start publishes all that there are.
    pub fn publish_manifest(&self, partner: &PartnerId, manifest: Manifest) -> bool {
        publisher::queue(&self.shared, &self.manifests, partner, manifest)
    }

    /// Stops: takes no more messages, lets those taken be stored and acknowledged, publishes the
    /// manifests that wait, and says goodbye. The broker keeps the sessions, and in them what comes
    /// meanwhile. Returns within about twice the configured drain timeout.
    pub async fn shutdown(&self) {
        self.stop.send_replace(true);
        let task = self.task.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(task) = task
            && let Err(error) = task.await
        {
            tracing::error!(%error, "the client of the broker stopped badly");
        }
    }
}

impl Drop for BrokerClient {
    fn drop(&mut self) {
        self.stop.send_replace(true);
    }
}
