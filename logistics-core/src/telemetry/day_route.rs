//! The line that a partner drew over a day: what is kept of it when its fixes are gone.

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use geo_types::Point;
use serde::{Deserialize, Serialize};

use super::polyline::{self, PolylineError};
use crate::eventsourcing::StoreError;
use crate::ids::{IdError, PartnerId, SubjectId};
use crate::privacy::Pseudonym;

/// What [`Pseudonym`]s of day routes are made for.
pub const DAY_ROUTE_PURPOSE: &str = "day routes";

/// How a day's line is drawn.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RoutePolicy {
    /// Points this near to the line through the others are left out, in metres. A day that would
    /// have too many points is drawn more coarsely: see [`DayRoute::within_m`].
    pub tolerance_m: f64,
    /// Where no fix came for longer than this, the line is interrupted.
    pub gap: TimeDelta,
}

impl Default for RoutePolicy {
    fn default() -> Self {
        Self { tolerance_m: 10.0, gap: TimeDelta::minutes(10) }
    }
}

/// A partner's day in short. Made by [`RouteSketch`](super::RouteSketch).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DayRoute {
    /// How many fixes it was made of: at least one.
    pub fixes: u64,
    /// The time of the first of them.
    pub first: DateTime<Utc>,
    /// The time of the last of them.
    pub last: DateTime<Utc>,
    /// The length of the lines in metres; what lies between them is not counted.
    pub distance_m: f64,
    /// No fix is further from the lines than this, in metres.
    pub within_m: f64,
    /// One encoded [`polyline`] for each stretch without a gap, in their order.
    pub polylines: Vec<String>,
}

impl DayRoute {
    /// The points of each line.
    ///
    /// # Errors
    /// [`PolylineError`] when what was stored is not an encoded polyline.
    pub fn lines(&self) -> Result<Vec<Vec<Point<f64>>>, PolylineError> {
        self.polylines.iter().map(|line| polyline::decode(line)).collect()
    }
}

/// The subject under whose key a partner's day routes are filed: the one with the partner's id.
/// Erasing it severs them from the partner.
///
/// # Errors
/// [`IdError`] when the id is none of a subject; every partner's id is one.
pub fn route_subject(partner: &PartnerId) -> Result<SubjectId, IdError> {
    SubjectId::new(partner.as_str())
}

/// Day routes by pseudonym and day.
#[async_trait]
pub trait DayRoutes: Send + Sync {
    /// Keeps `route`; durable when it returns. One of fewer fixes does not take the place of one of
    /// more: a day whose fixes are being removed must not spoil what was made of all of them. Says
    /// whether it is kept.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot answer.
    async fn keep(
        &self,
        whose: &Pseudonym,
        day: NaiveDate,
        route: &DayRoute,
    ) -> Result<bool, StoreError>;

    /// The route of a day.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot answer.
    async fn of_day(
        &self,
        whose: &Pseudonym,
        day: NaiveDate,
    ) -> Result<Option<DayRoute>, StoreError>;
}
