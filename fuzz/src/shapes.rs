//! Polygons of any shape and a point.

use geo_types::{Coord, Line, LineString, MultiPolygon, Point, Polygon};
use logistics_geofence::{classify, classify_polygon, segment_relation};

const BYTES_MAX: usize = 1 << 10;

/// A point, then rings, each begun by `|`. The digits stand for themselves, most letters for a
/// number an ulp beside one, high bytes begin a double of any bits: `22|00400404` asks where
/// (2, 2) lies in a square.
///
/// Where a point lies depends neither on the direction of the rings nor on which is the shell, and
/// the other two ways of asking agree. Only numbers that are not finite are refused.
pub fn planar_classify(data: &[u8]) {
    if data.len() > BYTES_MAX {
        return;
    }
    let mut sections = data.split(|&byte| byte == b'|');
    let Some(point) = sections.next().and_then(|bytes| coords(bytes).next()) else { return };
    let rings: Vec<LineString<f64>> = sections.map(|bytes| coords(bytes).collect()).collect();
    let mut backwards = rings.clone();
    backwards.reverse();
    backwards.iter_mut().for_each(|ring| ring.0.reverse());
    let (polygon, turned) = (polygon(rings), self::polygon(backwards));

    let found = classify_polygon(&polygon, Point(point));
    let finite = std::iter::once(&point)
        .chain(coords_of(&polygon))
        .all(|c| c.x.is_finite() && c.y.is_finite());
    assert_eq!(found.is_ok(), finite, "{polygon:?} {point:?}");
    let Ok(position) = found else { return };
    assert_eq!(classify_polygon(&turned, Point(point)), Ok(position), "{polygon:?} {point:?}");
    let parts = MultiPolygon::new(vec![polygon]);
    assert_eq!(classify(&parts, Point(point)), Ok(position));
    if let Some(&end) = coords_of(&parts.0[0]).last() {
        let relation = segment_relation(&parts, Line::new(point, end));
        assert_eq!(relation.map(|found| found.start), Ok(position), "{parts:?} {point:?}");
        let back = segment_relation(&parts, Line::new(end, point));
        let measure = |found: logistics_geofence::SegmentRelation| {
            (found.meets_interior, found.meets_boundary, found.interior_runs)
        };
        assert_eq!(relation.map(measure), back.map(measure), "{parts:?} {point:?} {end:?}");
    }
}

fn polygon(rings: Vec<LineString<f64>>) -> Polygon<f64> {
    let mut rings = rings.into_iter();
    let shell = rings.next().unwrap_or_else(|| LineString::new(Vec::new()));
    Polygon::new(shell, rings.collect())
}

fn coords_of(polygon: &Polygon<f64>) -> impl Iterator<Item = &Coord> {
    let rings = std::iter::once(polygon.exterior()).chain(polygon.interiors());
    rings.flat_map(|ring| &ring.0)
}

fn coords(mut bytes: &[u8]) -> impl Iterator<Item = Coord> {
    std::iter::from_fn(move || Some(Coord { x: number(&mut bytes)?, y: number(&mut bytes)? }))
}

fn number(bytes: &mut &[u8]) -> Option<f64> {
    let (&first, rest) = bytes.split_first()?;
    *bytes = rest;
    let whole = f64::from(first & 0x0f);
    Some(match first {
        ..0x60 => whole,
        0x60..0x80 => whole.next_up(),
        0x80..0xa0 => whole.next_down(),
        0xa0.. => {
            let (bits, rest) = bytes.split_first_chunk()?;
            *bytes = rest;
            f64::from_bits(u64::from_be_bytes(*bits))
        }
    })
}
