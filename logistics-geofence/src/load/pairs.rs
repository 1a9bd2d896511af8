//! Which edges of a multipolygon's rings meet where they must not: a sweep over bounding boxes and
//! an exact test for each pair of edges whose boxes meet.

use std::cmp::Ordering;

use geo_types::Coord;

use crate::orient::side;

/// An edge of positive length.
#[derive(Clone, Copy, Debug)]
pub(super) struct Edge {
    pub(super) a: Coord,
    pub(super) b: Coord,
    /// Which ring of the multipolygon, counted over all its parts.
    pub(super) ring: usize,
    /// Place among the edges of its ring that have a length, and how many those are.
    index: usize,
    count: usize,
}

/// The edges of a ring, those without length left out.
pub(super) fn edges_of(ring: usize, positions: &[Coord]) -> impl Iterator<Item = Edge> {
    let long = || {
        positions.windows(2).filter_map(|w| <[Coord; 2]>::try_from(w).ok()).filter(|[a, b]| a != b)
    };
    let count = long().count();
    long().enumerate().map(move |(index, [a, b])| Edge { a, b, ring, index, count })
}

/// How two edges meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meeting {
    /// Their insides cross in one point.
    Cross,
    /// They share a piece of a line.
    Overlap,
    /// An end of one lies on the other, and no more.
    Touch,
}

/// How two edges meet, exactly. For two neighbours in one ring the vertex they share is none.
pub(super) fn meeting(e: &Edge, f: &Edge) -> Option<Meeting> {
    if e.ring == f.ring {
        if (e.index + 1) % e.count == f.index {
            return doubles_back(e.a, e.b, f.b).then_some(Meeting::Overlap);
        }
        if (f.index + 1) % f.count == e.index {
            return doubles_back(f.a, f.b, e.b).then_some(Meeting::Overlap);
        }
    }
    let level = Ordering::Equal;
    let of_f = [side(e.a, e.b, f.a), side(e.a, e.b, f.b)];
    if of_f == [level; 2] {
        return along_one_line(e, f);
    }
    if of_f[0] == of_f[1] {
        return None;
    }
    let of_e = [side(f.a, f.b, e.a), side(f.a, f.b, e.b)];
    if of_e[0] == of_e[1] {
        return None;
    }
    let ends_on = of_f.contains(&level) || of_e.contains(&level);
    Some(if ends_on { Meeting::Touch } else { Meeting::Cross })
}

/// Whether the path a→b→c turns round on itself in b.
#[allow(clippy::float_cmp, reason = "an upright line is ordered by its other coordinate")]
fn doubles_back(a: Coord, b: Coord, c: Coord) -> bool {
    side(a, b, c) == Ordering::Equal
        && if a.x == b.x { (a.y < b.y) == (c.y < b.y) } else { (a.x < b.x) == (c.x < b.x) }
}

#[allow(clippy::float_cmp, reason = "an upright line is ordered by its other coordinate")]
fn along_one_line(e: &Edge, f: &Edge) -> Option<Meeting> {
    let key = |c: Coord| if e.a.x == e.b.x { c.y } else { c.x };
    let range = |edge: &Edge| (key(edge.a).min(key(edge.b)), key(edge.a).max(key(edge.b)));
    let (e, f) = (range(e), range(f));
    match e.0.max(f.0).partial_cmp(&e.1.min(f.1))? {
        Ordering::Less => Some(Meeting::Overlap),
        Ordering::Equal => Some(Meeting::Touch),
        Ordering::Greater => None,
    }
}

/// A box: lowest and highest corner.
pub(super) type Box2 = [Coord; 2];

type Axis = fn(Coord) -> f64;

/// The smallest box around two positions.
pub(super) fn box_of(a: Coord, b: Coord) -> Box2 {
    [Coord { x: a.x.min(b.x), y: a.y.min(b.y) }, Coord { x: a.x.max(b.x), y: a.y.max(b.y) }]
}

/// Too many boxes overlap one another to look at them all.
#[derive(Debug)]
pub(super) struct TooComplex;

/// Why a search for pairs ends before all have been seen.
#[derive(Debug)]
pub(super) enum Halt {
    /// What was looked for is found.
    Found,
    /// No effort is left.
    TooComplex,
}

/// How much work one load may do on pairs of edges, in looks at a pair of boxes: about a nanosecond
/// each. Real borders need a few for each edge, one ring of 100,000 vertices that is jagged by a
/// tenth of its radius some 300 million; a file made to be slow ends here after a second or two.
#[derive(Debug)]
pub(crate) struct Effort(u32);

impl Default for Effort {
    fn default() -> Self {
        Self(400_000_000)
    }
}

impl Effort {
    /// An exact test of two edges, which only pairs of boxes that meet come to.
    pub(super) const TEST: u32 = 4;
    /// A touch, which is remembered.
    pub(super) const TOUCH: u32 = 500;

    pub(super) fn spend(&mut self, looks: u32) -> Result<(), Halt> {
        self.0 = self.0.checked_sub(looks).ok_or(Halt::TooComplex)?;
        Ok(())
    }
}

/// Calls `visit` with every two boxes that share a point, smaller index first, until it halts.
///
/// Sorted along the axis on which the boxes are short, then each against those that begin before it
/// ends. Real borders give O(n log n); the work on hostile ones is bounded.
pub(super) fn meeting_boxes(
    boxes: &[Box2],
    effort: &mut Effort,
    mut visit: impl FnMut(usize, usize, &mut Effort) -> Result<(), Halt>,
) -> Result<(), TooComplex> {
    let length = |axis: Axis| -> f64 {
        let low = boxes.iter().map(|b| axis(b[0])).fold(f64::INFINITY, f64::min);
        let high = boxes.iter().map(|b| axis(b[1])).fold(f64::NEG_INFINITY, f64::max);
        boxes.iter().map(|b| axis(b[1]) - axis(b[0])).sum::<f64>() / (high - low)
    };
    let (x, y): (Axis, Axis) = (|c| c.x, |c| c.y);
    let (along, across) = if length(x) <= length(y) { (x, y) } else { (y, x) };
    // Copied in order, so that the inner loop reads memory from front to back.
    let interval = |b: &Box2, axis: Axis| [axis(b[0]), axis(b[1])];
    let mut sorted: Vec<_> = (boxes.iter().enumerate())
        .map(|(index, b)| (interval(b, along), interval(b, across), index))
        .collect();
    sorted.sort_unstable_by(|a, b| a.0[0].total_cmp(&b.0[0]));
    let mut sweep = || {
        for (k, &(own_along, own_across, i)) in sorted.iter().enumerate() {
            let mut looks = 0;
            for &(other_along, other_across, j) in &sorted[k + 1..] {
                if other_along[0] > own_along[1] {
                    break;
                }
                looks += 1;
                if other_across[0] <= own_across[1] && own_across[0] <= other_across[1] {
                    visit(i.min(j), i.max(j), effort)?;
                }
            }
            effort.spend(looks)?;
        }
        Ok(())
    };
    match sweep() {
        Ok(()) | Err(Halt::Found) => Ok(()),
        Err(Halt::TooComplex) => Err(TooComplex),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(e: [f64; 4], f: [f64; 4], expected: Option<Meeting>) {
        let edge = |[ax, ay, bx, by]: [f64; 4], ring| Edge {
            a: Coord { x: ax, y: ay },
            b: Coord { x: bx, y: by },
            ring,
            index: 0,
            count: 1,
        };
        let reversed = |[ax, ay, bx, by]: [f64; 4]| [bx, by, ax, ay];
        for (e, f) in [(e, f), (f, e), (reversed(e), f), (f, reversed(e))] {
            assert_eq!(meeting(&edge(e, 0), &edge(f, 1)), expected, "{e:?} {f:?}");
        }
    }

    #[test]
    fn meetings() {
        check([0., 0., 4., 4.], [0., 4., 4., 0.], Some(Meeting::Cross));
        check([0., 0., 4., 4.], [2., 2., 4., 0.], Some(Meeting::Touch));
        check([0., 0., 4., 4.], [4., 4., 8., 0.], Some(Meeting::Touch));
        check([0., 0., 4., 4.], [2., 2., 8., 8.], Some(Meeting::Overlap));
        check([0., 0., 4., 4.], [4., 4., 8., 8.], Some(Meeting::Touch));
        check([0., 0., 4., 4.], [5., 5., 8., 8.], None);
        check([0., 0., 0., 4.], [0., 1., 0., 2.], Some(Meeting::Overlap));
        check([0., 0., 4., 4.], [3., 2., 4., 0.], None);
        check([0., 0., 4., 4.], [5., 6., 6., 5.], None);
    }

    #[test]
    fn boxes_that_meet_are_found_once() {
        let at = |x: f64, y: f64| box_of(Coord { x, y }, Coord { x: x + 1.0, y: y + 1.0 });
        let boxes = [at(0., 0.), at(5., 0.), at(1., 1.), at(0.5, 0.5), at(5., 3.)];
        let mut pairs = Vec::new();
        let all = meeting_boxes(&boxes, &mut Effort(7), |i, j, _| {
            pairs.push((i, j));
            Ok(())
        });
        all.unwrap();
        pairs.sort_unstable();
        assert_eq!(pairs, [(0, 2), (0, 3), (2, 3)]);
        assert!(meeting_boxes(&boxes, &mut Effort(2), |_, _, _| Ok(())).is_err());
        assert!(meeting_boxes(&boxes, &mut Effort(7), |_, _, effort| effort.spend(4)).is_err());
        assert!(meeting_boxes(&boxes, &mut Effort(2), |_, _, _| Err(Halt::Found)).is_ok());
    }
}
