//! The next connection: how long to wait for it, and how it is made.

use std::time::Duration;

use logistics_core::PartnerId;
use rumqttc::{AsyncClient, EventLoop, QoS};

use super::options::ClientOptions;
use crate::link::{Backoff, Server};
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

    /// How long to wait after this many failures in a row.
    pub(super) fn pause(&self, failures: u32) -> Duration {
        let ClientOptions { reconnect_min: min, reconnect_max: max, .. } = self.options;
        Backoff { min, max }.pause(failures, self.partner.as_str())
    }

    pub(super) fn open(&self) -> (AsyncClient, EventLoop) {
        let mut options = self.server.options(self.partner.as_str(), self.options.keep_alive);
        options
            .set_clean_session(true)
            .set_max_packet_size(self.options.packet_bytes_max, self.options.packet_bytes_max)
            // Packet numbers run up to this; out-of-order acknowledgements need the slack.
            .set_inflight(self.window().saturating_mul(4));
        if let Some(will) = &self.options.last_will {
            let topic = PartnerTopic::new(self.partner.clone(), will.channel).to_string();
            let payload = will.payload.to_vec();
            options.set_last_will(rumqttc::LastWill::new(topic, payload, QoS::AtLeastOnce, false));
        }
        // The whole window, the subscription and the goodbye fit, so handing over never waits.
        AsyncClient::new(options, usize::from(self.window()) + 2)
    }
}
