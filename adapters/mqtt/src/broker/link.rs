//! What every session at a broker is made of.

use std::sync::Arc;
use std::time::{Duration, Instant};

use rumqttc::{AsyncClient, EventLoop, NetworkOptions};
use tokio::sync::{mpsc, watch};
use tokio::time::timeout;

use super::config::BrokerConfig;
use super::retry::Retry;
use super::stats::BrokerStats;
use crate::host::{Commit, DeviceHandler, told};
use crate::link::{Backoff, Broken, Server};

/// The largest packet that MQTT knows, in bytes. A smaller limit of ours would end the connection,
/// and the broker would send the same packet again for ever; so the payload is looked at instead.
const PACKET_BYTES_MAX: usize = 268_435_455;
/// What a packet has besides its payload, at most, in bytes.
const HEADER_BYTES_MAX: usize = 1_024;

/// What all sessions work with.
pub(super) struct Shared {
    pub(super) server: Server,
    pub(super) config: BrokerConfig,
    pub(super) handler: Arc<dyn DeviceHandler>,
    pub(super) stats: Arc<BrokerStats>,
    pub(super) commits: mpsc::Sender<Commit>,
    pub(super) stop: watch::Receiver<bool>,
}

impl Shared {
    /// A new client of this name, whose session the broker keeps while it is away.
    pub(super) fn open(&self, client_id: &str) -> (AsyncClient, EventLoop) {
        let BrokerConfig { keep_alive, answer_timeout, manifest_bytes_max, .. } = self.config;
        let mut options = self.server.options(client_id, keep_alive);
        let window = self.config.manifests_in_flight.clamp(1, 1_000);
        options
            .set_clean_session(false)
            .set_manual_acks(true)
            .set_max_packet_size(PACKET_BYTES_MAX, manifest_bytes_max + HEADER_BYTES_MAX)
            // Packet numbers run up to this; out-of-order acknowledgements need the slack.
            .set_inflight(window.saturating_mul(4));
        // `rumqttc` reads ten messages for each acknowledgement that it writes, so these may pile
        // up here. As many as there are packet numbers, what is on its way, the subscription and the
        // goodbye fit: handing over never waits, and never fails.
        let requests = usize::from(u16::MAX) + usize::from(window) + 2;
        let (client, mut events) = AsyncClient::new(options, requests);
        let mut network = NetworkOptions::new();
        network.set_tcp_nodelay(true);
        // Ours comes first.
        network.set_connection_timeout(answer_timeout.as_secs() + 2);
        events.set_network_options(network);
        (client, events)
    }

    pub(super) fn retry(&self) -> Retry {
        let BrokerConfig { reconnect_min: min, reconnect_max: max, .. } = self.config;
        Retry::new(Backoff { min, max })
    }

    pub(super) fn is_stopping(&self) -> bool {
        *self.stop.borrow()
    }

    /// Counts a connection's end, and waits before the next; false when there is to be none.
    pub(super) async fn pause(&self, client_id: &str, pause: Duration, why: &Broken) -> bool {
        if self.is_stopping() {
            return false;
        }
        self.stats.reconnects.up();
        if matches!(why, Broken::Overdue) {
            self.stats.watchdog_rebuilds.up();
        }
        tracing::warn!(client_id, error = %why, ?pause, "the broker is not connected");
        self.wait(pause).await
    }

    /// Waits; false as soon as everything is to stop.
    pub(super) async fn wait(&self, time: Duration) -> bool {
        timeout(time, told(&mut self.stop.clone())).await.is_err()
    }
}

/// A connection's life so far, and what the watch over it needs to know.
#[derive(Debug)]
pub(super) struct Life {
    shared: Arc<Shared>,
    began: Instant,
    up_since: Option<Instant>,
    is_ready: bool,
    /// When either side last did anything.
    pub(super) active: Instant,
    /// Set once it is to end: until when to wait for what is on its way.
    closing: Option<Instant>,
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared").field("server", &self.server).finish_non_exhaustive()
    }
}

impl Life {
    pub(super) fn begin(shared: &Arc<Shared>) -> Self {
        let began = Instant::now();
        Self {
            shared: Arc::clone(shared),
            began,
            up_since: None,
            is_ready: false,
            active: began,
            closing: None,
        }
    }

    /// The broker has let us in.
    pub(super) fn up(&mut self) {
        self.up_since = Some(Instant::now());
    }

    /// All that is needed is agreed on.
    pub(super) fn ready(&mut self) {
        if !std::mem::replace(&mut self.is_ready, true) {
            self.shared.stats.connected.up();
        }
    }

    pub(super) fn is_up(&self) -> bool {
        self.up_since.is_some()
    }

    /// How long it has been up.
    pub(super) fn time_up(&self) -> Duration {
        self.up_since.map_or(Duration::ZERO, |since| since.elapsed())
    }

    pub(super) fn is_closing(&self) -> bool {
        self.closing.is_some()
    }

    /// It is to end, as soon as what is on its way is done.
    pub(super) fn close(&mut self) {
        let drain = self.shared.config.drain_timeout;
        self.closing.get_or_insert_with(|| Instant::now() + drain);
    }

    /// When to give up, if the broker owes an answer since `asked`.
    pub(super) fn deadline(&self, asked: Option<Instant>) -> Instant {
        let BrokerConfig { answer_timeout, keep_alive, .. } = self.shared.config;
        let silence = if self.is_up() {
            // A ping is due at the latest after the interval.
            self.active + keep_alive.max(Duration::from_secs(1)) + answer_timeout
        } else {
            self.began + answer_timeout
        };
        // Without a connection there is nothing to drain.
        let closing = self.closing.map(|until| if self.is_up() { until } else { self.began });
        [Some(silence), asked.map(|at| at + answer_timeout), closing]
            .into_iter()
            .flatten()
            .min()
            .unwrap_or(silence)
    }
}

impl Drop for Life {
    fn drop(&mut self) {
        if self.is_ready {
            self.shared.stats.connected.down();
        }
    }
}
