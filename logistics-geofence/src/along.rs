//! The stretches of a segment that zones cover.

use geo_types::Coord;

use crate::boundary::BoundaryRule;
use crate::edges::EdgeSource;
use crate::index::Met;
use crate::locate::{Position, ruled_position_in};
use crate::set::{ZoneHit, ZoneIndex};
use crate::stretch::{Contact, Place, Segment, Step, walk};

/// A maximal stretch of a segment that one zone covers, with its ends: under
/// [`BoundaryRule::HalfOpen`] these may be places that the zone does not cover, and so may single
/// places between.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Passage {
    /// The zone.
    pub zone: ZoneIndex,
    /// Where it begins: 0 at the start of the segment, 1 at its end.
    pub entry: f64,
    /// Where it ends, likewise; not before `entry`.
    pub exit: f64,
    /// [`Position::Interior`] when it runs through the zone's interior, [`Position::Boundary`]
    /// when it only touches the border or runs along it.
    pub at: Position,
    /// The zone covers the start of the segment and this stretch begins there.
    pub from_start: bool,
    /// The zone covers the end of the segment and this stretch ends there.
    pub to_end: bool,
}

/// The answer of [`ZoneSet::zones_along`](crate::ZoneSet::zones_along), to be reused from call to
/// call.
#[derive(Clone, Debug, Default)]
pub struct Passages {
    found: Vec<Passage>,
    covered: Vec<Covered>,
    contacts: Vec<Contact>,
    pub(crate) met: Vec<Met>,
    pub(crate) hits: Vec<ZoneHit>,
}

impl Passages {
    /// The passages, ordered by entry, then by zone index. One zone may have several.
    #[must_use]
    pub fn as_slice(&self) -> &[Passage] {
        &self.found
    }

    pub(crate) fn clear(&mut self) {
        self.found.clear();
        self.covered.clear();
    }

    /// Adds a zone whose border the segment does not meet and that covers all of it.
    pub(crate) fn add_whole(&mut self, zone: ZoneIndex) {
        let (entry, exit, at) = (0.0, 1.0, Position::Interior);
        self.found.push(Passage { zone, entry, exit, at, from_start: true, to_end: true });
    }

    pub(crate) fn finish(&mut self) {
        self.found.sort_unstable_by(|a, b| {
            a.entry.total_cmp(&b.entry).then(a.zone.cmp(&b.zone)).then(a.exit.total_cmp(&b.exit))
        });
    }
}

/// A stretch that one part of a zone covers, with its ends.
#[derive(Clone, Debug)]
struct Covered {
    zone: ZoneIndex,
    from: Place,
    to: Place,
    interior: bool,
    /// Whether the start and the end of the segment, where it reaches them, are covered, too.
    holds: [bool; 2],
}

/// Collects what the parts of zones cover of one segment.
pub(crate) struct Scratch<'a> {
    passages: &'a mut Passages,
    segment: Segment,
    rule: BoundaryRule,
}

impl<'a> Scratch<'a> {
    pub(crate) fn new(
        passages: &'a mut Passages,
        [from, to]: [Coord; 2],
        rule: BoundaryRule,
    ) -> Self {
        passages.covered.clear();
        Self { passages, segment: Segment { p: from, q: to }, rule }
    }

    /// Adds what a part covers, some of whose edges the segment may meet.
    pub(crate) fn add_part(&mut self, zone: ZoneIndex, edges: &impl EdgeSource) {
        let segment = self.segment;
        let (from, to) = (segment.start(), segment.end());
        let Passages { covered, contacts, .. } = &mut *self.passages;
        if segment.p == segment.q {
            let at = ruled_position_in(self.rule, edges, segment.p);
            if at != Position::Exterior {
                let interior = at == Position::Interior;
                covered.push(Covered { zone, from, to, interior, holds: [true; 2] });
            }
            return;
        }
        let covers_all = self.rule == BoundaryRule::Covers;
        let (mut is_first, mut ends_within) = (true, false);
        walk(edges, &segment, contacts, |step| {
            ends_within = false;
            match step {
                Step::Stretch { from, to, position, is_owned } => {
                    if is_owned || covers_all && position != Position::Exterior {
                        // The segment begins, or ends, on no edge.
                        let holds = [is_first, false];
                        let interior = position == Position::Interior;
                        covered.push(Covered { zone, from, to, interior, holds });
                        ends_within = true;
                    }
                }
                Step::Touch { at, is_owned } => {
                    if is_owned || covers_all {
                        let is_end = |end| covers_all || segment.compare(&at, &end).is_eq();
                        let holds = [is_end(from), is_end(to)];
                        covered.push(Covered { zone, from: at, to: at, interior: false, holds });
                    }
                }
            }
            is_first = false;
        });
        if let Some(last) = covered.last_mut().filter(|_| ends_within) {
            last.holds[1] = true;
        }
    }

    /// Adds a part that covers all of the segment.
    pub(crate) fn add_whole_part(&mut self, zone: ZoneIndex) {
        let (from, to) = (self.segment.start(), self.segment.end());
        self.passages.covered.push(Covered { zone, from, to, interior: true, holds: [true; 2] });
    }

    /// Joins what touches, zone by zone.
    pub(crate) fn finish(self) {
        let segment = self.segment;
        let Passages { covered, found, .. } = self.passages;
        let point = segment.p == segment.q;
        let order = |a: &Place, b: &Place| {
            if point { a.t.total_cmp(&b.t) } else { segment.compare(a, b) }
        };
        covered.sort_unstable_by(|a, b| a.zone.cmp(&b.zone).then_with(|| order(&a.from, &b.from)));
        let mut rest = covered.as_slice();
        while let Some((first, mut others)) = rest.split_first() {
            let mut joined = first.clone();
            while let Some((next, after)) = others.split_first() {
                if next.zone != joined.zone || order(&next.from, &joined.to).is_gt() {
                    break;
                }
                joined.interior |= next.interior;
                joined.holds = [0, 1].map(|end| joined.holds[end] | next.holds[end]);
                if order(&next.to, &joined.to).is_gt() {
                    joined.to = next.to;
                }
                others = after;
            }
            rest = others;
            found.push(Passage {
                zone: joined.zone,
                entry: joined.from.t,
                exit: joined.to.t.max(joined.from.t),
                at: if joined.interior { Position::Interior } else { Position::Boundary },
                from_start: joined.holds[0] && order(&joined.from, &segment.start()).is_eq(),
                to_end: joined.holds[1] && order(&joined.to, &segment.end()).is_eq(),
            });
        }
    }
}
