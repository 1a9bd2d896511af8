//! Drawing a day's line fix by fix, in bounded memory.

use chrono::{DateTime, Utc};
use geo_types::Point;

use super::day_route::{DayRoute, RoutePolicy};
use super::distance::distance_m;
use super::fix::Fix;
use super::polyline;
use super::trail::{Trail, thin};

/// Fixes that are thinned at once.
const CHUNK: usize = 2_048;
/// Most points of a day's lines.
const POINTS_MAX: usize = 5_000;

/// A day's line under construction: takes the day's fixes in the order of their times.
///
/// ```
/// use chrono::{DateTime, TimeDelta};
/// use logistics_core::PartnerId;
/// use logistics_core::telemetry::{Fix, RoutePolicy, RouteSketch};
///
/// let mut sketch = RouteSketch::new(RoutePolicy::default());
/// for minute in 0..30 {
///     sketch.push(Fix {
///         partner: PartnerId::new("DP-7")?,
///         ts: DateTime::UNIX_EPOCH + TimeDelta::minutes(minute),
///         position: (73.85 + 0.001 * minute as f64, 18.52).into(),
///         accuracy_m: 8.0,
///         accuracy_assumed: false,
///         speed_mps: None,
///         bearing_deg: None,
///         battery: None,
///         mocked: false,
///     });
/// }
/// let route = sketch.finish().unwrap();
/// assert_eq!((route.fixes, route.polylines.len()), (30, 1));
/// assert_eq!(route.lines()?[0].len(), 2);
/// assert_eq!(route.distance_m.round(), 3058.0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct RouteSketch {
    policy: RoutePolicy,
    tolerance_m: f64,
    within_m: f64,
    lines: Vec<Vec<Point<f64>>>,
    /// Of the last line, not thinned yet.
    pending: Vec<Fix>,
    fixes: u64,
    span: Option<(DateTime<Utc>, DateTime<Utc>)>,
}

impl RouteSketch {
    /// A line without points.
    #[must_use]
    pub fn new(policy: RoutePolicy) -> Self {
        Self {
            policy,
            tolerance_m: policy.tolerance_m,
            // What `Trail` promises.
            within_m: policy.tolerance_m * 1.25,
            lines: Vec::new(),
            pending: Vec::new(),
            fixes: 0,
            span: None,
        }
    }

    /// Goes on to `fix`.
    pub fn push(&mut self, fix: Fix) {
        let (first, before) = self.span.unwrap_or((fix.ts, fix.ts));
        let is_gap = fix.ts.signed_duration_since(before) > self.policy.gap;
        if is_gap {
            self.thin_pending();
        }
        if is_gap || self.lines.is_empty() {
            self.lines.push(Vec::new());
        }
        if self.pending.len() >= CHUNK {
            self.thin_pending();
        }
        self.span = Some((first, fix.ts));
        self.fixes += 1;
        self.pending.push(fix);
    }

    /// The line; `None` without a fix.
    #[must_use]
    pub fn finish(mut self) -> Option<DayRoute> {
        self.thin_pending();
        let (first, last) = self.span?;
        let length_m = |line: &Vec<Point<f64>>| -> f64 {
            line.windows(2).map(|pair| distance_m(pair[0], pair[1])).sum()
        };
        Some(DayRoute {
            fixes: self.fixes,
            first,
            last,
            distance_m: self.lines.iter().map(length_m).sum(),
            within_m: self.within_m,
            polylines: self.lines.iter().map(|line| polyline::encode(line)).collect(),
        })
    }

    /// Appends what is pending to the last line.
    fn thin_pending(&mut self) {
        let Some(line) = self.lines.last_mut() else { return };
        // From where the line ends, so that its points stand in one chain.
        let from = line.pop();
        if let (Some(from), Some(first)) = (from, self.pending.first()) {
            let start = Fix { position: from, ..first.clone() };
            self.pending.insert(0, start);
        } else {
            line.extend(from);
        }
        line.extend(Trail::of(&self.pending, self.tolerance_m).points());
        self.pending.clear();
        while self.points() > POINTS_MAX {
            let before = self.points();
            self.tolerance_m *= 2.0;
            self.within_m += self.tolerance_m;
            for line in &mut self.lines {
                *line = thin(line, self.tolerance_m);
            }
            // Two points a line are the fewest.
            if self.points() == before && before <= 2 * self.lines.len() {
                break;
            }
        }
    }

    fn points(&self) -> usize {
        self.lines.iter().map(Vec::len).sum()
    }
}
