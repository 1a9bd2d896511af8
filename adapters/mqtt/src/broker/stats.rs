//! Counters of what passed between the platform and a broker, for the host's metrics.

use crate::host::{Counter, Disposition, Rejection, Tally, Topic};

/// What the client of a broker counted since it started.
#[derive(Debug, Default)]
pub struct BrokerStats {
    /// Sessions connected, and subscribed, now (gauge): those that receive, and the one that
    /// publishes.
    pub connected: Counter,
    /// Connections lost, or not come about; each is followed by a new attempt.
    pub reconnects: Counter,
    /// Clients thrown away because the broker gave no answer in time (in `reconnects`, too).
    pub watchdog_rebuilds: Counter,
    /// Connections that found no kept session where one had been: the broker lost its memory, and
    /// may have lost messages with it.
    pub sessions_lost: Counter,
    /// Subscriptions that the broker refused; its rules must let the platform read.
    pub subscriptions_refused: Counter,
    /// Messages received.
    pub received: Counter,
    /// Of these, marked by the broker as sent before. They may be new to the host all the same.
    pub redelivered: Counter,
    /// Messages acknowledged to the broker.
    pub acked: Counter,
    /// Messages the host stored.
    pub stored: Counter,
    /// Messages the host could not take: not acknowledged, they come again.
    pub unavailable: Counter,
    /// Messages rejected (and acknowledged) because the payload is of no use.
    pub rejected_malformed: Counter,
    /// Messages rejected because the sender may not send them.
    pub rejected_not_authorised: Counter,
    /// Messages rejected because the topic is none of the platform's.
    pub rejected_unknown_topic: Counter,
    /// Messages rejected for any other reason of the host's.
    pub rejected_other: Counter,
    /// Messages rejected for their size, without asking the host.
    pub rejected_oversized: Counter,
    /// Batches handed to the host.
    pub batches: Counter,
    /// Manifests that the broker has acknowledged.
    pub manifests_published: Counter,
    /// Manifests not taken because a newer version is known.
    pub manifests_stale: Counter,
    /// Manifests not published because they are too large.
    pub manifests_too_large: Counter,
    /// Questions for manifests that the host could not answer; each is asked again.
    pub lookups_failed: Counter,
}

impl Tally for BrokerStats {
    fn batch(&self) {
        self.batches.up();
    }

    fn answered(&self, _: &Topic, disposition: Disposition) {
        let counter = match disposition {
            Disposition::Stored => &self.stored,
            Disposition::Unavailable => &self.unavailable,
            Disposition::Rejected(Rejection::Malformed) => &self.rejected_malformed,
            Disposition::Rejected(Rejection::NotAuthorised) => &self.rejected_not_authorised,
            Disposition::Rejected(Rejection::UnknownTopic) => &self.rejected_unknown_topic,
            Disposition::Rejected(_) => &self.rejected_other,
        };
        counter.up();
    }
}
