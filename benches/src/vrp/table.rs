//! The table of a bench: per class how far from the reference, and how long it took.

use std::collections::BTreeMap;
use std::io;

use crate::row::Row;

/// A line for each class; means and worsts are over instances and seeds alike. A run without
/// an answer has no gap: it is counted as failed.
pub(crate) fn print(rows: &[Row], out: &mut impl io::Write) -> io::Result<()> {
    writeln!(
        out,
        "{:<10} {:>9} {:>5} {:>6}  {:>7} {:>7} {:<24}  {:>8} {:>9}  {:>7} {:>7}  {:>7} {:>7}",
        "class",
        "instances",
        "runs",
        "failed",
        "mean %",
        "worst %",
        "of (seed)",
        "left out",
        "reference",
        "wall s",
        "worst",
        "cpu s",
        "worst"
    )?;
    let mut classes: BTreeMap<&str, Vec<&Row>> = BTreeMap::new();
    for row in rows {
        classes.entry(&row.class).or_default().push(row);
    }
    for (class, rows) in classes {
        let mut instances: Vec<&str> = rows.iter().map(|row| &*row.instance).collect();
        instances.dedup();
        let gaps = rows.iter().filter_map(|row| Some((row.gap_pct?, *row)));
        let gaps: Vec<(f64, &Row)> = gaps.collect();
        let of = gaps.iter().max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, row)| row);
        let of = of.map_or(String::new(), |row| format!("{} ({})", row.instance, row.seed));
        let gap = Spread::of(gaps.iter().map(|(gap, _)| *gap));
        let wall = Spread::of(rows.iter().map(|row| row.wall_s));
        let cpu = Spread::of(rows.iter().filter_map(|row| row.cpu_s));
        let sum = |count: fn(&Row) -> usize| rows.iter().map(|row| count(row)).sum::<usize>();
        writeln!(
            out,
            "{class:<10} {:>9} {:>5} {:>6}  {:>7} {:>7} {of:<24}  {:>8} {:>9}  {:>7} {:>7}  \
             {:>7} {:>7}",
            instances.len(),
            rows.len(),
            rows.len() - gaps.len(),
            gap.mean,
            gap.worst,
            sum(|row| row.unassigned),
            sum(|row| row.reference_unassigned),
            wall.mean,
            wall.worst,
            cpu.mean,
            cpu.worst,
        )?;
    }
    Ok(())
}

/// Mean and greatest of some numbers, as they are printed; strokes for none.
struct Spread {
    mean: String,
    worst: String,
}

impl Spread {
    fn of(values: impl Iterator<Item = f64>) -> Self {
        let values: Vec<f64> = values.collect();
        let Some(worst) = values.iter().copied().reduce(f64::max) else {
            return Self { mean: "-".to_owned(), worst: "-".to_owned() };
        };
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        Self { mean: format!("{mean:.3}"), worst: format!("{worst:.3}") }
    }
}
