//! A place on the Earth, as reported by a person or a device.

use geo_types::Point;
use serde::{Deserialize, Serialize};

/// Why numbers are not a position.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum PositionError {
    /// A number is not finite or lies outside its range: check the unit and the order of the two.
    #[error("{field} is {found}, not within {min} and {max}")]
    OutOfRange {
        /// `lon`, `lat`, `accuracy_m` or `geocode_confidence`.
        field: &'static str,
        /// What was given.
        found: f64,
        /// The least that is accepted.
        min: f64,
        /// The most that is accepted.
        max: f64,
    },
}

/// Largest radius of uncertainty that is still a position: half the Earth's circumference.
const ACCURACY_M_MAX: f64 = 20_037_508.0;

/// A place on the Earth: WGS 84, degrees, with the reporter's own radius of uncertainty if known.
///
/// ```
/// use logistics_core::values::GeoPosition;
///
/// let kothrud = GeoPosition::new(73.8077, 18.5074)?;
/// assert_eq!(kothrud.lat(), 18.5074);
/// assert!(GeoPosition::new(18.5074, 173.8).is_err());
/// # Ok::<(), logistics_core::values::PositionError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "RawPosition")]
pub struct GeoPosition {
    lon: f64,
    lat: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    accuracy_m: Option<f64>,
}

#[derive(Deserialize)]
struct RawPosition {
    lon: f64,
    lat: f64,
    #[serde(default)]
    accuracy_m: Option<f64>,
}

impl GeoPosition {
    /// The place at `lon` and `lat`, in degrees, in GeoJSON order.
    ///
    /// # Errors
    /// [`PositionError`] when a coordinate is not finite or out of range.
    pub fn new(lon: f64, lat: f64) -> Result<Self, PositionError> {
        Ok(Self {
            lon: within("lon", lon, -180.0, 180.0)?,
            lat: within("lat", lat, -90.0, 90.0)?,
            accuracy_m: None,
        })
    }

    /// The same place, known to within `accuracy_m` metres.
    ///
    /// # Errors
    /// [`PositionError`] when the radius is not finite, negative, or larger than the Earth.
    pub fn with_accuracy(mut self, accuracy_m: f64) -> Result<Self, PositionError> {
        self.accuracy_m = Some(within("accuracy_m", accuracy_m, 0.0, ACCURACY_M_MAX)?);
        Ok(self)
    }

    /// Longitude, in degrees east.
    #[must_use]
    pub const fn lon(&self) -> f64 {
        self.lon
    }

    /// Latitude, in degrees north.
    #[must_use]
    pub const fn lat(&self) -> f64 {
        self.lat
    }

    /// Radius of uncertainty, in metres, where the reporter gave one.
    #[must_use]
    pub const fn accuracy_m(&self) -> Option<f64> {
        self.accuracy_m
    }

    /// The place as a point: x = longitude, y = latitude.
    #[must_use]
    pub fn point(&self) -> Point<f64> {
        Point::new(self.lon, self.lat)
    }
}

/// `found`, if it is finite and between the limits.
pub(crate) fn within(
    field: &'static str,
    found: f64,
    min: f64,
    max: f64,
) -> Result<f64, PositionError> {
    // Comparisons with NaN are false, so this refuses it too.
    if found >= min && found <= max {
        Ok(found)
    } else {
        Err(PositionError::OutOfRange { field, found, min, max })
    }
}

impl TryFrom<RawPosition> for GeoPosition {
    type Error = PositionError;

    fn try_from(raw: RawPosition) -> Result<Self, PositionError> {
        let place = Self::new(raw.lon, raw.lat)?;
        raw.accuracy_m.map_or(Ok(place), |accuracy_m| place.with_accuracy(accuracy_m))
    }
}

impl TryFrom<Point<f64>> for GeoPosition {
    type Error = PositionError;

    fn try_from(point: Point<f64>) -> Result<Self, PositionError> {
        Self::new(point.x(), point.y())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_that_are_no_place_are_refused_by_name() {
        let field = |result: Result<GeoPosition, PositionError>| {
            let Err(PositionError::OutOfRange { field, .. }) = result else { return "accepted" };
            field
        };
        let place = GeoPosition::new(180.0, -90.0).expect("the edge is legal");
        assert_eq!(field(GeoPosition::new(180.1, 0.0)), "lon");
        assert_eq!(field(GeoPosition::new(f64::NAN, 0.0)), "lon");
        assert_eq!(field(GeoPosition::new(0.0, f64::INFINITY)), "lat");
        assert_eq!(field(GeoPosition::new(0.0, -90.5)), "lat");
        assert_eq!(field(place.with_accuracy(-1.0)), "accuracy_m");
        assert_eq!(field(place.with_accuracy(0.0)), "accepted");
    }

    #[test]
    fn json_is_checked() {
        let read = serde_json::from_str::<GeoPosition>;
        assert_eq!(read(r#"{"lon":73.8,"lat":18.5}"#).ok(), GeoPosition::new(73.8, 18.5).ok());
        let error = read(r#"{"lon":73.8,"lat":118.5}"#).expect_err("no such latitude");
        assert!(error.to_string().contains("lat is 118.5, not within -90 and 90"), "{error}");
        assert!(read(r#"{"lon":73.8,"lat":18.5,"accuracy_m":-3}"#).is_err());
    }
}
