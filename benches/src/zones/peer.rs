//! What `zones bench` compares with: a tree of boxes from `rstar`, and for each zone an interval
//! tree from `geo`.

use geo::indexed::IntervalTreeMultiPolygon;
use geo::orient::{Direction, Orient};
use geo::{BoundingRect, Contains};
use geo_types::Point;
use logistics_geofence::Zone;
use rstar::primitives::{GeomWithData, Rectangle};
use rstar::{AABB, RTree};

type ZoneBox = GeomWithData<Rectangle<[f64; 2]>, usize>;

/// Zones as the peer keeps them.
pub(crate) struct Peer {
    tree: RTree<ZoneBox>,
    zones: Vec<IntervalTreeMultiPolygon<f64>>,
}

impl Peer {
    pub(crate) fn new(zones: &[Zone]) -> Self {
        // It tells holes by their winding, so each is wound as RFC 7946 wants.
        let geometries: Vec<_> =
            zones.iter().map(|zone| zone.geometry().orient(Direction::Default)).collect();
        let boxes = geometries.iter().enumerate().filter_map(|(index, geometry)| {
            let around = geometry.bounding_rect()?;
            let corners = [around.min(), around.max()].map(|c| [c.x, c.y]);
            Some(GeomWithData::new(Rectangle::from_corners(corners[0], corners[1]), index))
        });
        Self {
            tree: RTree::bulk_load(boxes.collect()),
            zones: geometries.iter().map(IntervalTreeMultiPolygon::new).collect(),
        }
    }

    fn visit(&self, point: Point<f64>, mut visit: impl FnMut(usize)) {
        let here = AABB::from_point([point.x(), point.y()]);
        for found in self.tree.locate_in_envelope_intersecting(here) {
            if self.zones[found.data].contains(&point) {
                visit(found.data);
            }
        }
    }

    /// Looks all points up and counts.
    pub(crate) fn count_all(&self, points: &[Point<f64>]) {
        for &point in points {
            let mut count = 0_usize;
            self.visit(point, |_| count += 1);
            std::hint::black_box(count);
        }
    }

    /// Replaces `zones` by those that contain a point, in order.
    pub(crate) fn zones_at(&self, point: Point<f64>, zones: &mut Vec<usize>) {
        zones.clear();
        self.visit(point, |zone| zones.push(zone));
        zones.sort_unstable();
    }
}
