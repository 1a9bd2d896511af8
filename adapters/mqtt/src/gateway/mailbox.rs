//! What outlives a client's connection: its subscriptions, and the manifests it has yet to confirm.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use logistics_core::PartnerId;

use super::handler::{Access, Manifest};
use super::packet::{FilterRequest, PacketId, RetainedAtSubscribe, reason};
use crate::topics::{Channel, PartnerTopic};

/// Whose manifests a topic filter covers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Coverage {
    One(PartnerId),
    All,
}

impl Coverage {
    /// Which manifest topics the filter matches, if any: MQTT 5, section 4.7.
    pub(super) fn of(filter: &str) -> Option<Self> {
        let mut coverage = Self::All;
        let mut levels = filter.split('/');
        for (at, name) in ["logistics", "dp", "", "manifest"].into_iter().enumerate() {
            match levels.next()? {
                "#" => return levels.next().is_none().then_some(coverage),
                "+" => {}
                level if at == 2 => coverage = Self::One(PartnerId::new(level).ok()?),
                level if level == name => {}
                _ => return None,
            }
        }
        match levels.next() {
            None => Some(coverage),
            Some("#") if levels.next().is_none() => Some(coverage),
            Some(_) => None,
        }
    }

    fn includes(&self, partner: &PartnerId) -> bool {
        match self {
            Self::One(one) => one == partner,
            Self::All => true,
        }
    }
}

#[derive(Debug, Clone)]
struct Subscription {
    coverage: Coverage,
    acknowledged: bool,
    retain_as_published: bool,
}

/// The answer to one requested filter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Grant {
    /// For the SUBACK: the granted QoS, or a reason code above 0x7F.
    pub(super) code: u8,
    /// Whose retained manifests to look up and queue.
    pub(super) retained: Option<(Coverage, bool)>,
}

impl Grant {
    fn refused(code: u8) -> Self {
        Self { code, retained: None }
    }
}

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

/// A client's subscriptions and queue. The queue holds at most one unsent manifest per partner: a
/// newer version takes the place of an older one that was never sent.
#[derive(Debug, Default)]
pub(super) struct Mailbox {
    subscriptions: BTreeMap<Arc<str>, Subscription>,
    queue: VecDeque<Entry>,
    last_id: PacketId,
}

impl Mailbox {
    /// Grants or refuses one filter.
    pub(super) fn subscribe(
        &mut self,
        access: &Access,
        request: &FilterRequest,
        subscriptions_max: usize,
    ) -> Grant {
        if request.filter.starts_with("$share/") {
            return Grant::refused(reason::SHARED);
        }
        let Some(coverage) = Coverage::of(&request.filter) else {
            return Grant::refused(reason::FILTER_INVALID);
        };
        let permitted = match (&coverage, access) {
            (_, Access::LocalTool) => true,
            (Coverage::One(partner), Access::Partner(own)) => partner == own,
            (Coverage::All, Access::Partner(_)) => false,
        };
        if !permitted {
            return Grant::refused(reason::NOT_AUTHORISED);
        }
        let is_new = !self.subscriptions.contains_key(&request.filter);
        if is_new && self.subscriptions.len() >= subscriptions_max {
            return Grant::refused(reason::QUOTA);
        }
        let wanted = match request.retained {
            RetainedAtSubscribe::Always => true,
            RetainedAtSubscribe::IfNew => is_new,
            RetainedAtSubscribe::Never => false,
        };
        let subscription = Subscription {
            coverage: coverage.clone(),
            acknowledged: request.acknowledged,
            retain_as_published: request.retain_as_published,
        };
        self.subscriptions.insert(Arc::clone(&request.filter), subscription);
        Grant {
            code: u8::from(request.acknowledged),
            retained: wanted.then_some((coverage, request.acknowledged)),
        }
    }

    /// Whether there was such a subscription.
    pub(super) fn unsubscribe(&mut self, filter: &str) -> bool {
        self.subscriptions.remove(filter).is_some()
    }

    /// Queues a manifest that has just been published, if anything subscribes to it.
    pub(super) fn offer(&mut self, partner: &PartnerId, manifest: &Manifest, live: bool) -> bool {
        let mut matching =
            self.subscriptions.values().filter(|s| s.coverage.includes(partner)).peekable();
        if matching.peek().is_none() {
            return false;
        }
        let (acknowledged, retain) = matching.fold((false, false), |(ack, retain), s| {
            (ack | s.acknowledged, retain | s.retain_as_published)
        });
        // QoS 0 promises nothing to a client that is away.
        if !acknowledged && !live {
            return false;
        }
        self.put(partner, manifest, acknowledged, retain);
        true
    }

    /// Queues the manifest that a new subscription finds.
    pub(super) fn put_retained(&mut self, partner: &PartnerId, found: &Manifest, ack: bool) {
        self.put(partner, found, ack, true);
    }

    fn put(&mut self, partner: &PartnerId, manifest: &Manifest, acknowledged: bool, retain: bool) {
        let known = self.queue.iter().filter(|e| e.partner == *partner).map(|e| e.manifest.version);
        if known.max().is_some_and(|version| version > manifest.version) {
            return;
        }
        let waiting = self.queue.iter_mut().find(|e| e.id.is_none() && e.partner == *partner);
        match waiting {
            Some(entry) => {
                entry.manifest = manifest.clone();
                entry.acknowledged |= acknowledged;
                entry.retain |= retain;
            }
            None => self.queue.push_back(Entry {
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
        self.queue.retain(|entry| !entry.superseded);
        for entry in &mut self.queue {
            entry.sent = false;
        }
    }

    /// The client is gone for now: what was not promised is forgotten.
    pub(super) fn suspend(&mut self) {
        self.queue.retain(|entry| entry.acknowledged);
    }

    /// The next manifest to write, in order, while fewer than `window` are unconfirmed.
    pub(super) fn next(&mut self, window: u16) -> Option<Outgoing> {
        let unconfirmed = self.queue.iter().filter(|e| e.sent).count();
        let at = self.queue.iter().position(|e| !e.sent)?;
        if !self.queue.get(at)?.acknowledged {
            let entry = self.queue.remove(at)?;
            return Some(Self::outgoing(&entry, false));
        }
        if unconfirmed >= usize::from(window) {
            return None;
        }
        let fresh = self.fresh_id();
        let entry = self.queue.get_mut(at)?;
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
            if !self.queue.iter().any(|entry| entry.id == Some(self.last_id)) {
                return self.last_id;
            }
        }
    }

    /// The client confirmed it (or will never take it); whether it was waited for.
    pub(super) fn settle(&mut self, id: PacketId) -> bool {
        let at = self.queue.iter().position(|entry| entry.sent && entry.id == Some(id));
        let Some(settled) = at.and_then(|at| self.queue.remove(at)) else { return false };
        for entry in &mut self.queue {
            let is_older = entry.manifest.version < settled.manifest.version;
            entry.superseded |= is_older && entry.partner == settled.partner;
        }
        true
    }
}
