//! What a zone covers of a segment, by whole numbers, under either rule.

use geo_types::{Line, MultiPolygon};
use logistics_geofence::{BoundaryRule, Passage, Position, ZoneIndex};

use crate::oracle;

/// The stretches that one zone covers, with their ends; a single place between that it does not cover
/// ends none.
pub(crate) fn expected(
    geometry: &MultiPolygon<f64>,
    line: Line<f64>,
    rule: BoundaryRule,
    zone: ZoneIndex,
) -> Vec<Passage> {
    let cuts = oracle::cut(geometry, line);
    let [at, between] = match rule {
        BoundaryRule::HalfOpen => oracle::owns_along(geometry, line),
        _ => [&cuts.at, &cuts.between]
            .map(|all| all.iter().map(|position| *position != Position::Exterior).collect()),
    };
    let last = cuts.t.len() - 1;
    let mut found: Vec<Passage> = Vec::new();
    for k in 0..=last {
        let goes_on = k > 0 && between[k - 1];
        let begins = k < last && between[k];
        if !(goes_on || begins || at[k]) {
            continue;
        }
        if !goes_on {
            let (entry, from_start) = (cuts.t[k], k == 0 && at[0]);
            let at = Position::Boundary;
            found.push(Passage { zone, entry, exit: entry, at, from_start, to_end: false });
        }
        let passage = found.last_mut().unwrap();
        passage.exit = cuts.t[k];
        passage.to_end = k == last && at[k];
        let is_interior = at[k] && cuts.at[k] == Position::Interior
            || begins && cuts.between[k] == Position::Interior;
        if is_interior {
            passage.at = Position::Interior;
        }
    }
    found
}

/// The same, but for the rounding of times.
pub(crate) fn agree(got: &[Passage], expected: &[Passage]) -> bool {
    let same_times = |g: &Passage, e: &Passage| {
        (g.entry - e.entry).abs() < 1e-9 && (g.exit - e.exit).abs() < 1e-9
    };
    let rest = |p: &Passage| (p.zone, p.at, p.from_start, p.to_end);
    got.len() == expected.len()
        && got.iter().zip(expected).all(|(g, e)| same_times(g, e) && rest(g) == rest(e))
}
