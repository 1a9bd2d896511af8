//! What `zones bench` compares with: a tree of boxes from `rstar`, and for each zone an interval
//! tree from `geo`, which has none for segments: these are tried on the polygons.

use geo::indexed::IntervalTreeMultiPolygon;
use geo::orient::{Direction, Orient};
use geo::{BoundingRect, Contains, Intersects};
use geo_types::{Line, MultiPolygon, Point};
use logistics_geofence::Zone;
use rstar::primitives::{GeomWithData, Rectangle};
use rstar::{AABB, RTree};

type ZoneBox = GeomWithData<Rectangle<[f64; 2]>, usize>;

/// Zones as the peer keeps them.
pub(crate) struct Peer {
    tree: RTree<ZoneBox>,
    zones: Vec<IntervalTreeMultiPolygon<f64>>,
    geometries: Vec<MultiPolygon<f64>>,
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
            geometries,
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

    /// Counts for each segment the zones that it meets.
    pub(crate) fn count_all_along(&self, segments: &[Line<f64>]) {
        for segment in segments {
            let ends = [segment.start, segment.end].map(|c| [c.x, c.y]);
            let around = AABB::from_corners(ends[0], ends[1]);
            let found = self.tree.locate_in_envelope_intersecting(around);
            let met = found.filter(|found| segment.intersects(&self.geometries[found.data]));
            std::hint::black_box(met.count());
        }
    }

    /// Replaces `zones` by those that contain a point, in order.
    pub(crate) fn zones_at(&self, point: Point<f64>, zones: &mut Vec<usize>) {
        zones.clear();
        self.visit(point, |zone| zones.push(zone));
        zones.sort_unstable();
    }
}
