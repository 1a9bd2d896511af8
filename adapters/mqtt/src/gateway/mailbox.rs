//! What outlives a client's connection: its subscriptions, the manifests it has yet to confirm, and
//! those it is still to find.

use logistics_core::PartnerId;

use super::filter::Coverage;
use super::owed::{Debts, Owed};
use super::queue::Queue;
use super::subscriptions::{Matched, Subscriptions};
use crate::host::Manifest;

/// One client's subscriptions and queue.
#[derive(Debug, Default)]
pub(super) struct Mailbox {
    pub(super) subscriptions: Subscriptions,
    pub(super) queue: Queue,
    pub(super) owed: Debts,
}

impl Mailbox {
    /// Queues a manifest that has just been published, if anything subscribes to it.
    pub(super) fn offer(&mut self, partner: &PartnerId, manifest: &Manifest, live: bool) -> bool {
        // QoS 0 promises nothing to a client that is away.
        let matched = self.subscriptions.matching(partner).filter(|m| m.acknowledged || live);
        if let Some(matched) = matched {
            self.queue.put(partner, manifest, matched);
            // What the host finds for an older question may be older.
            self.owed.retain(|owed| owed.coverage != Coverage::One(partner.clone()));
        }
        matched.is_some()
    }

    /// The client is gone for now: what was not promised is forgotten.
    pub(super) fn suspend(&mut self) {
        self.queue.suspend();
        self.owed.retain(|owed| owed.acknowledged);
    }

    /// Ends a subscription; whether there was one. Nothing is owed for it.
    pub(super) fn unsubscribe(&mut self, filter: &str) -> bool {
        let existed = self.subscriptions.unsubscribe(filter);
        let subscriptions = &self.subscriptions;
        self.owed.retain(|owed| subscriptions.want(&owed.coverage));
        existed
    }

    /// Queues the manifest that a subscription was still to find, unless it has got one meanwhile.
    pub(super) fn pay(&mut self, owed: &Owed, partner: &PartnerId, found: Option<Manifest>) {
        if self.owed.settle(owed)
            && let Some(found) = found
        {
            let how = Matched { acknowledged: owed.acknowledged, retain: true };
            self.queue.put(partner, &found, how);
        }
    }
}
