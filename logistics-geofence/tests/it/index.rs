//! The index against the definition, on many more points than the oracle has time for: places where
//! an index goes wrong are vertices, edges, what is one ulp beside them, and lines between squares.

use std::f64::consts::TAU;

use geo_types::{Coord, Line, LineString, MultiPolygon, Point, Polygon};
use logistics_geofence::{
    LoadOptions, Passages, Policy, Position, Zone, ZoneHit, ZoneId, ZoneSet, classify,
};

use crate::random::{Random, scale};
use crate::shapes::nudged;

const SEED: u64 = 20_260_106;
/// Points asked for, for each of the scale.
const POINTS: usize = 40_000;

fn set_of(zones: &[MultiPolygon<f64>]) -> ZoneSet {
    let mut options = LoadOptions::default();
    options.policy = Policy::EvenOdd;
    let zones = zones.iter().enumerate();
    let zones = zones.map(|(k, area)| Zone::new(ZoneId::from_index(k), area.clone()));
    ZoneSet::from_zones(zones, &options).unwrap().set
}

/// A closed ring around a center, jagged, its positions on a lattice of 2⁻¹² of a unit so that many
/// share a height.
fn ring(random: &mut Random, center: Coord, radius: f64, vertices: u32) -> LineString<f64> {
    let vertex = |k: u32| {
        let angle = TAU * f64::from(k) / f64::from(vertices);
        let away = radius * random.between(0.7, 1.0);
        let on_lattice = |v: f64| (v * 4096.0).round() / 4096.0;
        Coord {
            x: on_lattice(center.x + away * angle.cos()),
            y: on_lattice(center.y + away * angle.sin()),
        }
    };
    let mut positions: Vec<_> = (0..vertices).map(vertex).collect();
    positions.push(positions[0]);
    LineString::new(positions)
}

/// Overlapping zones with holes and second parts, borders that neighbours share, and one that is on
/// the antimeridian.
fn a_city(random: &mut Random) -> Vec<MultiPolygon<f64>> {
    let mut zones = Vec::new();
    for k in 0..40 {
        let center = Coord { x: random.between(-1.0, 1.0), y: random.between(-1.0, 1.0) };
        let shell = ring(random, center, 0.3, 60);
        let holes = if k % 3 == 0 { vec![ring(random, center, 0.15, 12)] } else { vec![] };
        let mut parts = vec![Polygon::new(shell.clone(), holes)];
        if k % 5 == 0 {
            let beside = Coord { x: center.x + 0.7, y: center.y };
            parts.push(Polygon::new(ring(random, beside, 0.3, 30), vec![]));
        }
        if k % 7 == 0 {
            // The same border from the other side: a square around it with it as a hole.
            let [low, high] = [-0.5, 0.5].map(|d| (center.x + d, center.y + d));
            let square = vec![low, (high.0, low.1), high, (low.0, high.1), low];
            zones.push(Polygon::new(square.into(), vec![shell]).into());
        }
        zones.push(MultiPolygon::new(parts));
    }
    zones
}

/// A point made to be hard: a vertex, a place on an edge as far as doubles go, one level with a
/// vertex, one on a line between squares; moved by an ulp or not.
fn hard_point(random: &mut Random, edges: &[[Coord; 2]], area: [Coord; 2]) -> Coord {
    let [a, b] = edges[random.below(edges.len())];
    let [low, high] = area;
    let fraction = |n: usize| {
        let share = |k: usize| f64::from(u32::try_from(k).unwrap()) / 1024.0;
        share(n)
    };
    let t = random.between(0.0, 1.0);
    let on_edge = Coord { x: a.x + t * (b.x - a.x), y: a.y + t * (b.y - a.y) };
    let place = match random.below(6) {
        0 => a,
        1 => on_edge,
        2 => Coord { x: f64::midpoint(a.x, b.x), y: f64::midpoint(a.y, b.y) },
        3 => Coord { x: random.between(low.x, high.x), y: a.y },
        4 => Coord { x: low.x + (high.x - low.x) * fraction(random.below(1025)), y: on_edge.y },
        _ => Coord { x: random.between(low.x, high.x), y: random.between(low.y, high.y) },
    };
    let step = |random: &mut Random| [-1, 0, 0, 1][random.below(4)];
    nudged(place, [step(random), step(random)])
}

fn edges_of(zones: &[MultiPolygon<f64>]) -> Vec<[Coord; 2]> {
    let rings = zones
        .iter()
        .flat_map(|zone| &zone.0)
        .flat_map(|part| std::iter::once(part.exterior()).chain(part.interiors()));
    rings.flat_map(|ring| ring.0.windows(2)).map(|w| [w[0], w[1]]).collect()
}

fn by_definition(zones: &[MultiPolygon<f64>], c: Coord) -> Vec<(usize, Position)> {
    let all = zones.iter().map(|zone| classify(zone, Point(c)).unwrap()).enumerate();
    all.filter(|(_, at)| *at != Position::Exterior).collect()
}

fn found(hits: &[ZoneHit]) -> Vec<(usize, Position)> {
    hits.iter().map(|hit| (hit.zone.get(), hit.at)).collect()
}

/// Compares lookups, and both ends of the ways between one point and the next.
fn compare(random: &mut Random, zones: &[MultiPolygon<f64>], count: usize) -> [usize; 3] {
    let (set, edges) = (set_of(zones), edges_of(zones));
    let around = set.bbox().unwrap();
    let (mut hits, mut passages) = (Vec::new(), Passages::default());
    let mut seen = [0; 3];
    let mut last: Option<(Coord, Vec<(usize, Position)>)> = None;
    for _ in 0..count {
        let c = hard_point(random, &edges, [around.min(), around.max()]);
        let expected = by_definition(zones, c);
        set.zones_at(Point(c), &mut hits).unwrap();
        assert_eq!(found(&hits), expected, "{c:?}, seed {SEED}");
        seen[0] += 1;
        seen[1] += expected.iter().filter(|(_, at)| *at == Position::Boundary).count();
        if let Some((from, from_zones)) = last.replace((c, expected.clone())) {
            set.zones_along(Line::new(from, c), &mut passages).unwrap();
            let at_end = |of: fn(&logistics_geofence::Passage) -> bool| {
                let own = passages.as_slice().iter().filter(|passage| of(passage));
                let mut zones: Vec<usize> = own.map(|passage| passage.zone.get()).collect();
                zones.sort_unstable();
                zones
            };
            let zones = |of: &[(usize, Position)]| of.iter().map(|(k, _)| *k).collect::<Vec<_>>();
            assert_eq!(at_end(|p| p.from_start), zones(&from_zones), "{from:?} {c:?}");
            assert_eq!(at_end(|p| p.to_end), zones(&expected), "{from:?} {c:?}");
            seen[2] += 1;
        }
    }
    seen
}

#[test]
fn the_index_gives_what_the_definition_gives() {
    let mut random = Random::new(SEED);
    let zones = a_city(&mut random);
    let [points, on_borders, ways] = compare(&mut random, &zones, POINTS * scale());
    println!("seed {SEED}: {points} points, {on_borders} times on a border, {ways} ways");
    assert!(on_borders > points / 10, "{on_borders} of {points} are hard");
}

#[test]
fn squares_are_divided_around_a_dense_border() {
    let mut random = Random::new(SEED);
    let center = Coord { x: 73.85, y: 18.52 };
    let dense = Polygon::new(ring(&mut random, center, 0.01, 3_000), vec![]);
    let wide = Polygon::new(ring(&mut random, center, 9.0, 20), vec![]);
    let zones = [dense.into(), wide.into()];
    let [points, on_borders, _] = compare(&mut random, &zones, POINTS * scale() / 20);
    assert!(points > 0 && on_borders > 0);
}

#[test]
fn zones_too_small_for_squares_are_told_apart() {
    let mut random = Random::new(SEED);
    for (unit, origin) in [(1e-13, 17.0), (1e-310, 0.0), (1e-9, -179.999_999)] {
        let square = |at: f64| {
            let corner = |i: f64, j: f64| Coord { x: origin + (at + i) * unit, y: (at + j) * unit };
            Polygon::new(
                LineString::new(vec![
                    corner(0.0, 0.0),
                    corner(9.0, 0.0),
                    corner(9.0, 9.0),
                    corner(0.0, 9.0),
                    corner(0.0, 0.0),
                ]),
                vec![],
            )
        };
        let zones = [square(0.0).into(), square(4.0).into()];
        compare(&mut random, &zones, 500);
    }
}

#[test]
fn any_number_of_zones_may_share_a_border() {
    let mut random = Random::new(SEED);
    let center = Coord { x: 73.85, y: 18.52 };
    let shared = Polygon::new(ring(&mut random, center, 0.2, 12), vec![]);
    let own = (0..75).map(|k| {
        let radius = if k % 3 == 0 { 0.2 } else { 0.1 };
        Polygon::new(ring(&mut random, center, radius, 12), vec![])
    });
    let zones: Vec<MultiPolygon<f64>> =
        own.flat_map(|own| [shared.clone().into(), own.into()]).collect();
    let [points, on_borders, _] = compare(&mut random, &zones, POINTS * scale() / 40);
    assert!(points > 0 && on_borders > 0);
}

#[test]
fn memory_is_bounded() {
    let mut random = Random::new(SEED);
    let center = Coord { x: 73.85, y: 18.52 };
    for vertices in [100, 5_000, 40_000] {
        let zone = Polygon::new(ring(&mut random, center, 0.2, vertices), vec![]).into();
        let set = set_of(&[zone]);
        let raw = 16 * (vertices as usize + 1);
        assert!(set.index_bytes() <= 12 * raw + (1 << 20), "{vertices}: {}", set.index_bytes());
    }
}
