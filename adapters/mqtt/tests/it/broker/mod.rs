//! The platform as a client of a broker: Mosquitto with the configuration of the documentation, and
//! brokers by hand.

mod access;
mod away;
mod fake;
mod hostile;
mod link;
mod manifests;
mod mosquitto;
mod presence;
mod restarts;
mod share;
mod unavailable;
mod watchdog;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use logistics_mqtt::broker::{BrokerClient, BrokerConfig, Server};
use logistics_mqtt::gateway::DeviceHandler;

use crate::host::Host;

/// A client that is quick to try again.
pub(crate) fn quick() -> BrokerConfig {
    BrokerConfig {
        reconnect_min: Duration::from_millis(20),
        reconnect_max: Duration::from_millis(200),
        ..BrokerConfig::default()
    }
}

pub(crate) fn connect(server: Server, host: &Arc<Host>) -> BrokerClient {
    connect_with(server, quick(), host)
}

pub(crate) fn connect_with(server: Server, config: BrokerConfig, host: &Arc<Host>) -> BrokerClient {
    let handler = Arc::clone(host) as Arc<dyn DeviceHandler>;
    BrokerClient::connect(server, config, handler).unwrap()
}

/// What the host has, each once.
pub(crate) fn stored(host: &Host) -> BTreeSet<String> {
    host.payloads().into_iter().collect()
}
