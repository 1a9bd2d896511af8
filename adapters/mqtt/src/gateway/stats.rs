//! Counters of what the gateway saw and did, for the host's metrics.

use crate::host::{Counter, Disposition, Tally, Topic};

/// What the gateway counted since it started.
#[derive(Debug, Default)]
pub struct GatewayStats {
    /// Connections open now (gauge).
    pub connections: Counter,
    /// Connections accepted from the network.
    pub accepted: Counter,
    /// Clients let in: CONNECT answered with success.
    pub admitted: Counter,
    /// TLS handshakes under way (gauge).
    pub handshakes: Counter,
    /// Connections closed on accept because a limit was reached.
    pub refused_full: Counter,
    /// TLS handshakes that did not end in time.
    pub refused_handshake_slow: Counter,
    /// Peers that showed no certificate.
    pub refused_no_certificate: Counter,
    /// Certificates of a foreign authority, or signed by themselves.
    pub refused_authority: Counter,
    /// Certificates that have expired, or are not valid yet.
    pub refused_expired: Counter,
    /// Certificates that are no good otherwise, or that name no device.
    pub refused_certificate: Counter,
    /// Peers that do not speak TLS 1.3.
    pub refused_tls_version: Counter,
    /// TLS handshakes that failed for any other reason: garbage, or the peer broke off.
    pub refused_handshake: Counter,
    /// Clients whose MQTT client id is not the one that their certificate names.
    pub refused_client_id: Counter,
    /// Connections ended by [`Gateway::shut_out`](super::Gateway::shut_out).
    pub shut_out: Counter,
    /// Clients refused by the host.
    pub refused_by_host: Counter,
    /// Connections closed because no complete CONNECT came in time.
    pub refused_silent: Counter,
    /// Connections closed for breaking the protocol, garbage included.
    pub protocol_errors: Counter,
    /// Connections closed for a packet above the limit.
    pub oversized: Counter,
    /// Connections closed for a QoS 2 publish.
    pub qos2_refused: Counter,
    /// Connections replaced by a newer one of the same client.
    pub taken_over: Counter,
    /// Connections that fell silent for 1.5 keep-alive intervals.
    pub keep_alive_expired: Counter,
    /// Connections closed because the peer did not read.
    pub write_timeouts: Counter,
    /// PUBLISH packets received.
    pub publishes: Counter,
    /// Messages the host stored.
    pub stored: Counter,
    /// Messages the host rejected (acknowledged all the same).
    pub rejected: Counter,
    /// Messages the host could not take (not acknowledged).
    pub unavailable: Counter,
    /// Messages to topics the sender may not write to.
    pub forbidden: Counter,
    /// Messages to topics that are not the platform's.
    pub unknown_topic: Counter,
    /// PUBACKs sent.
    pub acks: Counter,
    /// Batches handed to the host.
    pub batches: Counter,
    /// Last wills handed to the host.
    pub wills: Counter,
    /// Topic filters granted.
    pub subscribed: Counter,
    /// Topic filters refused.
    pub subscriptions_refused: Counter,
    /// Manifests sent, resends included.
    pub manifests_sent: Counter,
    /// Manifests acknowledged by devices.
    pub manifests_acked: Counter,
    /// Manifests not sent because the client's packet limit is smaller.
    pub manifests_too_large: Counter,
    /// Manifests not taken because a newer version was already published.
    pub manifests_stale: Counter,
    /// Questions for manifests that the host did not answer in time, or could not; each is asked again.
    pub lookups_failed: Counter,
    /// Sessions of absent clients dropped by age or number.
    pub sessions_dropped: Counter,
}

impl Tally for GatewayStats {
    fn batch(&self) {
        self.batches.up();
    }

    fn answered(&self, topic: &Topic, disposition: Disposition) {
        match topic {
            Topic::Forbidden { .. } => self.forbidden.up(),
            Topic::Unknown => self.unknown_topic.up(),
            Topic::Partner { .. } | Topic::OwnTracks { .. } => {}
        }
        match disposition {
            Disposition::Stored => self.stored.up(),
            Disposition::Rejected(_) => self.rejected.up(),
            Disposition::Unavailable => self.unavailable.up(),
        }
    }
}
