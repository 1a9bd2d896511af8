//! The host as both doors see it, the gateway and the client of a broker: who may do what, are these
//! messages durable, which manifest is current.

mod access;
mod committer;
mod counter;
mod handler;
mod message;

pub use access::{Access, ConnectionIdentity, Hello, ProtocolVersion, Refusal};
pub use counter::Counter;
pub use handler::{DeviceHandler, LookupFailed, Manifest, Presence};
pub use message::{DeviceMessage, Disposition, Rejection, Topic};

pub(crate) use committer::{Answer, Batching, Commit, PacketId, Reply, run, told};
pub(crate) use counter::Tally;
pub(crate) use handler::tell;
