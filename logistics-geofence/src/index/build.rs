//! Builds the squares: level by level, the fullest divided first, until squares are empty enough
//! or the memory allowed is used.

use std::collections::BTreeMap;
use std::ops::Range;

use geo_types::{Coord, Rect};

use super::cell::{DIVIDED_MAX, LEAF_MAX, Leaves, Sets, Square, divided, number};
use super::lattice::{Grid, Lattice, UNIT_BITS, Way, Window, whole};
use super::{Index, Part};
use crate::locate::{Position, position_in};
use crate::set::{ZoneHit, ZoneIndex};

/// Squares with more edges than this are divided.
const EDGES_MAX: usize = 6;
/// Largest division: binary logarithm of squares to a side.
const DIVISION_MAX: u32 = 5;
/// Memory for squares and leaves in bytes: so much for each edge, and so much in any case.
const BYTES_PER_EDGE: usize = 100;
const BYTES_FREE: usize = 256 << 10;
/// A leaf's bytes: its head and one group, and what an edge more adds.
const LEAF_BYTES: usize = 44;
const EDGE_BYTES: usize = 8;

/// An edge of a part, met by a square.
#[derive(Clone, Copy, Debug)]
struct Met {
    part: u32,
    edge: u32,
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

/// The open squares of one size.
#[derive(Default)]
struct Level {
    squares: Vec<Open>,
    met: Vec<Met>,
}

pub(super) fn build(area: Rect<f64>, parts: Vec<Part>, positions: Vec<Coord>) -> Index {
    let lattice = Lattice::over(area);
    let edges = number(positions.len());
    let root = root(&lattice, area, positions.len());
    let mut builder = Builder {
        lattice,
        parts: &parts,
        positions: &positions,
        words: vec![0; root.len()],
        leaves: Leaves::default(),
        sets: Interned::new(),
        marks: vec![Mark::Unknown; root.len().max(1 << (2 * DIVISION_MAX))],
    };
    let all: Vec<Met> = (0..edges)
        .scan(0, |part, edge| {
            while parts.get(*part).is_some_and(|p| p.edges_end <= edge) {
                *part += 1;
            }
            Some(Met { part: number(*part), edge })
        })
        .filter(|met| parts.get(met.part as usize).is_some_and(|p| p.is_edge(met.edge)))
        .collect();
    let mut level = Level::default();
    builder.divide(&root, 0, 0, &all, true, &mut level);
    let budget = BYTES_FREE + BYTES_PER_EDGE * positions.len();
    while !level.squares.is_empty() {
        level = builder.next_level(&level, budget);
    }
    let Builder { words, leaves, sets, .. } = builder;
    Index { lattice, root, words, leaves, sets: sets.sets, parts, positions }
}

/// About one square for two edges, over the whole area.
fn root(lattice: &Lattice, area: Rect<f64>, edges: usize) -> Grid {
    let wanted = (edges / 2).clamp(256, 1 << 20);
    let bits = UNIT_BITS - wanted.ilog2() / 2;
    let far = lattice.units(area.max());
    let count = |units: f64| (whole(units) >> bits) + 1;
    Grid { x: 0, y: 0, bits, columns: count(far.x + 1.0), rows: count(far.y + 1.0) }
}

/// What is known of a square and a part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mark {
    Unknown,
    Edges,
    Inside,
    Outside,
}

struct Builder<'a> {
    lattice: Lattice,
    parts: &'a [Part],
    positions: &'a [Coord],
    words: Vec<u32>,
    leaves: Leaves,
    sets: Interned,
    /// Scratch space of [`Builder::covered`], all unknown between calls.
    marks: Vec<Mark>,
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
            // A border of many edges meets most squares of a row or column several times.
            let squares = 4_usize << bits;
            let cost = (4 << (2 * bits)) + squares * LEAF_BYTES + EDGE_BYTES * square.met.len();
            let full = square.met.len() > EDGES_MAX && bits > 0;
            if full && spent + cost <= budget && self.words.len() < DIVIDED_MAX {
                spent += cost;
                let grid = divided(square.corner, square.bits, bits);
                let at = self.words.len();
                self.words.resize(at + grid.len(), 0);
                self.words[square.word] = Square::Divided { bits, at: number(at) }.encode();
                self.divide(
                    &grid,
                    at,
                    square.set,
                    &level.met[square.met.clone()],
                    false,
                    &mut next,
                );
            } else {
                self.keep(square, &level.met[square.met.clone()]);
            }
        }
        next
    }

    /// Sorts edges into the squares of a grid whose words begin at `first`. Squares without any are
    /// done; the others are added to `next`.
    fn divide(
        &mut self,
        grid: &Grid,
        first: usize,
        set: u32,
        met: &[Met],
        within_boxes: bool,
        next: &mut Level,
    ) {
        let (mut landed, mut covered) = (Vec::with_capacity(2 * met.len()), Vec::new());
        for of_part in met.chunk_by(|a, b| a.part == b.part) {
            let start = landed.len();
            for one in of_part {
                grid.squares(&self.way(one.edge), |column, row| {
                    landed.push((row * grid.columns + column, *one));
                });
            }
            self.covered(grid, of_part, &landed[start..], within_boxes, &mut covered);
        }
        let landed = Sorted::new(grid.len(), &landed);
        let covered = Sorted::new(grid.len(), &covered);
        for square in 0..grid.len() {
            let zones = covered.at(square);
            let set = self.sets.union(set, zones);
            let start = next.met.len();
            let zone_of = |met: &&Met| self.parts[met.part as usize].zone;
            next.met.extend(landed.at(square).iter().filter(|met| !zones.contains(&zone_of(met))));
            let word = first + square;
            if next.met.len() == start {
                self.words[word] = Square::Plain { set }.encode();
                continue;
            }
            let (column, row) = (number(square) % grid.columns, number(square) / grid.columns);
            let corner = grid.corner(column, row);
            let met = start..next.met.len();
            next.squares.push(Open { word, corner, bits: grid.bits, set, met });
        }
    }

    /// Adds the squares that a part covers without any of its edges meeting them.
    fn covered(
        &mut self,
        grid: &Grid,
        of_part: &[Met],
        landed: &[(u32, Met)],
        within_box: bool,
        covered: &mut Vec<(u32, ZoneIndex)>,
    ) {
        let Some(part) = of_part.first().map(|met| &self.parts[met.part as usize]) else { return };
        for &(square, _) in landed {
            self.marks[square as usize] = Mark::Edges;
        }
        let window = if within_box {
            Window {
                min: self.lattice.units(part.around.min()),
                max: self.lattice.units(part.around.max()),
            }
        } else {
            let end = grid.corner(grid.columns - 1, grid.rows - 1);
            Window {
                min: Coord { x: f64::from(grid.x), y: f64::from(grid.y) },
                max: Coord { x: f64::from(end.0), y: f64::from(end.1) },
            }
        };
        grid.squares(&window, |column, row| {
            let at = row * grid.columns + column;
            if self.marks[at as usize] == Mark::Edges {
                return;
            }
            // Neighbours without edges between them are alike.
            let left = (column > 0).then(|| self.marks[at as usize - 1]);
            let below = (row > 0).then(|| self.marks[(at - grid.columns) as usize]);
            let is_known = |mark: &Mark| matches!(mark, Mark::Inside | Mark::Outside);
            let known = [left, below].into_iter().flatten().find(is_known);
            let mark = known
                .unwrap_or_else(|| self.ask(part, middle(grid.corner(column, row), grid.bits)));
            self.marks[at as usize] = mark;
            if mark == Mark::Inside {
                covered.push((at, part.zone));
            }
        });
        for &(square, _) in landed {
            self.marks[square as usize] = Mark::Unknown;
        }
        grid.squares(&window, |column, row| {
            self.marks[(row * grid.columns + column) as usize] = Mark::Unknown;
        });
    }

    /// Whether a part covers a place that is on none of its edges.
    fn ask(&self, part: &Part, units: Coord) -> Mark {
        match position_in(&part.edges, self.lattice.degrees(units)) {
            Position::Interior => Mark::Inside,
            _ => Mark::Outside,
        }
    }

    fn way(&self, edge: u32) -> Way {
        let [from, to] = [edge as usize, edge as usize + 1].map(|k| self.positions[k]);
        Way { from: self.lattice.units(from), to: self.lattice.units(to) }
    }

    /// Keeps a square as a leaf.
    fn keep(&mut self, square: &Open, met: &[Met]) {
        let parts: Vec<u32> = met.chunk_by(|a, b| a.part == b.part).map(|of| of[0].part).collect();
        let (reference, inside) = self.reference(square, &parts);
        let at = self.leaves.begin(reference, square.set, parts.len());
        for ((of_part, part), inside) in
            met.chunk_by(|a, b| a.part == b.part).zip(parts).zip(inside)
        {
            let zone = self.parts[part as usize].zone;
            self.leaves.add(zone, part, inside, of_part.iter().map(|met| met.edge));
        }
        debug_assert!(self.leaves.0.len() <= LEAF_MAX, "the limit on vertices is below this");
        self.words[square.word] = Square::Leaf { at }.encode();
    }

    /// A place in the square on no edge, and which parts cover it.
    fn reference(&self, square: &Open, parts: &[u32]) -> (Coord, Vec<bool>) {
        // Places without a pattern that borders could share.
        const TRIED: [[f64; 2]; 4] = [[0.5, 0.5], [0.382, 0.587], [0.645, 0.271], [0.239, 0.793]];
        let side = f64::from(1_u32 << square.bits);
        for [x, y] in TRIED {
            let (left, low) = (f64::from(square.corner.0), f64::from(square.corner.1));
            let at = self.lattice.degrees(Coord { x: left + x * side, y: low + y * side });
            let position = |&part: &u32| match position_in(&self.parts[part as usize].edges, at) {
                Position::Interior => Some(true),
                Position::Exterior => Some(false),
                Position::Boundary => None,
            };
            if let Some(inside) = parts.iter().map(position).collect() {
                return (at, inside);
            }
        }
        (Coord { x: f64::NAN, y: f64::NAN }, vec![false; parts.len()])
    }
}

/// Into how many squares to a side, as a binary logarithm, one with so many edges is divided.
fn bits_for(edges: usize) -> u32 {
    ((edges.max(1).ilog2() + 2) / 2).clamp(1, DIVISION_MAX)
}

fn middle(corner: (u32, u32), bits: u32) -> Coord {
    let half = f64::from(1_u32 << bits) / 2.0;
    Coord { x: f64::from(corner.0) + half, y: f64::from(corner.1) + half }
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
