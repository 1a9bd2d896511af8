#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

pub mod ids;

pub use ids::{
    CityId, ClientId, CommandId, CorrelationId, EffectId, HubId, IdError, PartnerId, RunId,
    ShipmentId, ZoneId,
};
