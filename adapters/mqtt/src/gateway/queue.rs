//! Manifests on their way to one client: at most one unsent per partner, resent until confirmed.

use std::collections::VecDeque;

use logistics_core::PartnerId;

use super::packet::PacketId;
use super::subscriptions::Matched;
use crate::host::Manifest;
use crate::topics::{Channel, PartnerTopic};

#[derive(Debug, Clone)]
struct Entry {
    partner: PartnerId,
    manifest: Manifest,
    acknowledged: bool,
    retain: bool,
    /// Given when first sent.
    id: Option<PacketId>,
    /// Sent on the present connection.
    sent: bool,
    /// The client has confirmed a newer one: should it reconnect, this one must not come last.
    superseded: bool,
}

/// One manifest to write to the client now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Outgoing {
    pub(super) id: Option<PacketId>,
    pub(super) duplicate: bool,
    pub(super) retain: bool,
    pub(super) topic: String,
    pub(super) manifest: Manifest,
}

/// The manifests of one client, in the order they are sent.
#[derive(Debug, Default)]
pub(super) struct Queue {
    entries: VecDeque<Entry>,
    last_id: PacketId,
}

impl Queue {
    /// Queues a manifest. It takes the place of an older one that was never sent.
    pub(super) fn put(&mut self, partner: &PartnerId, manifest: &Manifest, how: Matched) {
        let Matched { acknowledged, retain } = how;
        let known =
            self.entries.iter().filter(|e| e.partner == *partner).map(|e| e.manifest.version);
        if known.max().is_some_and(|version| version > manifest.version) {
            return;
        }
        let waiting = self.entries.iter_mut().find(|e| e.id.is_none() && e.partner == *partner);
        match waiting {
            Some(entry) => {
                let is_newer = entry.manifest.version < manifest.version;
                entry.manifest = manifest.clone();
                entry.acknowledged |= acknowledged;
                // The same again is still the one that was published, or found, first.
                entry.retain |= retain && is_newer;
            }
            None => self.entries.push_back(Entry {
                partner: partner.clone(),
                manifest: manifest.clone(),
                acknowledged,
                retain,
                id: None,
                sent: false,
                superseded: false,
            }),
        }
    }

    /// The client is back on a new connection: what it has not confirmed is sent again.
    pub(super) fn resume(&mut self) {
        self.entries.retain(|entry| !entry.superseded);
        for entry in &mut self.entries {
            entry.sent = false;
        }
    }

    /// The client is gone for now: what was not promised is forgotten.
    pub(super) fn suspend(&mut self) {
        self.entries.retain(|entry| entry.acknowledged);
    }

    /// The next manifest to write, in order, while fewer than `window` are unconfirmed.
    pub(super) fn next(&mut self, window: u16) -> Option<Outgoing> {
        let unconfirmed = self.entries.iter().filter(|e| e.sent).count();
        let at = self.entries.iter().position(|e| !e.sent)?;
        if !self.entries.get(at)?.acknowledged {
            let entry = self.entries.remove(at)?;
            return Some(Self::outgoing(&entry, false));
        }
        if unconfirmed >= usize::from(window) {
            return None;
        }
        let fresh = self.fresh_id();
        let entry = self.entries.get_mut(at)?;
        let duplicate = entry.id.is_some();
        entry.id.get_or_insert(fresh);
        entry.sent = true;
        Some(Self::outgoing(entry, duplicate))
    }

    fn outgoing(entry: &Entry, duplicate: bool) -> Outgoing {
        Outgoing {
            id: entry.id,
            duplicate,
            retain: entry.retain,
            topic: PartnerTopic::new(entry.partner.clone(), Channel::Manifest).to_string(),
            manifest: entry.manifest.clone(),
        }
    }

    /// A packet number that no queued manifest holds.
    fn fresh_id(&mut self) -> PacketId {
        loop {
            self.last_id = self.last_id.checked_add(1).unwrap_or(1);
            if !self.entries.iter().any(|entry| entry.id == Some(self.last_id)) {
                return self.last_id;
            }
        }
    }

    /// The client confirmed it (or will never take it); whether it was waited for.
    pub(super) fn settle(&mut self, id: PacketId) -> bool {
        let at = self.entries.iter().position(|entry| entry.sent && entry.id == Some(id));
        let Some(settled) = at.and_then(|at| self.entries.remove(at)) else { return false };
        for entry in &mut self.entries {
            let is_older = entry.manifest.version < settled.manifest.version;
            entry.superseded |= is_older && entry.partner == settled.partner;
        }
        true
    }
}
