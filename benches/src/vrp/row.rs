//! One run of one instance: a row of the CSV file and of the table.

use std::fs::File;
use std::path::Path;

use anyhow::Context as _;
use serde::Serialize;

use crate::reference::Reference;
use crate::report::Line;

/// What a job left out costs in a comparison: an hour of travel at VROOM's prices.
const LEFT_OUT_COST: f64 = 3_600.0;

/// The columns of the file, in this order; `None` is an empty cell.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Row {
    pub(crate) class: String,
    pub(crate) instance: String,
    pub(crate) n: usize,
    pub(crate) seed: u64,
    pub(crate) cost: f64,
    pub(crate) reference_cost: f64,
    /// As [`charged_gap`] says; `None` if the plan is no answer in its format.
    pub(crate) gap_pct: Option<f64>,
    pub(crate) unassigned: usize,
    pub(crate) reference_unassigned: usize,
    pub(crate) vehicles: usize,
    pub(crate) feasible: bool,
    pub(crate) iterations: u64,
    pub(crate) wall_s: f64,
    pub(crate) cpu_s: Option<f64>,
}

/// Cost above the reference, in per cent of it. Each job more (or less) left out than in the
/// reference is charged (or credited) with an hour of travel: else a plan would look good for
/// what it does not do.
pub(crate) fn charged_gap(cost: f64, left_out: usize, reference: &Reference) -> f64 {
    let more = left_out as f64 - reference.unassigned as f64;
    (cost + more * LEFT_OUT_COST - reference.cost) / reference.cost * 100.0
}

impl Row {
    pub(crate) fn new(
        line: &Line<'_>,
        reference: &Reference,
        seed: u64,
        cpu_s: Option<f64>,
    ) -> anyhow::Result<Self> {
        let cost = line.cost().parse()?;
        let (unassigned, feasible) = (line.verdict.score.unserved_jobs, line.is_complete());
        Ok(Self {
            class: reference.class.clone(),
            instance: line.name.clone(),
            n: line.instance.problem.jobs().len(),
            seed,
            cost,
            reference_cost: reference.cost,
            gap_pct: feasible.then(|| charged_gap(cost, unassigned, reference)),
            unassigned,
            reference_unassigned: reference.unassigned,
            vehicles: line.vehicles(),
            feasible,
            iterations: line.iterations,
            wall_s: line.wall_s,
            cpu_s,
        })
    }
}

/// The file of rows; each is there as soon as its run is over.
pub(crate) struct Csv {
    name: String,
    writer: csv::Writer<File>,
}

impl Csv {
    pub(crate) fn create(file: &Path) -> anyhow::Result<Self> {
        let name = file.display().to_string();
        let writer = csv::Writer::from_path(file).with_context(|| name.clone())?;
        Ok(Self { name, writer })
    }

    pub(crate) fn add(&mut self, row: &Row) -> anyhow::Result<()> {
        self.writer.serialize(row).with_context(|| self.name.clone())?;
        self.writer.flush().with_context(|| self.name.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_more_left_out_costs_an_hour_and_a_job_less_earns_it() {
        let reference = Reference { class: "dispatch".to_owned(), unassigned: 1, cost: 7_200.0 };
        let gaps = [(7_200.0, 1), (7_200.0, 2), (7_200.0, 0), (7_344.0, 1)]
            .map(|(cost, left_out)| charged_gap(cost, left_out, &reference).to_string());
        assert_eq!(gaps, ["0", "50", "-50", "2"]);
    }
}
