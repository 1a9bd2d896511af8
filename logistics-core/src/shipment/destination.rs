//! Where a shipment goes, as far as the platform may know it.

use serde::{Deserialize, Serialize};

use crate::values::{GeoPosition, PositionError};

/// Where a shipment goes: a position, not an address.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "RawDestination")]
pub struct Destination {
    position: GeoPosition,
    #[serde(skip_serializing_if = "Option::is_none")]
    geocode_confidence: Option<f64>,
}

#[derive(Deserialize)]
struct RawDestination {
    position: GeoPosition,
    #[serde(default)]
    geocode_confidence: Option<f64>,
}

impl Destination {
    /// The destination at `position`.
    #[must_use]
    pub const fn new(position: GeoPosition) -> Self {
        Self { position, geocode_confidence: None }
    }

    /// The same destination, found by a geocoder that is this sure of it: 0 not at all, 1 fully.
    ///
    /// # Errors
    /// [`PositionError`] when the confidence is not between 0 and 1.
    pub fn geocoded(mut self, confidence: f64) -> Result<Self, PositionError> {
        let confidence = crate::values::within("geocode_confidence", confidence, 0.0, 1.0)?;
        self.geocode_confidence = Some(confidence);
        Ok(self)
    }

    /// The place.
    #[must_use]
    pub const fn position(&self) -> GeoPosition {
        self.position
    }

    /// How sure the geocoder was, 0 to 1, where there was one.
    #[must_use]
    pub const fn geocode_confidence(&self) -> Option<f64> {
        self.geocode_confidence
    }
}

impl TryFrom<RawDestination> for Destination {
    type Error = PositionError;

    fn try_from(raw: RawDestination) -> Result<Self, PositionError> {
        let place = Self::new(raw.position);
        raw.geocode_confidence.map_or(Ok(place), |confidence| place.geocoded(confidence))
    }
}
