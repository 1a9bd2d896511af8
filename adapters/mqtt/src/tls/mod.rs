//! Mutual TLS 1.3: what a gateway and a device prove themselves to each other with.
//!
//! TLS 1.2 is not spoken, sessions are not resumed: every connection shows its certificate anew.

#[cfg(any(feature = "client", feature = "broker"))]
mod client;
#[cfg(feature = "gateway")]
mod identity;
mod name;
mod pem;
#[cfg(feature = "gateway")]
mod server;

#[cfg(any(feature = "client", feature = "broker"))]
pub use client::ClientTls;
#[cfg(feature = "gateway")]
pub use identity::IdentityError;
#[cfg(feature = "gateway")]
pub(crate) use identity::identity;
pub use name::{NAME_PREFIX, device_name, partner_named};
pub use pem::TlsError;
#[cfg(feature = "gateway")]
pub use server::ServerTls;
