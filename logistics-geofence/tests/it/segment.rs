//! Segments against polygons: the exact relation, through vertices, along edges, over touching
//! holes and parts.

use geo_types::Line;
use logistics_geofence::segment_relation;
use proptest::prelude::*;

use crate::oracle;
use crate::shapes::{grid_position, multi_polygon, near_grid, nudge, nudged, scale};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn segments_on_the_grid(geometry in multi_polygon(), from in grid_position(), to in grid_position()) {
        prop_assume!(from != to);
        let line = Line::new(from, to);
        prop_assert_eq!(segment_relation(&geometry, line).unwrap(), oracle::relate(&geometry, line));
    }

    #[test]
    fn segments_beside_it_at_any_scale(
        geometry in multi_polygon(),
        scale in scale(),
        ends in [near_grid(), near_grid()],
        by in [nudge(), nudge()],
    ) {
        let geometry = scale.multi_polygon(&geometry);
        let [from, to] = [0, 1].map(|k| nudged(scale.coord(ends[k]), by[k]));
        prop_assume!(from != to);
        let line = Line::new(from, to);
        prop_assert_eq!(segment_relation(&geometry, line).unwrap(), oracle::relate(&geometry, line));
    }
}
