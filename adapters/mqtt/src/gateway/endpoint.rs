//! Where the gateway listens: plain TCP for this machine, TLS for all others.

use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::task::Poll;

use tokio::net::{TcpListener, TcpStream};

use super::config::BindError;
use super::connection;
#[cfg(feature = "tls")]
use super::handshake;
use super::server::Shared;
#[cfg(feature = "tls")]
use crate::tls::ServerTls;

/// An address to listen on, and what is asked of who comes there. Port 0 picks a free port.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Endpoint {
    /// Plain TCP, which proves nothing about the peer: a loopback address only.
    Plain(SocketAddr),
    /// TLS 1.3 with a certificate of the device.
    #[cfg(feature = "tls")]
    Tls(SocketAddr, ServerTls),
}

impl Endpoint {
    fn address(&self) -> SocketAddr {
        match self {
            Self::Plain(address) => *address,
            #[cfg(feature = "tls")]
            Self::Tls(address, _) => *address,
        }
    }
}

/// An endpoint that is being listened on.
pub(super) struct Listener {
    tcp: TcpListener,
    address: SocketAddr,
    endpoint: Endpoint,
}

impl Listener {
    pub(super) async fn bind(endpoint: Endpoint) -> Result<Self, BindError> {
        let address = endpoint.address();
        if matches!(endpoint, Endpoint::Plain(_)) && !address.ip().is_loopback() {
            return Err(BindError::NotLoopback { address });
        }
        let failed = |source| BindError::Listen { address, source };
        let tcp = TcpListener::bind(address).await.map_err(failed)?;
        let address = tcp.local_addr().map_err(failed)?;
        Ok(Self { tcp, address, endpoint })
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }
}

/// The next connection at any of the listeners.
pub(super) async fn accept(listeners: &[Listener]) -> io::Result<Newcomer> {
    poll_fn(|context| {
        for listener in listeners {
            if let Poll::Ready(accepted) = listener.tcp.poll_accept(context) {
                let endpoint = listener.endpoint.clone();
                return Poll::Ready(accepted.map(|(stream, peer)| Newcomer {
                    stream,
                    peer,
                    endpoint,
                }));
            }
        }
        Poll::Pending
    })
    .await
}

/// A connection just accepted.
pub(super) struct Newcomer {
    stream: TcpStream,
    peer: SocketAddr,
    endpoint: Endpoint,
}

impl Newcomer {
    /// Whether a handshake with it would be one too many.
    #[cfg_attr(
        not(feature = "tls"),
        expect(unused_variables, reason = "plain TCP shakes no hands")
    )]
    pub(super) fn is_too_many(&self, shared: &Shared) -> bool {
        match self.endpoint {
            Endpoint::Plain(_) => false,
            #[cfg(feature = "tls")]
            Endpoint::Tls(..) => handshake::are_too_many(shared),
        }
    }

    /// Serves it until either side ends the connection.
    pub(super) fn serve(self, shared: Arc<Shared>) -> impl Future<Output = ()> + Send {
        let Self { stream, peer, endpoint } = self;
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%peer, %error, "cannot switch off delayed sending");
        }
        #[cfg(feature = "tls")]
        let under_way = handshake::UnderWay::begin(&endpoint, &shared.stats);
        async move {
            match endpoint {
                // Plain TCP proves no identity.
                Endpoint::Plain(_) => connection::serve(stream, peer, None, shared).await,
                #[cfg(feature = "tls")]
                Endpoint::Tls(_, tls) => {
                    let shaken = handshake::perform(stream, peer, &tls, &shared).await;
                    drop(under_way);
                    if let Some((stream, identity)) = shaken {
                        connection::serve(stream, peer, Some(identity), shared).await;
                    }
                }
            }
        }
    }
}
