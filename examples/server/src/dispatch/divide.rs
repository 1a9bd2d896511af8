//! Dividing what is too large for one run: whole zones where they divide it enough, else by position;
//! the partners likewise. No I/O, no clock.

mod region;
#[cfg(test)]
mod tests;

use geo_types::Point;
use logistics_core::{PartnerId, ShipmentId};

use super::batch::{Drop, Round};
use region::{Region, clusters, hand};

/// What one run is to plan.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) shipments: Vec<ShipmentId>,
    pub(super) partners: Vec<PartnerId>,
}

/// Parts of at most `max` shipments, those that partners have already included; `zone_of`: what is
/// kept together as long as it can be. The same input gives the same parts.
///
/// A single partner who has more than `max` makes a part that is too large.
pub(super) fn divide<Z: Ord>(
    waiting: &[Drop],
    rounds: &[Round],
    zone_of: impl Fn(Point<f64>) -> Option<Z>,
    max: usize,
) -> Vec<Part> {
    let hands = rounds.iter().map(hand).collect();
    let mut open = vec![Region { clusters: clusters(waiting, zone_of), hands }];
    let mut parts = Vec::new();
    while let Some(region) = open.pop() {
        if region.size() <= max || region.is_single() {
            parts.push(region.into_part());
        } else {
            let (first, second) = region.cut(max);
            open.extend([second, first]);
        }
    }
    parts
}

/// How far apart, in degrees of latitude: good enough to compare. Nowhere is farthest.
pub(super) fn distance(from: Point<f64>, to: Option<Point<f64>>) -> f64 {
    to.map_or(f64::INFINITY, |to| {
        let east = (to.x() - from.x()) * from.y().to_radians().cos();
        east.hypot(to.y() - from.y())
    })
}
