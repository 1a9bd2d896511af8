//! How a directed segment p→q runs through one polygon part: its stretches inside, outside and
//! along the boundary, with their ends in exact order.
//!
//! The state is the even-odd parity just left and just right of the segment. An edge switches the
//! parity of a side when its ends are not both strictly on, or both not strictly on, that side of
//! the line p→q; so vertices on the line, edges along it, spikes and repeated edges need no cases
//! of their own. Every decision is the sign of an orientation or a comparison of coordinates; the
//! only rounded quantities are the parameters t, which serve time stamps and, with an error bound,
//! as a first guess at the order.

use std::cmp::Ordering;
use std::ops::ControlFlow;

use geo_types::Coord;

use crate::boundary::{steps_past, steps_to_left};
use crate::edges::EdgeSource;
use crate::locate::Position;
use crate::orient::{compare_crossings, crossing, estimate, side};

/// A directed segment of positive length.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Segment {
    pub(crate) p: Coord,
    pub(crate) q: Coord,
}

impl Segment {
    /// Order of two points on the segment's line.
    #[allow(clippy::float_cmp, reason = "a level segment is ordered by its other coordinate")]
    fn order(&self, a: Coord, b: Coord) -> Ordering {
        let (a, b, forward) = if self.p.x == self.q.x {
            (a.y, b.y, self.p.y < self.q.y)
        } else {
            (a.x, b.x, self.p.x < self.q.x)
        };
        let order = a.partial_cmp(&b).unwrap_or(Ordering::Equal);
        if forward { order } else { order.reverse() }
    }

    /// The side of the segment that the symbolic step leads to.
    fn step_side(&self) -> Ordering {
        if steps_to_left(self.p, self.q) { Ordering::Greater } else { Ordering::Less }
    }

    /// Whether two boxes, the segment's and an edge's, share a point.
    #[inline]
    fn near(&self, a: Coord, b: Coord) -> bool {
        a.x.max(b.x) >= self.p.x.min(self.q.x)
            && a.x.min(b.x) <= self.p.x.max(self.q.x)
            && a.y.max(b.y) >= self.p.y.min(self.q.y)
            && a.y.min(b.y) <= self.p.y.max(self.q.y)
    }

    /// Order of two places on the segment, exactly.
    pub(crate) fn compare(&self, a: &Place, b: &Place) -> Ordering {
        if (a.t - b.t).abs() > a.t_error + b.t_error {
            return a.t.partial_cmp(&b.t).unwrap_or(Ordering::Equal);
        }
        match (a.at, b.at) {
            (At::Point(v), At::Point(w)) => self.order(v, w),
            (At::Crossing(e), At::Crossing(f)) if e == f => Ordering::Equal,
            (At::Crossing(e), At::Crossing(f)) => compare_crossings(e, f, self.p, self.q),
            // The edge runs from right to left, so what is left of it comes before it.
            (At::Point(v), At::Crossing([right, left])) => side(right, left, v).reverse(),
            (At::Crossing([right, left]), At::Point(v)) => side(right, left, v),
        }
    }

    pub(crate) fn start(&self) -> Place {
        Place { t: 0.0, t_error: 0.0, at: At::Point(self.p) }
    }

    pub(crate) fn end(&self) -> Place {
        Place { t: 1.0, t_error: 0.0, at: At::Point(self.q) }
    }

    fn point(&self, v: Coord) -> Place {
        let (dx, dy) = (self.q.x - self.p.x, self.q.y - self.p.y);
        let t = if dx.abs() >= dy.abs() { (v.x - self.p.x) / dx } else { (v.y - self.p.y) / dy };
        let t_error = if t.is_finite() { 1e-15 } else { f64::INFINITY };
        let t = if t.is_finite() { t.clamp(0.0, 1.0) } else { 0.5 };
        Place { t, t_error, at: At::Point(v) }
    }

    /// Where the edge, given from the right of the line to its left, crosses the segment.
    fn crossing(&self, right: Coord, left: Coord) -> Place {
        let (before, after) = (estimate(right, left, self.p), estimate(right, left, self.q));
        let (n, m) = (before.value.max(0.0), after.value.min(0.0));
        let (error, span) = (before.error + after.error, n - m);
        // 1e-15 covers the roundings of the quotient itself.
        let (t, t_error) = if error < 1e-12 * span && span < f64::MAX {
            (n / span, 2.0 * error / span + 1e-15)
        } else {
            (crossing([right, left], self.p, self.q), 1e-15)
        };
        Place { t, t_error, at: At::Crossing([right, left]) }
    }
}

/// A place on a segment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    /// Parameter in [0, 1], rounded.
    pub(crate) t: f64,
    t_error: f64,
    at: At,
}

#[derive(Clone, Copy, Debug)]
enum At {
    /// A vertex, or an end of the segment.
    Point(Coord),
    /// The inside of an edge, given from the right of the segment's line to its left.
    Crossing([Coord; 2]),
}

/// A place where the boundary meets the segment, and what changes there.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Contact {
    place: Place,
    /// Switches the parity just left, just right of the segment.
    left: bool,
    right: bool,
    /// The symbolic step from this place leads past the edge, on the side it leads to.
    passed: bool,
    /// +1 where an edge begins to run along the segment, −1 where it ends.
    along: i32,
}

/// What a walk along a segment comes by, in order.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Step {
    /// A place where the segment meets the boundary; whether the half-open rule gives it to the part.
    Touch { at: Place, is_owned: bool },
    /// A maximal piece of the segment without change of position, ends excluded; whether the half-open
    /// rule gives it to the part.
    Stretch { from: Place, to: Place, position: Position, is_owned: bool },
}

/// Replaces `contacts` by those of the segment with the part's boundary, in order, and returns the
/// parities with which the segment sets out: just left and just right of it, before `p`.
fn collect(edges: &impl EdgeSource, s: &Segment, contacts: &mut Vec<Contact>) -> [bool; 2] {
    contacts.clear();
    let mut meets_p = false;
    edges.along(s.p, s.q, &mut |a, b| {
        if s.near(a, b) {
            let sides = [side(s.p, s.q, a), side(s.p, s.q, b)];
            meets_p |= on_edge(a, b, sides, s.p);
            add_contacts(s, [a, b], sides, contacts);
        }
    });
    contacts.sort_unstable_by(|a, b| s.compare(&a.place, &b.place));
    if !meets_p {
        return [edges.covers(s.p); 2];
    }
    // `p` is on the boundary: count what the line meets before it.
    let mut parity = [false; 2];
    let _ = edges.in_band(f64::NEG_INFINITY, f64::INFINITY, &mut |a, b| {
        let sides = [side(s.p, s.q, a), side(s.p, s.q, b)];
        if meets_line_before(s, [a, b], sides) {
            parity[0] ^= (sides[0] == Ordering::Greater) != (sides[1] == Ordering::Greater);
            parity[1] ^= (sides[0] == Ordering::Less) != (sides[1] == Ordering::Less);
        }
        ControlFlow::Continue(())
    });
    parity
}

/// Whether `p`, the start of the line that `sides` refers to, lies on the edge.
fn on_edge(a: Coord, b: Coord, sides: [Ordering; 2], p: Coord) -> bool {
    let in_box =
        a.x.min(b.x) <= p.x && p.x <= a.x.max(b.x) && a.y.min(b.y) <= p.y && p.y <= a.y.max(b.y);
    in_box && (sides == [Ordering::Equal; 2] || side(a, b, p) == Ordering::Equal)
}

/// Whether an edge not along the line meets the line strictly before `p`.
fn meets_line_before(s: &Segment, [a, b]: [Coord; 2], sides: [Ordering; 2]) -> bool {
    match sides {
        [x, y] if x == y => false,
        [Ordering::Equal, _] => s.order(a, s.p) == Ordering::Less,
        [_, Ordering::Equal] => s.order(b, s.p) == Ordering::Less,
        // From right to left: what is left of the edge comes before it.
        [Ordering::Less, _] => side(a, b, s.p) == Ordering::Less,
        [Ordering::Greater, _] => side(b, a, s.p) == Ordering::Less,
    }
}

fn add_contacts(s: &Segment, [a, b]: [Coord; 2], sides: [Ordering; 2], out: &mut Vec<Contact>) {
    let on_segment = |v| s.order(s.p, v).is_le() && s.order(v, s.q).is_le();
    let vertex = |v, other, side: Ordering, out: &mut Vec<Contact>| {
        if on_segment(v) {
            let (left, right) = (side == Ordering::Greater, side == Ordering::Less);
            let passed = side == s.step_side() && steps_past(v, other, side);
            out.push(Contact { place: s.point(v), left, right, passed, along: 0 });
        }
    };
    match sides {
        [Ordering::Equal, Ordering::Equal] => {
            let (first, last) = if s.order(a, b).is_le() { (a, b) } else { (b, a) };
            let first = if s.order(first, s.p).is_lt() { s.p } else { first };
            let last = if s.order(last, s.q).is_gt() { s.q } else { last };
            if s.order(first, last).is_le() {
                let mut add = |v, along| {
                    let (left, right, passed) = (false, false, false);
                    out.push(Contact { place: s.point(v), left, right, passed, along });
                };
                add(first, 1);
                add(last, -1);
            }
        }
        [Ordering::Equal, side] => vertex(a, b, side, out),
        [side, Ordering::Equal] => vertex(b, a, side, out),
        [x, y] if x == y => {}
        [x, _] => {
            let (right, left) = if x == Ordering::Less { (a, b) } else { (b, a) };
            if side(right, left, s.p).is_ge() && side(right, left, s.q).is_le() {
                out.push(Contact {
                    place: s.crossing(right, left),
                    left: true,
                    right: true,
                    // What is left of it comes before it.
                    passed: !steps_to_left(right, left),
                    along: 0,
                });
            }
        }
    }
}

/// Walks the segment. `contacts` is scratch space.
pub(crate) fn walk(
    edges: &impl EdgeSource,
    s: &Segment,
    contacts: &mut Vec<Contact>,
    mut visit: impl FnMut(Step),
) {
    let [mut left, mut right] = collect(edges, s, contacts);
    let steps_left = s.step_side() == Ordering::Greater;
    let mut along = 0;
    let mut from = s.start();
    let mut rest = contacts.as_slice();
    loop {
        let to = rest.first().map_or_else(|| s.end(), |contact| contact.place);
        if s.compare(&from, &to).is_lt() {
            debug_assert!(along > 0 || left == right, "parity differs where no edge runs");
            let position = match (along, left) {
                (1.., _) => Position::Boundary,
                (_, true) => Position::Interior,
                (_, false) => Position::Exterior,
            };
            let is_owned = if steps_left { left } else { right };
            visit(Step::Stretch { from, to, position, is_owned });
        }
        if rest.is_empty() {
            return;
        }
        let mut is_owned = if steps_left { left } else { right };
        while let Some((contact, others)) = rest.split_first() {
            if s.compare(&contact.place, &to).is_ne() {
                break;
            }
            is_owned ^= contact.passed;
            left ^= contact.left;
            right ^= contact.right;
            along += contact.along;
            rest = others;
        }
        visit(Step::Touch { at: to, is_owned });
        from = to;
    }
}
