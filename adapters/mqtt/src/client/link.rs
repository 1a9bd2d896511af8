//! The next connection: how long to wait for it, and how it is made.

use std::time::Duration;

use logistics_core::PartnerId;
use rumqttc::{AsyncClient, EventLoop, MqttOptions, QoS};

use super::options::ClientOptions;
use super::server::Server;
use crate::topics::PartnerTopic;

/// Where a device connects to, and as whom.
#[derive(Debug)]
pub(super) struct Link {
    pub(super) server: Server,
    pub(super) partner: PartnerId,
    pub(super) options: ClientOptions,
}

impl Link {
    /// Messages on their way at once.
    pub(super) fn window(&self) -> u16 {
        self.options.window.clamp(1, 1_000)
    }

    /// Doubles with every failure, and differs between partners: a fleet that lost its gateway
    /// must not come back in one instant.
    pub(super) fn pause(&self, failures: u32) -> Duration {
        let doubled =
            self.options.reconnect_min.saturating_mul(1 << failures.saturating_sub(1).min(16));
        let pause = doubled.min(self.options.reconnect_max);
        let scatter = self
            .partner
            .as_str()
            .bytes()
            .fold(failures, |hash, byte| hash.wrapping_mul(31).wrapping_add(byte.into()));
        pause * (75 + scatter % 50) / 100
    }

    pub(super) fn open(&self) -> (AsyncClient, EventLoop) {
        let Server { host, port, .. } = &self.server;
        let mut options = MqttOptions::new(self.partner.as_str(), host, *port);
        options
            .set_clean_session(true)
            // Less than a second is refused by `rumqttc`.
            .set_keep_alive(self.options.keep_alive.max(Duration::from_secs(1)))
            .set_max_packet_size(self.options.packet_bytes_max, self.options.packet_bytes_max)
            // Packet numbers run up to this; out-of-order acknowledgements need the slack.
            .set_inflight(self.window().saturating_mul(4));
        #[cfg(feature = "tls")]
        if let Some(tls) = &self.server.tls {
            let config = rumqttc::TlsConfiguration::Rustls(tls.config());
            options.set_transport(rumqttc::Transport::tls_with_config(config));
        }
        if let Some(will) = &self.options.last_will {
            let topic = PartnerTopic::new(self.partner.clone(), will.channel).to_string();
            let payload = will.payload.to_vec();
            options.set_last_will(rumqttc::LastWill::new(topic, payload, QoS::AtLeastOnce, false));
        }
        // The whole window, the subscription and the goodbye fit, so handing over never waits.
        AsyncClient::new(options, usize::from(self.window()) + 2)
    }
}
