#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod along;
mod boundary;
mod edges;
mod index;
mod load;
mod locate;
mod metres;
mod orient;
mod segment;
mod set;
mod stretch;
mod track;
mod zone;

pub use along::{Passage, Passages};
pub use boundary::BoundaryRule;
pub use load::{
    Diagnostic, DiagnosticCode, GeometryError, LoadError, LoadOptions, Loaded, Policy, Severity,
    geometry_from_geojson,
};
pub use locate::{LocateError, Position, classify, classify_polygon};
pub use segment::{SegmentRelation, segment_relation};
pub use set::{ContentHash, ContentHashError, ZoneHit, ZoneIndex, ZoneSet};
pub use track::{
    Cause, Crossing, CrossingKind, Fix, Ignored, Observation, TrackState, Tracker, TrackerOptions,
    ZoneChange,
};
pub use zone::{Zone, ZoneId, ZoneIdError};
