//! Loading: what is accepted, what is refused, and what is said about it.

use geo_types::{LineString, MultiPolygon, Polygon};
use logistics_geofence::{
    DiagnosticCode as Code, LoadError, LoadOptions, Loaded, Policy, Severity, Zone, ZoneId,
    ZoneSet, geometry_from_geojson,
};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::random::Random;

fn feature(kind: &str, coordinates: &Value) -> Value {
    json!({"type": "Feature", "properties": {"name": "Ward"},
        "geometry": {"type": kind, "coordinates": coordinates}})
}

fn square(x: f64, y: f64, size: f64) -> Value {
    json!([[x, y], [x + size, y], [x + size, y + size], [x, y + size], [x, y]])
}

fn good() -> Value {
    feature("Polygon", &json!([square(73.8, 18.5, 0.1)]))
}

fn collection(features: &[Value]) -> String {
    json!({"type": "FeatureCollection", "features": features}).to_string()
}

fn load(text: &str, policy: Policy) -> Result<Loaded, LoadError> {
    let mut options = LoadOptions::default();
    options.policy = policy;
    ZoneSet::from_geojson(text.as_bytes(), &options)
}

/// What loading says: (feature, code, severity) for each diagnostic.
fn said(text: &str, policy: Policy) -> Vec<(Option<usize>, Code, Severity)> {
    let diagnostics = match load(text, policy) {
        Ok(loaded) => loaded.diagnostics,
        Err(LoadError::Rejected { diagnostics }) => diagnostics,
        Err(other) => panic!("{other}: {text}"),
    };
    diagnostics.iter().map(|d| (d.index, d.code, d.severity)).collect()
}

/// The feature is refused with the code under both policies.
fn check_broken(feature: Value, code: Code) {
    let text = collection(&[good(), feature]);
    for policy in [Policy::Reject, Policy::EvenOdd] {
        assert_eq!(said(&text, policy), [(Some(1), code, Severity::Error)], "{text}");
        assert!(load(&text, policy).is_err());
    }
}

/// The geometry is refused with the code, or taken with it as a warning.
fn check_invalid(kind: &str, coordinates: &Value, code: Code) {
    let text = collection(&[good(), feature(kind, coordinates)]);
    assert_eq!(said(&text, Policy::Reject), [(Some(1), code, Severity::Error)], "{text}");
    assert_eq!(said(&text, Policy::EvenOdd), [(Some(1), code, Severity::Warning)], "{text}");
    assert_eq!(load(&text, Policy::EvenOdd).unwrap().set.zones().len(), 2);
}

#[test]
fn broken_features_are_refused_whatever_the_policy() {
    let polygon = |coordinates: &Value| feature("Polygon", coordinates);
    check_broken(json!(7), Code::WrongType);
    check_broken(json!({"type": "Zone"}), Code::WrongType);
    check_broken(json!({"type": "Feature", "properties": {}}), Code::WrongType);
    check_broken(json!({"type": "Feature", "properties": [], "geometry": null}), Code::WrongType);
    check_broken(json!({"type": "Feature", "geometry": null}), Code::NullGeometry);
    check_broken(json!({"type": "Feature", "geometry": 3}), Code::WrongType);
    check_broken(feature("Point", &json!([73.8, 18.5])), Code::WrongType);
    check_broken(
        json!({"type": "Feature", "geometry": {"type": "GeometryCollection", "geometries": []}}),
        Code::WrongType,
    );
    check_broken(json!({"type": "Feature", "geometry": {"type": "Polygon"}}), Code::WrongType);
    check_broken(polygon(&json!([])), Code::EmptyGeometry);
    check_broken(polygon(&json!([[]])), Code::EmptyGeometry);
    check_broken(feature("MultiPolygon", &json!([])), Code::EmptyGeometry);
    check_broken(polygon(&json!([73.8, 18.5])), Code::WrongType);
    check_broken(polygon(&json!([[[73.8], [73.9, 18.5]]])), Code::WrongType);
    check_broken(polygon(&json!([[["73.8", 18.5], [73.9, 18.5]]])), Code::NotANumber);
    check_broken(polygon(&json!([[[73.8, null], [73.9, 18.5]]])), Code::NotANumber);
    check_broken(
        polygon(&json!([[[73.8, 18.5], [73.9, 18.5], [73.9, 18.6], [73.8, 18.6]]])),
        Code::UnclosedRing,
    );
    check_broken(polygon(&json!([square(185.0, 18.5, 0.1)])), Code::OutOfRange);
    check_broken(polygon(&json!([square(120.0, 91.0, 0.1)])), Code::OutOfRange);
    check_broken(
        polygon(&json!([[[18.5, 120.0], [18.6, 120.0], [18.6, 120.1], [18.5, 120.0]]])),
        Code::SwappedLatLon,
    );
    check_broken(
        polygon(&json!([[[179.0, 0.0], [-179.0, 0.0], [-179.0, 1.0], [179.0, 1.0], [179.0, 0.0]]])),
        Code::AntimeridianSpan,
    );
}

#[test]
fn invalid_geometry_is_refused_or_taken_with_a_warning() {
    let hole_in = |hole: Value| json!([square(73.8, 18.5, 0.4), hole]);
    let check = |rings: &Value, code| check_invalid("Polygon", rings, code);
    // A bow tie; a spike; a ring that touches itself in a vertex, and in the middle of an edge.
    check(&json!([[[0, 0], [4, 4], [4, 0], [0, 4], [0, 0]]]), Code::SelfIntersection);
    check(
        &json!([[[0, 0], [4, 0], [4, 2], [9, 2], [4, 2], [4, 4], [0, 4], [0, 0]]]),
        Code::SelfIntersection,
    );
    check(
        &json!([[[0, 0], [4, 0], [2, 2], [4, 4], [0, 4], [2, 2], [0, 0]]]),
        Code::SelfIntersection,
    );
    check(&json!([[[0, 0], [4, 0], [4, 4], [2, 0], [0, 4], [0, 0]]]), Code::SelfIntersection);
    // The spike is where the ring begins.
    check(&json!([[[9, 0], [4, 0], [4, 4], [0, 4], [0, 0], [9, 0]]]), Code::SelfIntersection);
    check(&json!([[[0, 0], [4, 0], [0, 0]]]), Code::TooFewPositions);
    check(&json!([[[0, 0], [4, 0], [9, 0], [0, 0]]]), Code::ZeroArea);
    check(&json!([[[1, 1], [1, 1], [1, 1], [1, 1]]]), Code::ZeroArea);
    check(&hole_in(square(74.5, 18.5, 0.1)), Code::HoleOutsideShell);
    check(&hole_in(square(74.1, 18.6, 0.2)), Code::SelfIntersection);
    check(&json!([square(0.0, 0.0, 4.0), square(0.0, 0.0, 4.0)]), Code::SelfIntersection);
    // The hole is the larger one.
    check(&json!([square(1.0, 1.0, 1.0), square(0.0, 0.0, 4.0)]), Code::HoleOutsideShell);
    // A hole across a notch, through vertices only: no edges cross.
    check(
        &json!([
            [[0, 0], [8, 0], [8, 8], [6, 8], [6, 4], [4, 2], [2, 4], [2, 8], [0, 8], [0, 0]],
            [[2, 4], [4, 1], [6, 4], [2, 4]]
        ]),
        Code::HoleOutsideShell,
    );
    check(
        &json!([square(0.0, 0.0, 8.0), square(1.0, 1.0, 6.0), square(2.0, 2.0, 2.0)]),
        Code::NestedHoles,
    );
    let parts = |a: Value, b: Value| json!([[a], [b]]);
    let check = |parts: &Value| check_invalid("MultiPolygon", parts, Code::OverlappingParts);
    check(&parts(square(0.0, 0.0, 4.0), square(1.0, 1.0, 2.0)));
    check(&parts(square(0.0, 0.0, 4.0), square(2.0, 2.0, 4.0)));
    check(&parts(square(0.0, 0.0, 4.0), square(0.0, 0.0, 4.0)));
    check(&parts(square(0.0, 0.0, 4.0), square(4.0, 0.0, 4.0)));
    // Through vertices only.
    check(&parts(
        json!([[0, 0], [4, 0], [4, 4], [0, 4], [0, 0]]),
        json!([[0, 0], [4, 4], [-1, 3], [0, 0]]),
    ));
}

#[test]
fn valid_geometry_is_taken_as_it_is() {
    let square3 =
        json!([[73.8, 18.5, 560.0], [73.9, 18.5, 561.0], [73.9, 18.6, 3], [73.8, 18.5, 560.0]]);
    let features = [
        good(),
        // Clockwise; a vertex twice; heights.
        feature("Polygon", &json!([[[0, 0], [0, 4], [4, 4], [4, 0], [0, 0]]])),
        feature("Polygon", &json!([[[0, 0], [4, 0], [4, 0], [4, 4], [0, 0]]])),
        feature("Polygon", &json!([square3])),
        // A hole that touches its shell in a vertex, and one in the middle of an edge; two that
        // touch each other.
        feature("Polygon", &json!([square(0.0, 0.0, 8.0), [[0, 0], [2, 1], [1, 2], [0, 0]]])),
        feature("Polygon", &json!([square(0.0, 0.0, 8.0), [[4, 0], [5, 1], [3, 1], [4, 0]]])),
        feature(
            "Polygon",
            &json!([square(0.0, 0.0, 8.0), square(1.0, 1.0, 2.0), square(3.0, 3.0, 2.0)]),
        ),
        // Parts that touch in a vertex; a part in the hole of another, touching it.
        feature("MultiPolygon", &json!([[square(0.0, 0.0, 2.0)], [square(2.0, 2.0, 2.0)]])),
        feature(
            "MultiPolygon",
            &json!([
                [square(0.0, 0.0, 8.0), square(1.0, 1.0, 6.0)],
                [[[1, 1], [3, 2], [2, 3], [1, 1]]]
            ]),
        ),
        // As wide as an edge may be.
        feature("Polygon", &json!([[[-90, -90], [90, -90], [90, 90], [-90, 90], [-90, -90]]])),
    ];
    let loaded = load(&collection(&features), Policy::Reject).unwrap();
    assert!(loaded.diagnostics.is_empty());
    assert_eq!(loaded.set.zones().len(), features.len());
    assert_eq!(loaded.set.zones()[0].name(), Some("Ward"));
    assert_eq!(loaded.set.zones()[3].geometry().0[0].exterior().0.len(), 4);
}

#[test]
fn everything_wrong_is_said_at_once() {
    let bow_tie = json!([[[0, 0], [4, 4], [4, 0], [0, 4], [0, 0]]]);
    let features = [
        feature("Polygon", &bow_tie),
        json!({"type": "Feature", "geometry": null}),
        good(),
        feature("MultiPolygon", &json!([bow_tie, bow_tie])),
    ];
    let text = collection(&features);
    let error = Severity::Error;
    let found = [
        (Some(0), Code::SelfIntersection, error),
        (Some(1), Code::NullGeometry, error),
        (Some(3), Code::SelfIntersection, error),
        (Some(3), Code::OverlappingParts, error),
    ];
    assert_eq!(said(&text, Policy::Reject), found);
    let error = load(&text, Policy::Reject).unwrap_err();
    assert!(
        error.to_string().starts_with("3 features refused; feature 0 (#0): self_intersection: "),
        "{error}"
    );
    assert_eq!(error.diagnostics()[1].id, Some(ZoneId::from_index(1)));
}

#[test]
fn ids_come_from_the_first_place_that_has_one() {
    let with = |id: Value, properties: Value| json!({"type": "Feature", "id": id, "properties": properties, "geometry": good()["geometry"]});
    let features = [
        with(json!("f"), json!({"code": "relation/7848799", "id": "p"})),
        with(json!("f"), json!({"id": "p"})),
        with(json!(null), json!({"id": 12})),
        with(json!(null), json!({"code": null})),
        with(json!(4.5), json!(null)),
    ];
    let mut options = LoadOptions::default();
    options.id_property = Some("code".to_owned());
    let set = ZoneSet::from_geojson(collection(&features).as_bytes(), &options).unwrap().set;
    let ids: Vec<_> = set.zones().iter().map(|zone| zone.id().as_str()).collect();
    assert_eq!(ids, ["relation/7848799", "f", "12", "#3", "4.5"]);
    assert_eq!(set.zones()[0].properties()["id"], "p");

    let twice = collection(&[with(json!("a"), json!({})), with(json!("a"), json!({}))]);
    assert_eq!(said(&twice, Policy::EvenOdd), [(Some(1), Code::DuplicateId, Severity::Error)]);
    // The place of a feature is no id that another may take by hand.
    for id in [json!("#1"), json!(""), json!("a\nb"), json!(true), json!("x".repeat(129))] {
        let text = collection(&[with(id, json!({}))]);
        assert_eq!(said(&text, Policy::EvenOdd), [(Some(0), Code::InvalidId, Severity::Error)]);
    }
}

#[test]
fn the_collection_itself() {
    let of_file = |text: &str, code| {
        assert_eq!(said(text, Policy::EvenOdd), [(None, code, Severity::Error)], "{text}");
    };
    for text in ["[]", "null", "3", "-3", "0.5", "true", "\"x\"", "{}", r#"{"type": 3}"#] {
        of_file(text, Code::WrongType);
    }
    of_file(r#"{"type": "FeatureCollection"}"#, Code::WrongType);
    of_file(&good().to_string(), Code::WrongType);
    let with_crs = |crs: Value| json!({"type": "FeatureCollection", "crs": crs, "features": []});
    for name in ["urn:ogc:def:crs:OGC:1.3:CRS84", "EPSG:4326", "CRS84"] {
        let text = with_crs(json!({"type": "name", "properties": {"name": name}})).to_string();
        assert!(load(&text, Policy::Reject).unwrap().set.zones().is_empty());
    }
    for crs in [json!({"type": "name", "properties": {"name": "EPSG:3857"}}), json!(null)] {
        of_file(&with_crs(crs).to_string(), Code::UnknownCrs);
    }
    let text = format!("{}\n \n {}", collection(&[good()]), collection(&[]));
    of_file(&text, Code::TrailingData);
    let LoadError::Rejected { diagnostics } = load(&text, Policy::Reject).unwrap_err() else {
        panic!("trailing data is about the collection");
    };
    let offset = collection(&[good()]).len() + 4;
    assert!(diagnostics[0].message.ends_with(&format!("at byte {offset}")), "{}", diagnostics[0]);
}

#[test]
fn broken_json_names_the_byte_and_the_feature() {
    let text = collection(&[good(), good()]).replacen("},{", "},\n{", 1);
    let cut = text.rfind("Polygon").unwrap();
    let Err(LoadError::Syntax { byte_offset, index, .. }) = load(&text[..cut], Policy::Reject)
    else {
        panic!("a cut file is broken");
    };
    assert_eq!((byte_offset, index), (cut - 1, Some(1)));
    let text = r#"{"type": "FeatureCollection", "features": [], oops}"#;
    let Err(LoadError::Syntax { byte_offset, index, .. }) = load(text, Policy::Reject) else {
        panic!("a bare word is broken");
    };
    assert_eq!((byte_offset, index), (text.find("oops").unwrap(), None));
    for text in [
        "",
        "{",
        r#"{"features": 3}"#,
        r#"{"features": [], "features": []}"#,
        r#"{"features": [1e999]}"#,
    ] {
        assert!(matches!(load(text, Policy::Reject), Err(LoadError::Syntax { .. })), "{text}");
    }
    let deep = format!("{{\"x\": {}", "[".repeat(100_000));
    assert!(matches!(load(&deep, Policy::Reject), Err(LoadError::Syntax { .. })));
}

#[test]
fn limits() {
    let text = collection(&[good(), good()]);
    let with = |change: &dyn Fn(&mut LoadOptions)| {
        let mut options = LoadOptions::default();
        change(&mut options);
        ZoneSet::from_geojson(text.as_bytes(), &options)
    };
    let bytes = with(&|options| options.max_bytes = 10).unwrap_err();
    assert!(matches!(bytes, LoadError::TooManyBytes { limit: 10, .. }));
    let features = with(&|options| options.max_features = 1).unwrap_err();
    assert!(matches!(features, LoadError::TooManyFeatures { limit: 1 }));
    let vertices = with(&|options| options.max_vertices = 9).unwrap_err();
    assert!(matches!(vertices, LoadError::TooManyVertices { limit: 9, index: 1 }));
    assert!(with(&|options| options.max_vertices = 10).is_ok());

    // From elsewhere the same checks hold.
    let ring = |size: f64| LineString::from(vec![(0.0, 0.0), (size, 0.0), (0.0, size)]);
    let zone = |size| Zone::new(ZoneId::new("z").unwrap(), Polygon::new(ring(size), vec![]).into());
    let codes = |zones: Vec<Zone>| {
        let error = ZoneSet::from_zones(zones, &LoadOptions::default()).unwrap_err();
        error.diagnostics().iter().map(|d| d.code).collect::<Vec<_>>()
    };
    assert_eq!(codes(vec![zone(1.0), zone(2.0)]), [Code::DuplicateId]);
    assert_eq!(codes(vec![zone(f64::NAN)]), [Code::NotANumber]);
    let empty = Zone::new(ZoneId::new("z").unwrap(), MultiPolygon::new(vec![]));
    assert_eq!(codes(vec![empty]), [Code::EmptyGeometry]);
}

proptest! {
    /// Fails without serde_json's feature `float_roundtrip`.
    #[test]
    fn numbers_are_parsed_to_the_last_bit(v in -180.0..180.0_f64, more in "[0-9]{0,12}", exponent in -30..3_i32) {
        for text in [format!("{v:?}"), format!("{v:.17}"), format!("{v:.13}{more}"), format!("{v:.13}{more}e{exponent}")] {
            let json = format!(r#"{{"type": "Polygon", "coordinates": [[[{text}, 0], [1, 0], [1, 1], [{text}, 0]]]}}"#);
            let geometry = geometry_from_geojson(&serde_json::from_str(&json).unwrap()).unwrap();
            let parsed = geometry.0[0].exterior().0[0].x;
            prop_assert_eq!(parsed.to_bits(), text.parse::<f64>().unwrap().to_bits(), "{}", text);
        }
    }
}

/// Fails without serde_json's feature `float_roundtrip`: some of these numbers would be an ulp off.
#[test]
fn every_vertex_of_a_file_is_the_nearest_double() {
    let mut random = Random::new(7);
    let texts: Vec<[String; 2]> = (0..2_000)
        .map(|k| {
            let angle = std::f64::consts::TAU * f64::from(k) / 2_000.0;
            let away = random.between(0.9, 1.0);
            let digits = |v: f64, random: &mut Random| format!("{v:.14}{:03}", random.below(1_000));
            let (x, y) = (73.8 + away * angle.cos(), 18.5 + away * angle.sin());
            [digits(x, &mut random), digits(y, &mut random)]
        })
        .collect();
    let closed = texts.iter().chain(texts.first());
    let positions: Vec<_> = closed.map(|[x, y]| format!("[{x},{y}]")).collect();
    let text = format!(
        r#"{{"type":"FeatureCollection","features":[{{"type":"Feature","geometry":{{"type":"Polygon","coordinates":[[{}]]}}}}]}}"#,
        positions.join(",")
    );
    let set = load(&text, Policy::Reject).unwrap().set;
    let ring = set.zones()[0].geometry().0[0].exterior();
    for (at, [x, y]) in ring.0.iter().zip(&texts) {
        let exact = [x, y].map(|text| text.parse::<f64>().unwrap().to_bits());
        assert_eq!([at.x, at.y].map(f64::to_bits), exact, "{x}, {y}");
    }
}
