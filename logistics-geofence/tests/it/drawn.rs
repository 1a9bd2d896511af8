//! Geometry taken as it is drawn: every array of rings has an answer, valid or not.

use geo_types::{Line, MultiPolygon, Point, coord};
use logistics_geofence::Position::{self, Boundary, Exterior, Interior};
use logistics_geofence::{classify, geometry_from_geojson, segment_relation};
use serde_json::{Value, json};

fn drawn(kind: &str, coordinates: &Value) -> MultiPolygon<f64> {
    geometry_from_geojson(&json!({"type": kind, "coordinates": coordinates})).unwrap()
}

/// Position of points, and of segments that are those points.
fn check(kind: &str, coordinates: &Value, cases: &[([f64; 2], Position)]) {
    let geometry = drawn(kind, coordinates);
    for &([x, y], expected) in cases {
        let at = coord! {x: x, y: y};
        assert_eq!(classify(&geometry, Point(at)).unwrap(), expected, "{coordinates} {at:?}");
        let relation = segment_relation(&geometry, Line::new(at, at)).unwrap();
        assert_eq!((relation.start, relation.end), (expected, expected), "{coordinates} {at:?}");
    }
}

/// What the segment meets: interior, boundary, and how often it runs inside.
fn check_meets(coordinates: &Value, [a, b, c, d]: [f64; 4], expected: (bool, bool, usize)) {
    let segment = Line::new(coord! {x: a, y: b}, coord! {x: c, y: d});
    let found = segment_relation(&drawn("Polygon", coordinates), segment).unwrap();
    let found = (found.meets_interior, found.meets_boundary, found.interior_runs);
    assert_eq!(found, expected, "{coordinates} {segment:?}");
}

#[test]
fn an_open_ring_is_closed_by_one_more_edge() {
    let open = json!([[[0, 0], [4, 0], [4, 4], [0, 4]], [[1, 1], [3, 1], [3, 3]]]);
    let cases = [
        ([0.0, 2.0], Boundary),
        ([2.0, 2.0], Boundary),
        ([1.0, 2.0], Interior),
        ([2.0, 1.5], Exterior),
        ([5.0, 2.0], Exterior),
    ];
    check("Polygon", &open, &cases);
    check("MultiPolygon", &json!([open]), &cases);
    check_meets(&open, [-1.0, 1.5, 5.0, 1.5], (true, true, 2));
}

#[test]
fn rings_of_few_positions_are_the_edges_they_draw() {
    let point = json!([[[1, 1]]]);
    check("Polygon", &point, &[([1.0, 1.0], Boundary), ([1.0, 0.0], Exterior)]);
    check_meets(&point, [0.0, 1.0, 2.0, 1.0], (false, true, 0));
    check_meets(&point, [0.0, 0.0, 2.0, 1.0], (false, false, 0));
    for line in [json!([[[0, 0], [4, 4]]]), json!([[[0, 0], [4, 4], [0, 0]]])] {
        check("Polygon", &line, &[([2.0, 2.0], Boundary), ([2.0, 1.0], Exterior)]);
        check_meets(&line, [0.0, 4.0, 4.0, 0.0], (false, true, 0));
    }
    // A hole of one position takes that position out of the interior.
    let pricked = json!([[[0, 0], [4, 0], [4, 4], [0, 4], [0, 0]], [[2, 2]]]);
    check("Polygon", &pricked, &[([2.0, 2.0], Boundary), ([2.0, 2.5], Interior)]);
    check_meets(&pricked, [1.0, 2.0, 3.0, 2.0], (true, true, 2));
}

#[test]
fn rings_without_area_and_crossing_rings_are_even_odd() {
    let flat = json!([[[0, 0], [4, 0], [8, 0], [0, 0]]]);
    check("Polygon", &flat, &[([3.0, 0.0], Boundary), ([9.0, 0.0], Exterior)]);
    let bow_tie = json!([[[0, 0], [4, 4], [4, 0], [0, 4]]]);
    let cases = [([2.0, 2.0], Boundary), ([1.0, 2.0], Interior), ([2.0, 3.0], Exterior)];
    check("Polygon", &bow_tie, &cases);
    check_meets(&bow_tie, [0.0, 2.0, 4.0, 2.0], (true, true, 2));
}

#[test]
fn where_nothing_is_drawn_all_is_exterior() {
    for nothing in [json!([]), json!([[]]), json!([[], []])] {
        check("Polygon", &nothing, &[([0.0, 0.0], Exterior)]);
        check_meets(&nothing, [0.0, 0.0, 4.0, 4.0], (false, false, 0));
        check("MultiPolygon", &json!([nothing]), &[([0.0, 0.0], Exterior)]);
    }
    check("MultiPolygon", &json!([]), &[([0.0, 0.0], Exterior)]);
    // An empty shell does not empty its holes: which ring an edge is of does not matter.
    let hole_only = json!([[], [[0, 0], [4, 0], [4, 4], [0, 0]]]);
    check("Polygon", &hole_only, &[([3.0, 1.0], Interior), ([1.0, 3.0], Exterior)]);
}

#[test]
fn what_is_no_geometry_is_said() {
    let polygon = |coordinates: Value| json!({"type": "Polygon", "coordinates": coordinates});
    for (geometry, code) in [
        (Value::Null, "null_geometry"),
        (json!([]), "wrong_type"),
        (json!({"type": "Polygon"}), "wrong_type"),
        (json!({"type": "Point", "coordinates": [0, 0]}), "wrong_type"),
        (polygon(json!(null)), "wrong_type"),
        (polygon(json!([[0, 0]])), "wrong_type"),
        (polygon(json!([[[0]]])), "wrong_type"),
        (polygon(json!([[[0, null]]])), "not_a_number"),
    ] {
        let error = geometry_from_geojson(&geometry).unwrap_err();
        assert_eq!(error.code.as_str(), code, "{geometry}: {error}");
    }
}
