//! Points against polygons: the exact answer, on and beside every vertex and edge.

use geo_types::Point;
use logistics_geofence::{Position, classify};
use proptest::prelude::*;

use crate::oracle;
use crate::shapes::{multi_polygon, near_grid, nudge, nudged, scale};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn classify_is_exact(geometry in multi_polygon(), scale in scale(), c in near_grid(), by in nudge()) {
        let geometry = scale.multi_polygon(&geometry);
        let c = nudged(scale.coord(c), by);
        let expected = oracle::classify(&geometry, c);
        prop_assert_eq!(classify(&geometry, Point(c)).unwrap(), expected);
    }

    #[test]
    fn every_vertex_is_on_the_boundary_of_its_part(geometry in multi_polygon(), scale in scale()) {
        let geometry = scale.multi_polygon(&geometry);
        for part in &geometry.0 {
            for &vertex in &part.exterior().0 {
                let alone = part.clone().into();
                prop_assert_eq!(classify(&alone, Point(vertex)).unwrap(), Position::Boundary);
            }
        }
    }
}
