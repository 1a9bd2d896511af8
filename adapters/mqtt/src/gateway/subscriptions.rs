//! What a client has subscribed to, and may.

use std::collections::BTreeMap;
use std::sync::Arc;

use logistics_core::PartnerId;

use super::fault::reason;
use super::filter::Coverage;
use super::owed::Owed;
use super::packet::{FilterRequest, RetainedAtSubscribe};
use crate::host::Access;

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
    pub(super) retained: Option<Owed>,
}

impl Grant {
    fn refused(code: u8) -> Self {
        Self { code, retained: None }
    }
}

/// One client's subscriptions, by their filters.
#[derive(Debug, Default)]
pub(super) struct Subscriptions(BTreeMap<Arc<str>, Subscription>);

/// How a published manifest goes to a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Matched {
    /// At QoS 1.
    pub(super) acknowledged: bool,
    /// With the retain flag, although it is no retained message for this client.
    pub(super) retain: bool,
}

impl Subscriptions {
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
            (_, Access::LocalTool | Access::Broker) | (Coverage::Nobody, _) => true,
            (Coverage::One(partner), Access::Partner(own)) => partner == own,
            (Coverage::All, Access::Partner(_)) => false,
        };
        if !permitted {
            return Grant::refused(reason::NOT_AUTHORISED);
        }
        let is_new = !self.0.contains_key(&request.filter);
        if is_new && self.0.len() >= subscriptions_max {
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
        self.0.insert(Arc::clone(&request.filter), subscription);
        Grant {
            code: u8::from(request.acknowledged),
            retained: wanted.then_some(Owed { coverage, acknowledged: request.acknowledged }),
        }
    }

    /// Whether there was such a subscription.
    pub(super) fn unsubscribe(&mut self, filter: &str) -> bool {
        self.0.remove(filter).is_some()
    }

    /// Whether a subscription covers all of this.
    pub(super) fn want(&self, coverage: &Coverage) -> bool {
        self.0.values().any(|one| match coverage {
            Coverage::One(partner) => one.coverage.includes(partner),
            Coverage::All | Coverage::Nobody => one.coverage == *coverage,
        })
    }

    /// What the subscriptions that cover the partner's manifest ask for, together.
    pub(super) fn matching(&self, partner: &PartnerId) -> Option<Matched> {
        let covering = self.0.values().filter(|one| one.coverage.includes(partner));
        covering
            .map(|one| Matched { acknowledged: one.acknowledged, retain: one.retain_as_published })
            .reduce(|a, b| Matched {
                acknowledged: a.acknowledged | b.acknowledged,
                retain: a.retain | b.retain,
            })
    }
}
