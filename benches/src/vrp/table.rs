//! The table of a bench: per class how far from the reference, and how long it took.

use std::collections::BTreeMap;
use std::io;

/// One run of one instance.
#[derive(Clone, Debug)]
pub(crate) struct Run {
    pub(crate) instance: String,
    /// Cost above the reference, in per cent.
    pub(crate) gap: f64,
    pub(crate) left_out: usize,
    /// Jobs that the reference leaves out.
    pub(crate) expected: usize,
    pub(crate) wall_s: f64,
    pub(crate) cpu_s: Option<f64>,
}

#[derive(Debug, Default)]
pub(crate) struct Table {
    classes: BTreeMap<String, Vec<Run>>,
}

impl Table {
    pub(crate) fn add(&mut self, class: &str, run: Run) {
        self.classes.entry(class.to_owned()).or_default().push(run);
    }

    /// Costs are compared where as many are served as in the reference; the others
    /// show in the number of jobs left out.
    pub(crate) fn print(&self, out: &mut impl io::Write) -> io::Result<()> {
        writeln!(
            out,
            "{:<10} {:>4}  {:>7} {:>7} {:<16} {:>8} {:>9}  {:>7} {:>7}",
            "class", "runs", "mean %", "worst %", "of", "left out", "reference", "wall s", "cpu s"
        )?;
        for (class, runs) in &self.classes {
            let alike: Vec<&Run> = runs.iter().filter(|run| run.left_out == run.expected).collect();
            let worst = alike.iter().max_by(|a, b| a.gap.total_cmp(&b.gap));
            let gaps: Vec<f64> = alike.iter().map(|run| run.gap).collect();
            let wall: Vec<f64> = runs.iter().map(|run| run.wall_s).collect();
            let cpu: Vec<f64> = runs.iter().filter_map(|run| run.cpu_s).collect();
            let sum = |count: fn(&Run) -> usize| runs.iter().map(count).sum::<usize>();
            writeln!(
                out,
                "{class:<10} {:>4}  {:>7.3} {:>7.3} {:<16} {:>8} {:>9}  {:>7.3} {:>7.3}",
                runs.len(),
                mean(&gaps),
                worst.map_or(f64::NAN, |run| run.gap),
                worst.map_or("", |run| &run.instance),
                sum(|run| run.left_out),
                sum(|run| run.expected),
                mean(&wall),
                mean(&cpu),
            )?;
        }
        Ok(())
    }
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}
