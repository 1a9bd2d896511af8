//! The live feed: what happens, pushed to open dashboards.

mod hub;
mod message;
mod session;

pub(crate) use hub::Hub;
pub(crate) use message::{Live, Metrics, Scope};
pub(crate) use session::connect;
