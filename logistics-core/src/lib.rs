#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

pub mod audit;
pub mod bag;
pub mod dispatch_run;
pub mod documents;
pub mod eventsourcing;
pub mod ids;
pub mod manifest;
pub mod memory;
pub mod partner;
pub mod privacy;
pub mod readmodel;
pub mod shipment;
pub mod sla;
pub mod telemetry;
#[cfg(feature = "testing")]
pub mod testing;
pub mod transitions;
pub mod values;

pub use ids::{
    BagId, CarrierId, CityId, ClientId, CommandId, CorrelationId, EffectId, HubId, IdError,
    PartnerId, RunId, SealNumber, ShipmentId, SubjectId, Waybill, ZoneId,
};
