//! The TLS handshake, and why it fails: each reason is counted and logged.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::rustls::{self, CertificateError};
use tokio_rustls::server::TlsStream;

use super::endpoint::Endpoint;
use super::server::Shared;
use super::stats::GatewayStats;
use crate::host::{ConnectionIdentity, Counter, told};
use crate::tls::{IdentityError, ServerTls, identity};

/// Counts a handshake for as long as it lives.
pub(super) struct UnderWay(Option<Arc<GatewayStats>>);

impl UnderWay {
    pub(super) fn begin(endpoint: &Endpoint, stats: &Arc<GatewayStats>) -> Self {
        let stats = matches!(endpoint, Endpoint::Tls(..)).then(|| Arc::clone(stats));
        stats.iter().for_each(|stats| stats.handshakes.up());
        Self(stats)
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.iter().for_each(|stats| stats.handshakes.down());
    }
}

pub(super) fn are_too_many(shared: &Shared) -> bool {
    let under_way = usize::try_from(shared.stats.handshakes.get()).unwrap_or(usize::MAX);
    under_way >= shared.config.handshakes_max
}

/// Why a peer has not proved who it is.
#[derive(Debug, thiserror::Error)]
enum Unproven {
    #[error("the handshake takes too long")]
    Slow,
    #[error("the TLS handshake fails")]
    Tls(#[source] rustls::Error),
    #[error("the connection breaks in the handshake")]
    Broken(#[source] io::Error),
    #[error("the certificate names no device")]
    Nobody(#[source] IdentityError),
}

/// Performs the handshake; `None` when the peer is not to be served.
pub(super) async fn perform(
    stream: TcpStream,
    peer: SocketAddr,
    tls: &ServerTls,
    shared: &Shared,
) -> Option<(TlsStream<TcpStream>, ConnectionIdentity)> {
    let mut stop = shared.stop.clone();
    let shaken = tokio::select! {
        () = told(&mut stop) => return None,
        shaken = timeout(shared.config.handshake_timeout, prove(stream, tls)) => shaken,
    };
    match shaken.unwrap_or(Err(Unproven::Slow)) {
        Ok(proved) => Some(proved),
        Err(unproven) => {
            unproven.counter(&shared.stats).up();
            let cause = std::error::Error::source(&unproven).map(ToString::to_string);
            tracing::info!(%peer, cause, "refused: {unproven}");
            None
        }
    }
}

async fn prove(
    stream: TcpStream,
    tls: &ServerTls,
) -> Result<(TlsStream<TcpStream>, ConnectionIdentity), Unproven> {
    let stream = tls.acceptor().accept(stream).await.map_err(Unproven::from)?;
    let leaf = stream.get_ref().1.peer_certificates().and_then(<[_]>::first);
    let leaf = leaf.ok_or(Unproven::Tls(rustls::Error::NoCertificatesPresented))?;
    let identity = identity(leaf).map_err(Unproven::Nobody)?;
    Ok((stream, identity))
}

impl From<io::Error> for Unproven {
    fn from(error: io::Error) -> Self {
        let tls = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
        tls.cloned().map_or(Self::Broken(error), Self::Tls)
    }
}

impl Unproven {
    fn counter<'a>(&self, stats: &'a GatewayStats) -> &'a Counter {
        let error = match self {
            Self::Slow => return &stats.refused_handshake_slow,
            Self::Broken(_) => return &stats.refused_handshake,
            Self::Nobody(_) => return &stats.refused_certificate,
            Self::Tls(error) => error,
        };
        match error {
            rustls::Error::NoCertificatesPresented => &stats.refused_no_certificate,
            rustls::Error::PeerIncompatible(_) => &stats.refused_tls_version,
            rustls::Error::InvalidCertificate(problem) => match problem {
                CertificateError::Expired
                | CertificateError::ExpiredContext { .. }
                | CertificateError::NotValidYet
                | CertificateError::NotValidYetContext { .. } => &stats.refused_expired,
                // An authority that only bears the name of ours is found by its signature.
                CertificateError::UnknownIssuer | CertificateError::BadSignature => {
                    &stats.refused_authority
                }
                _ => &stats.refused_certificate,
            },
            _ => &stats.refused_handshake,
        }
    }
}
