#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

pub mod documents;
pub mod eventsourcing;
pub mod ids;
pub mod telemetry;

pub use ids::{
    CityId, ClientId, CommandId, CorrelationId, EffectId, HubId, IdError, PartnerId, RunId,
    ShipmentId, ZoneId,
};
