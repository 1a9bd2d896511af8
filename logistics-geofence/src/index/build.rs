//! Builds the squares: level by level, the fullest divided first, until squares are empty enough
//! or the memory allowed is used.

use std::collections::BTreeMap;
use std::ops::Range;

use geo_types::{Coord, Rect};

use super::cell::{DIVIDED_MAX, LEAF_MAX, Sets, Square, divided, number};
use super::lattice::{Grid, Lattice, Site, UNIT_BITS, Way, Window, whole};
use super::leaf::{EDGE_BYTES, GROUPS_MAX, Group, LEAF_BYTES, Leaves, REFERENCES};
use super::lookup::crosses;
use super::sides::Edge;
use super::{Index, Part};
use crate::locate::{Position, position_in};
use crate::set::{ZoneHit, ZoneIndex};

/// Squares with more edges than this are divided.
const EDGES_MAX: usize = 4;
/// Largest division: binary logarithm of squares to a side.
const DIVISION_MAX: u32 = 5;
/// Memory for squares and leaves in bytes: so much for each edge, and so much in any case.
const BYTES_PER_EDGE: usize = 70;
const BYTES_FREE: usize = 768 << 10;

/// An edge of a part, met by a square.
#[derive(Clone, Copy, Debug)]
struct Met {
    part: u32,
    edge: u32,
    /// Whether the part covers the middle of the square; nothing when that is on an edge.
    inside: Option<bool>,
}

/// A square that edges meet, not yet divided or kept as a leaf.
struct Open {
    /// Where its word is.
    word: usize,
    corner: (u32, u32),
    bits: u32,
    set: u32,
    /// Its edges, part by part, among those of its level.
    met: Range<usize>,
}

/// A square about to be divided.
struct Division {
    grid: Grid,
    /// Where the words of the grid begin.
    first: usize,
    /// Zones that cover all of it.
    set: u32,
    /// The middle of the square; nothing for the whole area.
    around: Option<Coord>,
}

/// A square of which it is known whether a part covers its middle.
#[derive(Clone)]
struct Judged {
    row: u32,
    at: Coord,
    inside: Option<bool>,
    /// The part's edges in it.
    edges: Range<usize>,
}

/// The open squares of one size.
#[derive(Default)]
struct Level {
    squares: Vec<Open>,
    met: Vec<Met>,
}

pub(super) fn build(area: Rect<f64>, parts: Vec<Part>, positions: Vec<Coord>) -> Index {
    let lattice = Lattice::over(area);
    let edges = number(positions.len());
    let budget = BYTES_FREE + BYTES_PER_EDGE * positions.len();
    let root = root(&lattice, area, &positions, budget);
    let mut builder = Builder {
        lattice,
        parts: &parts,
        positions: &positions,
        words: vec![0; root.len()],
        leaves: Leaves::default(),
        sets: Interned::new(),
    };
    let all: Vec<Met> = (0..edges)
        .scan(0, |part, edge| {
            while parts.get(*part).is_some_and(|p| p.edges_end <= edge) {
                *part += 1;
            }
            Some(Met { part: number(*part), edge, inside: None })
        })
        .filter(|met| parts.get(met.part as usize).is_some_and(|p| p.is_edge(met.edge)))
        .collect();
    let mut level = Level::default();
    builder.divide(&Division { grid: root, first: 0, set: 0, around: None }, &all, &mut level);
    while !level.squares.is_empty() {
        level = builder.next_level(&level, budget);
    }
    let Builder { words, leaves, sets, .. } = builder;
    Index { lattice, root, words, leaves, sets: sets.sets, parts, positions }
}

/// About four squares for each edge, over the whole area; fewer when long edges would be in so many
/// of them that half of the memory were used.
fn root(lattice: &Lattice, area: Rect<f64>, positions: &[Coord], budget: usize) -> Grid {
    let wanted = (4 * positions.len()).clamp(1 << 10, 1 << 18);
    let far = lattice.units(area.max());
    // From ring to ring as well, which is more than there is.
    let steps = positions.windows(2).map(|w| lattice.units(w[0]) - lattice.units(w[1]));
    let length: f64 = steps.map(|step| step.x.abs() + step.y.abs()).sum();
    let mut bits = UNIT_BITS - wanted.ilog2() / 2;
    loop {
        let count = |units: f64| (whole(units) >> bits) + 1;
        let (columns, rows) = (count(far.x + 1.0), count(far.y + 1.0));
        let grid = Grid { x: 0, y: 0, bits, columns, rows };
        let met = positions.len() + met_more(length, bits);
        if bits == UNIT_BITS || bytes(grid.len(), met) <= budget / 2 {
            return grid;
        }
        bits += 1;
    }
}

/// How many squares of 2^`bits` units edges meet, besides one each, when they have so many units along
/// both axes together.
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "an estimate; the cast saturates"
)]
fn met_more(length: f64, bits: u32) -> usize {
    (length / f64::from(1_u32 << bits)) as usize
}

/// Memory of a grid whose squares meet so many edges.
fn bytes(squares: usize, met: usize) -> usize {
    4 * squares + LEAF_BYTES * met.min(squares) + EDGE_BYTES * met
}

struct Builder<'a> {
    lattice: Lattice,
    parts: &'a [Part],
    positions: &'a [Coord],
    words: Vec<u32>,
    leaves: Leaves,
    sets: Interned,
}

impl Builder<'_> {
    /// Divides the fullest squares of a level as far as memory goes and keeps the others as leaves.
    fn next_level(&mut self, level: &Level, budget: usize) -> Level {
        let mut order: Vec<usize> = (0..level.squares.len()).collect();
        order.sort_by_key(|&k| std::cmp::Reverse(level.squares[k].met.len()));
        let leaf = |square: &Open| LEAF_BYTES + EDGE_BYTES * square.met.len();
        let mut spent = 4 * (self.words.len() + self.leaves.0.len())
            + level.squares.iter().map(leaf).sum::<usize>();
        let mut next = Level::default();
        for k in order {
            let square = &level.squares[k];
            let bits = bits_for(square.met.len()).min(square.bits);
            let met = &level.met[square.met.clone()];
            let cost = bytes(1 << (2 * bits), self.met_within(square, met, square.bits - bits));
            let full = square.met.len() > EDGES_MAX && bits > 0;
            if full && spent + cost <= budget && self.words.len() < DIVIDED_MAX {
                spent += cost;
                let grid = divided(square.corner, square.bits, bits);
                let at = self.words.len();
                self.words.resize(at + grid.len(), 0);
                self.words[square.word] = Square::Divided { bits, at: number(at) }.encode();
                let around = Some(self.middle(square.corner, square.bits));
                let division = Division { grid, first: at, set: square.set, around };
                self.divide(&division, met, &mut next);
            } else {
                self.keep(square, met);
            }
        }
        next
    }

    /// How many edges the squares of 2^`bits` units in a square meet, all together.
    fn met_within(&self, square: &Open, met: &[Met], bits: u32) -> usize {
        let side = f64::from(1_u32 << square.bits);
        let length = |met: &Met| {
            let Way { from, to, .. } = self.way(met.edge);
            (to.x - from.x).abs().min(side) + (to.y - from.y).abs().min(side)
        };
        met.len() + met_more(met.iter().map(length).sum(), bits)
    }

    /// Sorts edges into the squares of a grid. Squares without any are done; the others are added to
    /// `next`.
    fn divide(&mut self, division: &Division, met: &[Met], next: &mut Level) {
        let grid = &division.grid;
        let (mut landed, mut covered) = (Vec::with_capacity(2 * met.len()), Vec::new());
        for of_part in met.chunk_by(|a, b| a.part == b.part) {
            let start = landed.len();
            for one in of_part {
                grid.squares(&self.way(one.edge), |column, row| {
                    landed.push((row * grid.columns + column, *one));
                });
            }
            self.judge_squares(division, of_part, &mut landed[start..], &mut covered);
        }
        let landed = Sorted::new(grid.len(), &landed);
        let covered = Sorted::new(grid.len(), &covered);
        for square in 0..grid.len() {
            let set = self.sets.union(division.set, covered.at(square));
            let word = division.first + square;
            let met = landed.at(square);
            if met.is_empty() {
                self.words[word] = Square::Plain { set }.encode();
                continue;
            }
            let start = next.met.len();
            next.met.extend(met);
            let (column, row) = (number(square) % grid.columns, number(square) / grid.columns);
            let corner = grid.corner(column, row);
            let met = start..next.met.len();
            next.squares.push(Open { word, corner, bits: grid.bits, set, met });
        }
    }

    /// Finds out for every square whether a part covers its middle: notes it at the part's edges in the
    /// square, or adds the square to `covered` when none of them is in it.
    fn judge_squares(
        &self,
        division: &Division,
        of_part: &[Met],
        landed: &mut [(u32, Met)],
        covered: &mut Vec<(u32, ZoneIndex)>,
    ) {
        let Some(&Met { part, inside, .. }) = of_part.first() else { return };
        let (grid, part) = (&division.grid, &self.parts[part as usize]);
        landed.sort_by_key(|&(square, _)| square);
        let (mut last, mut row_begin): (Option<Judged>, Option<Judged>) = (None, None);
        let mut next = 0;
        grid.squares(&self.window(division, part), |column, row| {
            let square = row * grid.columns + column;
            let count = landed[next..].iter().take_while(|(at, _)| *at == square).count();
            let edges = next..next + count;
            next = edges.end;
            let at = self.middle(grid.corner(column, row), grid.bits);
            let beside = last.as_ref().filter(|last| last.row == row).or(row_begin.as_ref());
            let carried = match (beside, division.around, inside) {
                (Some(beside), ..) => self.carry_over(beside, at, &landed[..next], &edges),
                (None, Some(from), Some(inside)) => {
                    self.carry(from, inside, at, of_part.iter().map(|met| met.edge))
                }
                _ => None,
            };
            let inside = carried.or_else(|| ask(part, at));
            if edges.is_empty() && inside == Some(true) {
                covered.push((square, part.zone));
            }
            landed[edges.clone()].iter_mut().for_each(|(_, met)| met.inside = inside);
            let judged = Judged { row, at, inside, edges };
            if last.as_ref().is_none_or(|last| last.row != row) {
                row_begin = Some(judged.clone());
            }
            last = Some(judged);
        });
    }

    /// The squares in which a part can be.
    fn window(&self, division: &Division, part: &Part) -> Window {
        let grid = &division.grid;
        if division.around.is_none() {
            let [min, max] = [part.around.min(), part.around.max()].map(|c| self.lattice.units(c));
            return Window { min, max };
        }
        let corner = |(x, y): (u32, u32)| Coord { x: f64::from(x), y: f64::from(y) };
        Window {
            min: corner((grid.x, grid.y)),
            max: corner(grid.corner(grid.columns - 1, grid.rows - 1)),
        }
    }

    /// Whether a part covers the middle of a square, from what is known of the one beside it: between
    /// the two run only edges of these squares.
    fn carry_over(
        &self,
        beside: &Judged,
        to: Coord,
        landed: &[(u32, Met)],
        own: &Range<usize>,
    ) -> Option<bool> {
        let inside = beside.inside?;
        let theirs = &landed[beside.edges.clone()];
        let is_theirs = |edge: u32| theirs.binary_search_by_key(&edge, |(_, met)| met.edge).is_ok();
        let own = landed[own.clone()].iter().map(|(_, met)| met.edge);
        let edges = theirs.iter().map(|(_, met)| met.edge).chain(own.filter(|&e| !is_theirs(e)));
        self.carry(beside.at, inside, to, edges)
    }

    /// Whether a part covers a place, from whether it covers another and all of its edges that may run
    /// between; nothing when that is in doubt.
    fn carry(
        &self,
        from: Coord,
        inside: bool,
        to: Coord,
        edges: impl Iterator<Item = u32>,
    ) -> Option<bool> {
        let mut inside = inside;
        for edge in edges {
            let [a, b] = self.ends(edge);
            inside ^= crosses(from, to, a, b)?;
        }
        Some(inside)
    }

    fn way(&self, edge: u32) -> Way {
        let [from, to] = self.ends(edge).map(|end| self.lattice.units(end));
        Way::new(from, to)
    }

    fn ends(&self, edge: u32) -> [Coord; 2] {
        [edge as usize, edge as usize + 1].map(|end| self.positions[end])
    }

    /// Keeps a square as a leaf.
    fn keep(&mut self, square: &Open, met: &[Met]) {
        let of_parts: Vec<&[Met]> = met.chunk_by(|a, b| a.part == b.part).collect();
        let (reference, inside) = self.reference(square, &of_parts);
        let at = number(self.leaves.0.len());
        let groups: Vec<(Group, bool)> = of_parts
            .iter()
            .zip(inside)
            .map(|(of_part, inside)| {
                let part = of_part[0].part;
                (Group { zone: self.parts[part as usize].zone, part }, inside)
            })
            .collect();
        let count = groups.len();
        let mut edges = Vec::new();
        for first in (0..count).step_by(GROUPS_MAX) {
            let own = first..count.min(first + GROUPS_MAX);
            edges.clear();
            for (bit, of_part) in of_parts[own.clone()].iter().enumerate() {
                edges.extend(of_part.iter().map(|met| (met.edge, 1 << bit)));
            }
            let is_followed = own.end < count;
            self.leaves.add(reference, square.set, &groups[own], &edges, is_followed);
        }
        debug_assert!(self.leaves.0.len() <= LEAF_MAX, "the limit on vertices is below this");
        self.words[square.word] = Square::Leaf { at }.encode();
    }

    /// The first of [`REFERENCES`] that is off every edge in the square, and which parts cover it.
    fn reference(&self, square: &Open, of_parts: &[&[Met]]) -> (usize, Vec<bool>) {
        let site = Site { corner: square.corner, bits: square.bits };
        let inside_at = |which: usize| -> Option<Vec<bool>> {
            let at = self.lattice.degrees(site.at(REFERENCES[which]));
            let is_off = |met: &Met| {
                let [a, b] = self.ends(met.edge).map(|end| end - at);
                Edge { a, b }.is_off_reference()
            };
            if !of_parts.iter().copied().flatten().all(is_off) {
                return None;
            }
            let middle = |met: &Met| met.inside.filter(|_| which == 0);
            let inside =
                |met: &Met| middle(met).or_else(|| ask(&self.parts[met.part as usize], at));
            of_parts.iter().map(|of_part| inside(&of_part[0])).collect()
        };
        let nowhere = REFERENCES.len() - 1;
        let found = (0..nowhere).find_map(|which| Some((which, inside_at(which)?)));
        found.unwrap_or_else(|| (nowhere, vec![false; of_parts.len()]))
    }

    fn middle(&self, corner: (u32, u32), bits: u32) -> Coord {
        self.lattice.degrees(Site { corner, bits }.at(REFERENCES[0]))
    }
}

/// Whether a part covers a place; nothing when that is on an edge.
fn ask(part: &Part, at: Coord) -> Option<bool> {
    match position_in(&part.edges, at) {
        Position::Interior => Some(true),
        Position::Exterior => Some(false),
        Position::Boundary => None,
    }
}

/// Into how many squares to a side, as a binary logarithm, one with so many edges is divided.
fn bits_for(edges: usize) -> u32 {
    ((edges.max(1).ilog2() + 2) / 2).clamp(1, DIVISION_MAX)
}

/// Things sorted by square; within one square in the order they came in.
struct Sorted<T> {
    starts: Vec<u32>,
    sorted: Vec<T>,
}

impl<T: Copy> Sorted<T> {
    fn new(squares: usize, items: &[(u32, T)]) -> Self {
        let mut starts = vec![0_u32; squares + 1];
        for (square, _) in items {
            starts[*square as usize + 1] += 1;
        }
        for square in 0..squares {
            starts[square + 1] += starts[square];
        }
        let mut next = starts.clone();
        let mut sorted: Vec<T> = items.iter().map(|(_, item)| *item).collect();
        for (square, item) in items {
            let place = &mut next[*square as usize];
            sorted[*place as usize] = *item;
            *place += 1;
        }
        Self { starts, sorted }
    }

    fn at(&self, square: usize) -> &[T] {
        &self.sorted[self.starts[square] as usize..self.starts[square + 1] as usize]
    }
}

/// Sets under construction: equal sets have one number.
struct Interned {
    sets: Sets,
    numbers: BTreeMap<Vec<ZoneIndex>, u32>,
    /// The union asked for last: neighbours mostly have the same.
    last: (u32, Vec<ZoneIndex>, u32),
}

impl Interned {
    fn new() -> Self {
        let numbers = BTreeMap::from([(Vec::new(), 0)]);
        Self { sets: Sets::new(), numbers, last: (0, Vec::new(), 0) }
    }

    /// The number of a set with some zones more.
    fn union(&mut self, set: u32, zones: &[ZoneIndex]) -> u32 {
        if zones.is_empty() {
            return set;
        }
        if self.last.0 == set && self.last.1 == zones {
            return self.last.2;
        }
        let mut all: Vec<ZoneIndex> = self.sets.get(set).iter().map(|hit| hit.zone).collect();
        all.extend(zones);
        all.sort_unstable();
        all.dedup();
        let sets = &mut self.sets;
        let union = *self.numbers.entry(all).or_insert_with_key(|all| {
            sets.push(all.iter().map(|&zone| ZoneHit { zone, at: Position::Interior }))
        });
        self.last = (set, zones.to_vec(), union);
        union
    }
}
