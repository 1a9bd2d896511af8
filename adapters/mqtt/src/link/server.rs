//! Where to connect to.

use std::net::SocketAddr;
use std::time::Duration;

use rumqttc::MqttOptions;

#[cfg(feature = "tls")]
use crate::tls::ClientTls;

/// The address of a gateway or a broker, and how it is spoken to. A [`SocketAddr`] is one that is spoken to in plain.
#[derive(Debug, Clone)]
pub struct Server {
    /// A name, or an IP address; of version 6 in brackets, and then without TLS.
    host: String,
    port: u16,
    #[cfg(feature = "tls")]
    tls: Option<ClientTls>,
}

impl Server {
    /// Plain TCP: it proves nothing and hides nothing, so for a network that only friends are on.
    #[must_use]
    pub fn plain(host: impl Into<String>, port: u16) -> Self {
        Self {
            host: host.into(),
            port,
            #[cfg(feature = "tls")]
            tls: None,
        }
    }

    /// TLS 1.3; the server's certificate must bear the host's name or address.
    #[cfg(feature = "tls")]
    #[must_use]
    pub fn tls(host: impl Into<String>, port: u16, tls: ClientTls) -> Self {
        Self { host: host.into(), port, tls: Some(tls) }
    }

    /// What a `rumqttc` client of this server begins with.
    pub(crate) fn options(&self, client_id: &str, keep_alive: Duration) -> MqttOptions {
        let mut options = MqttOptions::new(client_id, &self.host, self.port);
        // Less than a second is refused by `rumqttc`.
        options.set_keep_alive(keep_alive.max(Duration::from_secs(1)));
        #[cfg(feature = "tls")]
        if let Some(tls) = &self.tls {
            let config = rumqttc::TlsConfiguration::Rustls(tls.config());
            options.set_transport(rumqttc::Transport::tls_with_config(config));
        }
        options
    }
}

impl From<SocketAddr> for Server {
    fn from(address: SocketAddr) -> Self {
        let host = match address {
            SocketAddr::V4(address) => address.ip().to_string(),
            SocketAddr::V6(address) => format!("[{}]", address.ip()),
        };
        Self::plain(host, address.port())
    }
}
