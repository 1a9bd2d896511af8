//! How the rings of a multipolygon lie to one another: holes in their shells, apart from each
//! other; parts apart from each other. Touching in points is allowed.

use std::collections::BTreeMap;

use geo_types::{Coord, LineString, MultiPolygon, Polygon};

use super::diagnostic::{About, DiagnosticCode as Code};
use super::pairs::{
    Box2, Edge, Effort, Halt, Meeting, TooComplex, box_of, edges_of, meeting, meeting_boxes,
};
use crate::edges::BandedEdges;
use crate::locate::{Position, position_in};
use crate::stretch::{Segment, Step, walk};

/// A ring and where it belongs.
struct Ring<'a> {
    part: usize,
    /// 0 for the shell.
    number: usize,
    positions: &'a [Coord],
}

/// Edges of one ring that touch another: keyed by (the one, the other).
type Touches = BTreeMap<(usize, usize), Vec<Edge>>;

/// Judges the rings of a geometry, each of which encloses something.
pub(super) fn check(geometry: &MultiPolygon<f64>, effort: &mut Effort, about: &mut About<'_>) {
    let rings: Vec<Ring<'_>> = geometry
        .0
        .iter()
        .enumerate()
        .flat_map(|(part, polygon)| {
            let rings = std::iter::once(polygon.exterior()).chain(polygon.interiors());
            rings.enumerate().map(move |(number, ring)| Ring { part, number, positions: &ring.0 })
        })
        .collect();
    let checked = check_edges(&rings, effort, about).and_then(|touches| match touches {
        // Where rings cross, asking what is inside what has no answer.
        None => Ok(()),
        Some(touches) => {
            let boxes: Vec<Box2> = rings.iter().map(|ring| ring_box(ring.positions)).collect();
            check_holes(geometry, &rings, &boxes, &touches, effort, about)?;
            check_parts(geometry, &rings, &boxes, &touches, effort, about)
        }
    });
    if let Err(TooComplex) = checked {
        about.add(Code::TooComplex, "too many edges lie across one another to be checked");
    }
}

/// Tests all pairs of edges that are near; gives the touches between rings when no rings cross.
fn check_edges(
    rings: &[Ring<'_>],
    effort: &mut Effort,
    about: &mut About<'_>,
) -> Result<Option<Touches>, TooComplex> {
    let edges: Vec<Edge> =
        rings.iter().enumerate().flat_map(|(k, ring)| edges_of(k, ring.positions)).collect();
    let boxes: Vec<Box2> = edges.iter().map(|e| box_of(e.a, e.b)).collect();
    let mut touches = Touches::new();
    let (mut in_part, mut between_parts) = (None, None);
    let several_parts = rings.last().is_some_and(|ring| ring.part > 0);
    meeting_boxes(&boxes, effort, |i, j, effort| {
        let (e, f) = (edges[i], edges[j]);
        let same_part = rings[e.ring].part == rings[f.ring].part;
        // One of a kind is reported, and then how the rings touch is not asked any more.
        if if same_part { in_part.is_some() } else { between_parts.is_some() } {
            return Ok(());
        }
        effort.spend(Effort::TEST)?;
        let Some(how) = meeting(&e, &f) else { return Ok(()) };
        if !same_part && how != Meeting::Touch {
            between_parts = Some((e, f, how));
        } else if e.ring != f.ring && how == Meeting::Touch {
            effort.spend(Effort::TOUCH)?;
            touches.entry((e.ring, f.ring)).or_default().push(e);
            touches.entry((f.ring, e.ring)).or_default().push(f);
        } else {
            in_part = Some((e, f, how));
        }
        let found = in_part.is_some() && (between_parts.is_some() || !several_parts);
        if found { Err(Halt::Found) } else { Ok(()) }
    })?;
    let describe = |(e, f, how): (Edge, Edge, Meeting)| {
        let verb = match how {
            Meeting::Cross => "crosses",
            Meeting::Overlap => "runs along",
            Meeting::Touch => "touches",
        };
        let name = |e: &Edge| {
            let Ring { part, number, .. } = rings[e.ring];
            format!("{part}/{number} ({} {}, {} {})", e.a.x, e.a.y, e.b.x, e.b.y)
        };
        format!("an edge of ring {} {verb} one of ring {}", name(&e), name(&f))
    };
    if let Some(found) = in_part {
        about.add(Code::SelfIntersection, describe(found));
    }
    if let Some(found) = between_parts {
        about.add(Code::OverlappingParts, describe(found));
    }
    Ok((in_part.is_none() && between_parts.is_none()).then_some(touches))
}

fn check_holes(
    geometry: &MultiPolygon<f64>,
    rings: &[Ring<'_>],
    boxes: &[Box2],
    touches: &Touches,
    effort: &mut Effort,
    about: &mut About<'_>,
) -> Result<(), TooComplex> {
    let mut first_ring = 0;
    for (part, polygon) in geometry.0.iter().enumerate() {
        let holes = first_ring + 1..first_ring + 1 + polygon.interiors().len();
        let shell = first_ring;
        first_ring = holes.end;
        if holes.is_empty() {
            continue;
        }
        let within = alone(polygon.exterior());
        let mut outside = holes
            .clone()
            .filter(|&hole| some_of(rings, hole, shell, touches, &within, Position::Exterior));
        if let Some(hole) = outside.next() {
            let message = format!("ring {part}/{} is not in ring {part}/0", rings[hole].number);
            about.add(Code::HoleOutsideShell, message);
        }
        let mut nested = None;
        let mut indexes: BTreeMap<usize, BandedEdges> = BTreeMap::new();
        meeting_boxes(&boxes[holes.clone()], effort, |i, j, _| {
            let (i, j) = (holes.start + i, holes.start + j);
            let mut inside = |one: usize, other: usize| {
                let ring = &polygon.interiors()[other - holes.start];
                let around = indexes.entry(other).or_insert_with(|| alone(ring));
                some_of(rings, one, other, touches, around, Position::Interior)
            };
            if inside(i, j) || inside(j, i) {
                nested = Some((i, j));
                return Err(Halt::Found);
            }
            Ok(())
        })?;
        if let Some((i, j)) = nested {
            let (i, j) = (rings[i].number, rings[j].number);
            about.add(
                Code::NestedHoles,
                format!("one of rings {part}/{i} and {part}/{j} is in the other"),
            );
        }
    }
    Ok(())
}

fn check_parts(
    geometry: &MultiPolygon<f64>,
    rings: &[Ring<'_>],
    boxes: &[Box2],
    touches: &Touches,
    effort: &mut Effort,
    about: &mut About<'_>,
) -> Result<(), TooComplex> {
    if geometry.0.len() < 2 {
        return Ok(());
    }
    let shells: Vec<usize> = (0..rings.len()).filter(|&k| rings[k].number == 0).collect();
    let shell_boxes: Vec<Box2> = shells.iter().map(|&k| boxes[k]).collect();
    let mut indexes: BTreeMap<usize, BandedEdges> = BTreeMap::new();
    let mut overlap = None;
    meeting_boxes(&shell_boxes, effort, |i, j, _| {
        let mut inside = |one: usize, other: usize| {
            let around =
                indexes.entry(other).or_insert_with(|| BandedEdges::new(&geometry.0[other]));
            let own = (0..rings.len()).skip(shells[other]).take_while(|&k| rings[k].part == other);
            let mut touched = own.filter(|&k| touches.contains_key(&(shells[one], k)));
            let first = touched.next().unwrap_or(shells[other]);
            std::iter::once(first)
                .chain(touched)
                .any(|ring| some_of(rings, shells[one], ring, touches, around, Position::Interior))
        };
        if inside(i, j) || inside(j, i) {
            overlap = Some((i, j));
            return Err(Halt::Found);
        }
        Ok(())
    })?;
    if let Some((i, j)) = overlap {
        about.add(Code::OverlappingParts, format!("polygons {i} and {j} overlap"));
    }
    Ok(())
}

/// Whether some of ring `one` has a position with respect to `around`, an area that ring `other`
/// bounds, when the two do not cross and share no more than points.
fn some_of(
    rings: &[Ring<'_>],
    one: usize,
    other: usize,
    touches: &Touches,
    around: &BandedEdges,
    position: Position,
) -> bool {
    // Between touches a ring stays on one side, so its touching edges have seen every side it is on.
    let Some(edges) = touches.get(&(one, other)) else {
        return rings[one].positions.first().is_some_and(|&c| position_in(around, c) == position);
    };
    let mut contacts = Vec::new();
    edges.iter().any(|edge| {
        let mut found = false;
        walk(around, &Segment { p: edge.a, q: edge.b }, &mut contacts, |step| {
            found |= matches!(step, Step::Stretch { position: at, .. } if at == position);
        });
        found
    })
}

/// The area that one ring encloses.
fn alone(ring: &LineString<f64>) -> BandedEdges {
    BandedEdges::new(&Polygon::new(ring.clone(), Vec::new()))
}

fn ring_box(positions: &[Coord]) -> Box2 {
    let first = positions.first().copied().unwrap_or_default();
    positions.iter().fold([first, first], |[low, high], &c| [box_of(low, c)[0], box_of(high, c)[1]])
}
