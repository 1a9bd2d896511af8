//! Where a device connects to.

use std::net::SocketAddr;

#[cfg(feature = "tls")]
use crate::tls::ClientTls;

/// A gateway's address, and how it is spoken to. A [`SocketAddr`] is one that is spoken to in plain.
#[derive(Debug, Clone)]
pub struct Server {
    /// A name, or an IP address; of version 6 in brackets, and then without TLS.
    pub(super) host: String,
    pub(super) port: u16,
    #[cfg(feature = "tls")]
    pub(super) tls: Option<ClientTls>,
}

impl Server {
    /// TLS 1.3; the gateway's certificate must bear the host's name or address.
    #[cfg(feature = "tls")]
    #[must_use]
    pub fn tls(host: impl Into<String>, port: u16, tls: ClientTls) -> Self {
        Self { host: host.into(), port, tls: Some(tls) }
    }
}

impl From<SocketAddr> for Server {
    fn from(address: SocketAddr) -> Self {
        let host = match address {
            SocketAddr::V4(address) => address.ip().to_string(),
            SocketAddr::V6(address) => format!("[{}]", address.ip()),
        };
        Self {
            host,
            port: address.port(),
            #[cfg(feature = "tls")]
            tls: None,
        }
    }
}
