//! Zone files.

use geo_types::{Coord, Line, Point};
use logistics_geofence::{LoadOptions, Passages, Policy, Position, Zone, ZoneSet, classify};

const BYTES_MAX: usize = 16 << 10;
/// Vertices that are asked for.
const PLACES_MAX: usize = 64;

/// A FeatureCollection. What the strict policy takes, the other takes as the same zones without a
/// warning; a loaded set knows the place of every vertex as the definition has it.
pub fn zones_geojson(data: &[u8]) {
    if data.len() > BYTES_MAX {
        return;
    }
    let mut options = LoadOptions::default();
    let strict = ZoneSet::from_geojson(data, &options);
    options.policy = Policy::EvenOdd;
    let lenient = ZoneSet::from_geojson(data, &options);
    match (strict, lenient) {
        (Ok(strict), Ok(lenient)) => {
            assert_eq!(strict.set.content_hash(), lenient.set.content_hash());
            assert!(strict.diagnostics.is_empty() && lenient.diagnostics.is_empty());
            ask(&strict.set);
        }
        (Ok(strict), Err(error)) => panic!("{:?} is refused: {error}", strict.set),
        (Err(_), Ok(lenient)) => {
            assert!(!lenient.diagnostics.is_empty(), "taken without a word");
            ask(&lenient.set);
        }
        (Err(_), Err(_)) => {}
    }
}

fn ask(set: &ZoneSet) {
    let places: Vec<Coord> = set.zones().iter().flat_map(vertices).take(PLACES_MAX).collect();
    let (mut hits, mut passages) = (Vec::new(), Passages::default());
    for (k, &place) in places.iter().enumerate() {
        assert_eq!(set.zones_at(Point(place), &mut hits), Ok(()));
        // The meridians 180 and -180 are one in a set, and two in the plane.
        if place.x.abs() < 180.0 {
            let found: Vec<_> = hits.iter().map(|hit| (hit.zone.get(), hit.at)).collect();
            assert_eq!(found, by_definition(set, place), "{place:?}");
        }
        let next = places[(k + 1) % places.len()];
        assert_eq!(set.zones_along(Line::new(place, next), &mut passages), Ok(()));
        assert!(hits.is_empty() || !passages.as_slice().is_empty(), "{place:?} to {next:?}");
    }
}

fn by_definition(set: &ZoneSet, place: Coord) -> Vec<(usize, Position)> {
    let zones = set.zones().iter().enumerate();
    zones
        .filter_map(|(k, zone)| Some((k, classify(zone.geometry(), Point(place)).ok()?)))
        .filter(|(_, position)| *position != Position::Exterior)
        .collect()
}

fn vertices(zone: &Zone) -> impl Iterator<Item = Coord> {
    let rings = zone
        .geometry()
        .0
        .iter()
        .flat_map(|part| std::iter::once(part.exterior()).chain(part.interiors()));
    rings.flat_map(|ring| ring.0.iter().copied())
}
