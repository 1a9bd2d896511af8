//! Slow truth: point and segment against polygons in whole numbers of any length. It shares no
//! method with the crate: it shoots rays in odd directions and tries the middle of every stretch.

use std::cmp::Ordering;

use geo_types::{Coord, Line, MultiPolygon, Polygon};
use logistics_geofence::{Position, SegmentRelation};
use num_bigint::BigInt;

/// A point in units of 2⁻¹⁰⁷⁴, in which every double is whole, times a scale.
#[derive(Clone, Debug, PartialEq)]
struct P {
    x: BigInt,
    y: BigInt,
}

type Edges = Vec<(P, P)>;

fn whole(v: f64) -> BigInt {
    let bits = v.abs().to_bits();
    let (biased, fraction) = (bits >> 52, bits & ((1 << 52) - 1));
    let magnitude = match biased {
        0 => BigInt::from(fraction),
        _ => BigInt::from(fraction | (1 << 52)) << (biased - 1),
    };
    if v < 0.0 { -magnitude } else { magnitude }
}

fn point(c: Coord, scale: &BigInt) -> P {
    P { x: whole(c.x) * scale, y: whole(c.y) * scale }
}

fn edges(polygon: &Polygon<f64>, scale: &BigInt) -> Edges {
    let rings = std::iter::once(polygon.exterior()).chain(polygon.interiors());
    let lines = rings.flat_map(|ring| ring.0.windows(2));
    lines.map(|w| (point(w[0], scale), point(w[1], scale))).collect()
}

fn orient(a: &P, b: &P, c: &P) -> Ordering {
    let det = (&b.x - &a.x) * (&c.y - &a.y) - (&b.y - &a.y) * (&c.x - &a.x);
    det.cmp(&BigInt::ZERO)
}

fn on_edge((a, b): &(P, P), p: &P) -> bool {
    let within = |lo: &BigInt, hi: &BigInt, v: &BigInt| lo.min(hi) <= v && v <= lo.max(hi);
    orient(a, b, p).is_eq() && within(&a.x, &b.x, &p.x) && within(&a.y, &b.y, &p.y)
}

fn in_part(edges: &Edges, p: &P) -> Position {
    if edges.iter().any(|edge| on_edge(edge, p)) {
        return Position::Boundary;
    }
    let far = edges.iter().flat_map(|(a, _)| [&a.x - &p.x, &a.y - &p.y]);
    let far = far.map(|v| if v < BigInt::ZERO { -v } else { v }).max().unwrap_or_default() + 1;
    // Upwards and to the left, steeply; another direction when the ray meets a vertex.
    let mut tilt = 7;
    loop {
        let end = P { x: &p.x - &far, y: &p.y + &far * tilt };
        let sides = |(a, b): &(P, P)| (orient(p, &end, a), orient(p, &end, b));
        if edges.iter().all(|edge| sides(edge).0.is_ne() && sides(edge).1.is_ne()) {
            let crossed = edges.iter().filter(|edge| {
                let (a, b) = sides(edge);
                a != b && orient(&edge.0, &edge.1, p) != orient(&edge.0, &edge.1, &end)
            });
            return if crossed.count() % 2 == 1 { Position::Interior } else { Position::Exterior };
        }
        tilt += 1;
    }
}

fn in_any(parts: &[Edges], p: &P) -> Position {
    let positions: Vec<_> = parts.iter().map(|edges| in_part(edges, p)).collect();
    [Position::Interior, Position::Boundary]
        .into_iter()
        .find(|at| positions.contains(at))
        .unwrap_or(Position::Exterior)
}

/// The position of a point, by whole numbers.
pub(crate) fn classify(geometry: &MultiPolygon<f64>, c: Coord) -> Position {
    let one = BigInt::from(1);
    let parts: Vec<_> = geometry.0.iter().map(|part| edges(part, &one)).collect();
    in_any(&parts, &point(c, &one))
}

/// A parameter of the segment as a fraction with a positive denominator.
#[derive(Clone, Debug)]
struct Fraction(BigInt, BigInt);

impl Fraction {
    fn new(n: BigInt, d: BigInt) -> Self {
        if d < BigInt::ZERO { Self(-n, -d) } else { Self(n, d) }
    }

    fn cmp(&self, other: &Self) -> Ordering {
        (&self.0 * &other.1).cmp(&(&other.0 * &self.1))
    }

    fn middle(&self, other: &Self) -> Self {
        Self(&self.0 * &other.1 + &other.0 * &self.1, &self.1 * &other.1 * 2)
    }

    fn to_f64(&self) -> f64 {
        let scaled: BigInt = (&self.0 << 60_u32) / &self.1;
        let scaled: i64 = scaled.try_into().unwrap();
        #[allow(clippy::cast_precision_loss, reason = "compared with a tolerance")]
        let t = scaled as f64 / 2f64.powi(60);
        t
    }
}

/// Where the segment meets an edge: no, one or two parameters.
fn meets(p: &P, q: &P, (a, b): &(P, P)) -> Vec<Fraction> {
    let (dx, dy) = (&q.x - &p.x, &q.y - &p.y);
    let (ex, ey) = (&b.x - &a.x, &b.y - &a.y);
    let cross = &dx * &ey - &dy * &ex;
    let mut found = Vec::new();
    if cross == BigInt::ZERO {
        let length = &dx * &dx + &dy * &dy;
        for v in [a, b] {
            if orient(p, q, v).is_eq() {
                let along = (&v.x - &p.x) * &dx + (&v.y - &p.y) * &dy;
                found.push(Fraction::new(along, length.clone()));
            }
        }
    } else {
        let (wx, wy) = (&a.x - &p.x, &a.y - &p.y);
        let u = Fraction::new(&wx * &dy - &wy * &dx, cross.clone());
        if u.0 >= BigInt::ZERO && u.0 <= u.1 {
            found.push(Fraction::new(&wx * &ey - &wy * &ex, cross));
        }
    }
    found.retain(|t| t.0 >= BigInt::ZERO && t.0 <= t.1);
    found
}

/// A segment cut wherever it meets an edge, with the positions of the cuts and of what lies
/// between them.
pub(crate) struct Cuts {
    /// Parameters of the cuts, the ends among them.
    pub(crate) t: Vec<f64>,
    pub(crate) at: Vec<Position>,
    /// One fewer.
    pub(crate) between: Vec<Position>,
}

/// Whether the half-open rule gives the place to any of the parts: moved by steps that are no symbols
/// but numbers, small enough for these edges.
fn is_owned(parts: &[Edges], p: &P) -> bool {
    let ends = parts.iter().flatten().flat_map(|(a, b)| [a, b]);
    let numbers: Vec<_> = ends.chain([p]).flat_map(|at| [&at.x, &at.y]).collect();
    let low = numbers.iter().filter_map(|v| v.trailing_zeros()).min().unwrap_or(0);
    let bits = numbers.iter().map(|v| v.bits()).max().unwrap_or(0).saturating_sub(low) + 1;
    // East is more than any slope times north, and what a step changes is less than any difference.
    let east = BigInt::from(1) << (bits + 1);
    let finer = |v: &BigInt| (v >> low) << (2 * bits + 4);
    let moved = P { x: finer(&p.x) + east, y: finer(&p.y) + 1 };
    let finer = |at: &P| P { x: finer(&at.x), y: finer(&at.y) };
    parts.iter().any(|edges| {
        let edges = edges.iter().map(|(a, b)| (finer(a), finer(b))).collect();
        in_part(&edges, &moved) == Position::Interior
    })
}

/// Whether the half-open rule gives a point to the polygon, by whole numbers.
pub(crate) fn owns(geometry: &MultiPolygon<f64>, c: Coord) -> bool {
    let one = BigInt::from(1);
    let parts: Vec<_> = geometry.0.iter().map(|part| edges(part, &one)).collect();
    is_owned(&parts, &point(c, &one))
}

/// What the half-open rule gives to the polygon of a segment: of the cuts, and of what lies between.
pub(crate) fn owns_along(geometry: &MultiPolygon<f64>, line: Line<f64>) -> [Vec<bool>; 2] {
    let (_, at, between) = judged(geometry, line, is_owned);
    [at, between]
}

pub(crate) fn cut(geometry: &MultiPolygon<f64>, line: Line<f64>) -> Cuts {
    let (cuts, at, between) = judged(geometry, line, in_any);
    Cuts { at, between, t: cuts.iter().map(Fraction::to_f64).collect() }
}

/// The cuts of a segment, and what is true of them and of what lies between them.
fn judged<T>(
    geometry: &MultiPolygon<f64>,
    line: Line<f64>,
    judge: impl Fn(&[Edges], &P) -> T,
) -> (Vec<Fraction>, Vec<T>, Vec<T>) {
    let one = BigInt::from(1);
    let (p, q) = (point(line.start, &one), point(line.end, &one));
    let mut cuts =
        vec![Fraction::new(BigInt::ZERO, one.clone()), Fraction::new(one.clone(), one.clone())];
    for part in &geometry.0 {
        cuts.extend(edges(part, &one).iter().flat_map(|edge| meets(&p, &q, edge)));
    }
    cuts.sort_by(Fraction::cmp);
    cuts.dedup_by(|a, b| a.cmp(b).is_eq());
    let judge = |t: &Fraction| {
        let parts: Vec<_> = geometry.0.iter().map(|part| edges(part, &t.1)).collect();
        let at = |a: &BigInt, b: &BigInt| a * &t.1 + (b - a) * &t.0;
        judge(&parts, &P { x: at(&p.x, &q.x), y: at(&p.y, &q.y) })
    };
    let at = cuts.iter().map(&judge).collect();
    let between = cuts.windows(2).map(|w| judge(&w[0].middle(&w[1]))).collect();
    (cuts, at, between)
}

/// The relation of a segment of positive length, by whole numbers.
pub(crate) fn relate(geometry: &MultiPolygon<f64>, line: Line<f64>) -> SegmentRelation {
    let Cuts { at, between, .. } = cut(geometry, line);
    let is = |wanted| move |position: &Position| *position == wanted;
    let starts = between.iter().enumerate().filter(|&(k, position)| {
        let goes_on = k > 0 && at[k] == Position::Interior && between[k - 1] == Position::Interior;
        *position == Position::Interior && !goes_on
    });
    SegmentRelation {
        start: at[0],
        end: at[at.len() - 1],
        meets_interior: at.iter().chain(&between).any(is(Position::Interior)),
        meets_boundary: at.iter().chain(&between).any(is(Position::Boundary)),
        interior_runs: starts.count(),
    }
}
