//! The external broker that devices may be with: how the command line names it, and the client of it.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, bail};
use clap::Args;
use logistics_mqtt::broker::{
    BrokerClient, BrokerConfig, BrokerStats, DeviceHandler, Server, Share,
};
use logistics_mqtt::tls::ClientTls;

/// Where the broker is, and who we are to it.
#[derive(Debug, Clone, Args)]
pub(crate) struct BrokerArgs {
    /// An MQTT broker that devices are connected to: mqtt://HOST:PORT, or mqtts://HOST:PORT with
    /// certificates.
    #[arg(long, value_name = "URL", value_parser = address)]
    pub(crate) broker: Option<Address>,
    /// The authority that certifies the broker, in PEM.
    #[arg(long, value_name = "FILE", requires = "broker")]
    broker_ca: Option<PathBuf>,
    /// This server's certificate at the broker, in PEM.
    #[arg(long, value_name = "FILE", requires = "broker")]
    broker_cert: Option<PathBuf>,
    /// Its private key, in PEM.
    #[arg(long, value_name = "FILE", requires = "broker")]
    broker_key: Option<PathBuf>,
    /// The name of this server's session at the broker; no other process may bear it.
    #[arg(long, value_name = "NAME", default_value = PLATFORM)]
    broker_id: String,
    /// Take a share of the messages, with other servers that name the same group.
    #[arg(long, value_name = "GROUP", requires = "broker")]
    broker_share: Option<String>,
    /// Sessions of this server in the group.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=100))]
    broker_sessions: u16,
    /// Take what phones with the app OwnTracks publish at the broker, too: the user of
    /// owntracks/USER/DEVICE is the partner.
    #[arg(long, requires = "broker")]
    broker_owntracks: bool,
}

/// The platform's name at a broker: of its session, and in its certificate.
pub(crate) const PLATFORM: &str = "logistics-platform";

/// A broker's address, and whether TLS is spoken there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Address {
    is_tls: bool,
    host: String,
    port: u16,
}

fn address(url: &str) -> Result<Address, String> {
    let parts = url.split_once("://").and_then(|(scheme, rest)| {
        let is_tls = match scheme {
            "mqtt" => false,
            "mqtts" => true,
            _ => return None,
        };
        let (host, port) = rest.trim_end_matches('/').rsplit_once(':')?;
        let is_name = !host.is_empty() && !host.contains(['/', '@']);
        is_name.then_some(Address { is_tls, host: host.to_owned(), port: port.parse().ok()? })
    });
    parts.ok_or_else(|| "not mqtt://HOST:PORT or mqtts://HOST:PORT".to_owned())
}

impl BrokerArgs {
    /// Connects, if a broker was named; it need not be there yet.
    pub(crate) fn connect(
        &self,
        handler: Arc<dyn DeviceHandler>,
        batch_every: Duration,
    ) -> anyhow::Result<Option<BrokerClient>> {
        let Some(address) = &self.broker else { return Ok(None) };
        let share = self.broker_share.clone();
        let config = BrokerConfig {
            client_id: self.broker_id.clone(),
            share: share.map(|group| Share { group, sessions: self.broker_sessions }),
            own_tracks: self.broker_owntracks,
            batch_every,
            ..BrokerConfig::default()
        };
        let server = self.server(address)?;
        let client = BrokerClient::connect(server, config, handler);
        client.context("--broker-id, --broker-share or --broker-sessions is of no use").map(Some)
    }

    fn server(&self, Address { is_tls, host, port }: &Address) -> anyhow::Result<Server> {
        let files = [&self.broker_cert, &self.broker_key, &self.broker_ca];
        match (is_tls, files.map(Option::as_deref)) {
            (false, [None, None, None]) => Ok(Server::plain(host, *port)),
            (true, [Some(certificate), Some(key), Some(authority)]) => {
                let [certificate, key, authority] = [certificate, key, authority].map(read);
                let tls = ClientTls::from_pem(&certificate?, &key?, &authority?);
                let tls = tls.context("--broker-cert, --broker-key or --broker-ca is of no use")?;
                Ok(Server::tls(host, *port, tls))
            }
            (true, _) => {
                bail!("--broker mqtts://… needs --broker-ca, --broker-cert and --broker-key")
            }
            (false, _) => bail!("certificates are for --broker mqtts://…, not for mqtt://"),
        }
    }
}

fn read(path: &Path) -> anyhow::Result<Vec<u8>> {
    std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))
}

/// The counts of the client, each with its name in the metrics.
pub(crate) fn counts(stats: &BrokerStats) -> [(&'static str, u64); 20] {
    [
        ("connected", &stats.connected),
        ("reconnects", &stats.reconnects),
        ("watchdog_rebuilds", &stats.watchdog_rebuilds),
        ("sessions_lost", &stats.sessions_lost),
        ("subscriptions_refused", &stats.subscriptions_refused),
        ("received", &stats.received),
        ("redelivered", &stats.redelivered),
        ("acked", &stats.acked),
        ("stored", &stats.stored),
        ("unavailable", &stats.unavailable),
        ("rejected_malformed", &stats.rejected_malformed),
        ("rejected_not_authorised", &stats.rejected_not_authorised),
        ("rejected_unknown_topic", &stats.rejected_unknown_topic),
        ("rejected_oversized", &stats.rejected_oversized),
        ("rejected_other", &stats.rejected_other),
        ("batches", &stats.batches),
        ("manifests_published", &stats.manifests_published),
        ("manifests_stale", &stats.manifests_stale),
        ("manifests_too_large", &stats.manifests_too_large),
        ("lookups_failed", &stats.lookups_failed),
    ]
    .map(|(name, counter)| (name, counter.get()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_brokers() {
        let is = |is_tls, host: &str, port| Ok(Address { is_tls, host: host.to_owned(), port });
        assert_eq!(address("mqtt://127.0.0.1:1883"), is(false, "127.0.0.1", 1_883));
        assert_eq!(address("mqtts://broker.example:8883/"), is(true, "broker.example", 8_883));
        assert_eq!(address("mqtt://[::1]:1883"), is(false, "[::1]", 1_883));
        for bad in
            ["", "mqtt://", "mqtt://host", "mqtt://:1", "http://a:1", "mqtt://u:p@a:1", "a:1"]
        {
            assert!(address(bad).is_err(), "{bad}");
        }
    }
}
