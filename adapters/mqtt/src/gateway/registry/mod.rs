//! Who is connected, and what is kept of those who are not: one session per client id.

mod coming;

use std::collections::BTreeMap;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use logistics_core::PartnerId;
use tokio::sync::{Notify, mpsc};

pub(super) use coming::Arrival;

use super::mailbox::Mailbox;
use super::packet::Will;
use crate::host::{Access, ConnectionIdentity, Manifest, Presence};

/// How the registry reaches a live connection.
#[derive(Debug, Default)]
pub(super) struct Signal {
    pub(super) wake: Notify,
    pub(super) taken_over: AtomicBool,
    pub(super) shut_out: AtomicBool,
}

#[derive(Debug)]
struct Live {
    epoch: u64,
    identity: Option<ConnectionIdentity>,
    signal: Arc<Signal>,
    will: Option<Will>,
}

#[derive(Debug)]
struct Client {
    access: Access,
    mailbox: Mailbox,
    expiry_s: u32,
    live: Option<Live>,
    absent_since: Instant,
}

impl Client {
    fn is_over(&self, now: Instant) -> bool {
        let age = now.saturating_duration_since(self.absent_since);
        self.live.is_none() && age >= Duration::from_secs(self.expiry_s.into())
    }
}

#[derive(Debug, Default)]
struct State {
    clients: BTreeMap<Arc<str>, Client>,
    /// The greatest manifest version published, per partner.
    versions: BTreeMap<PartnerId, u64>,
    epoch: u64,
}

/// All sessions, live and kept.
#[derive(Debug)]
pub(super) struct Registry {
    state: Mutex<State>,
    /// Told under the lock, so that the host sees comings and goings in their order.
    presence: mpsc::UnboundedSender<(PartnerId, Presence)>,
    sessions_max: usize,
}

impl Registry {
    pub(super) fn new(
        sessions_max: usize,
        presence: mpsc::UnboundedSender<(PartnerId, Presence)>,
    ) -> Self {
        Self { state: Mutex::default(), presence, sessions_max }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn tell(&self, access: &Access, presence: Presence) {
        if let Access::Partner(partner) = access {
            // Nobody listens once the gateway stops.
            let _ = self.presence.send((partner.clone(), presence));
        }
    }

    /// Works on the client's mailbox, unless a newer connection owns it.
    pub(super) fn with<R>(
        &self,
        client_id: &str,
        epoch: u64,
        work: impl FnOnce(&mut Mailbox) -> R,
    ) -> Option<R> {
        let mut state = self.state();
        let client = state.clients.get_mut(client_id)?;
        client.live.as_ref().filter(|live| live.epoch == epoch)?;
        Some(work(&mut client.mailbox))
    }

    /// The client changed how long its session is to be kept.
    pub(super) fn set_expiry(&self, client_id: &str, epoch: u64, expiry_s: u32) {
        let mut state = self.state();
        let client = state.clients.get_mut(client_id);
        if let Some(client) = client.filter(|c| c.live.as_ref().is_some_and(|l| l.epoch == epoch)) {
            client.expiry_s = expiry_s;
        }
    }

    /// Queues a manifest for everybody who subscribes to it; `None` when a newer one is known.
    pub(super) fn publish(&self, partner: &PartnerId, manifest: &Manifest) -> Option<usize> {
        let mut state = self.state();
        let newest = state.versions.entry(partner.clone()).or_insert(manifest.version);
        if manifest.version < *newest {
            return None;
        }
        *newest = manifest.version;
        let mut queued = 0;
        for client in state.clients.values_mut() {
            if client.mailbox.offer(partner, manifest, client.live.is_some()) {
                queued += 1;
                if let Some(live) = &client.live {
                    live.signal.wake.notify_one();
                }
            }
        }
        Some(queued)
    }

    /// Drops kept sessions that are too old or too many; how many.
    pub(super) fn expire(&self, now: Instant) -> usize {
        let mut state = self.state();
        let before = state.clients.len();
        state.clients.retain(|_, client| !client.is_over(now));
        let mut absent: Vec<_> = state
            .clients
            .iter()
            .filter(|(_, client)| client.live.is_none())
            .map(|(id, client)| (client.absent_since, Arc::clone(id)))
            .collect();
        let surplus = absent.len().saturating_sub(self.sessions_max);
        absent.sort_unstable();
        for (_, id) in absent.into_iter().take(surplus) {
            state.clients.remove(&id);
        }
        before - state.clients.len()
    }
}
