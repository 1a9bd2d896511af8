//! What the program prints.

use std::io::{self, Write as _};

use logistics_dispatch::formats::Instance;
use logistics_dispatch::{Problem, Solution, Verdict, Violation};

/// One line with the whole chain of causes.
pub(crate) fn complain(error: &anyhow::Error) {
    let line: Vec<String> = error.chain().map(ToString::to_string).collect();
    let _ = writeln!(io::stderr(), "vrp: {}", line.join(": "));
}

/// Everything that the JSON line is made of.
pub(crate) struct Line<'a> {
    pub(crate) name: String,
    pub(crate) instance: &'a Instance,
    pub(crate) plan: &'a Solution,
    pub(crate) verdict: &'a Verdict,
    pub(crate) iterations: u64,
    pub(crate) wall_s: f64,
    pub(crate) bks: Option<f64>,
}

impl Line<'_> {
    /// Does the plan hold, and serve whom the format wants served?
    pub(crate) fn is_complete(&self) -> bool {
        let all_served = self.verdict.score.unserved_jobs == 0;
        self.verdict.is_feasible() && (all_served || !self.instance.must_serve_all())
    }

    /// In the file's unit.
    pub(crate) fn cost(&self) -> String {
        self.instance.display_cost(self.verdict.cost())
    }

    /// Vehicles that drive.
    pub(crate) fn vehicles(&self) -> usize {
        self.plan.routes.iter().filter(|route| !route.jobs.is_empty()).count()
    }

    /// Cost above the best known, in per cent; not a number if none is known.
    pub(crate) fn gap(&self) -> anyhow::Result<f64> {
        let bks = self.bks.filter(|&bks| bks > 0.0).unwrap_or(f64::NAN);
        Ok((self.cost().parse::<f64>()? - bks) / bks * 100.0)
    }

    /// The line, with the fields of `more` at its end.
    pub(crate) fn print(
        &self,
        out: &mut impl io::Write,
        more: Option<&serde_json::Value>,
    ) -> anyhow::Result<()> {
        let cost = self.cost();
        let vehicles = self.vehicles();
        write!(
            out,
            "{{\"instance\":{},\"n\":{},\"cost\":{cost},\"vehicles\":{vehicles},\
             \"unassigned\":{},\"feasible\":{},\"iterations\":{},\"wall_s\":{:.3}",
            serde_json::to_string(&self.name)?,
            self.instance.problem.jobs().len(),
            self.verdict.score.unserved_jobs,
            self.is_complete(),
            self.iterations,
            self.wall_s,
        )?;
        let gap = self.gap()?;
        if gap.is_finite() {
            write!(out, ",\"gap_pct\":{gap:.3}")?;
        }
        for (name, value) in more.and_then(serde_json::Value::as_object).into_iter().flatten() {
            write!(out, ",\"{name}\":{value}")?;
        }
        writeln!(out, "}}")?;
        Ok(())
    }
}

/// Every violation on a line of its own, by the names of the file.
pub(crate) fn violations(problem: &Problem, found: &[Violation]) {
    let mut err = io::stderr().lock();
    for violation in found {
        let vehicle = violation.vehicle.map(|index| match problem.vehicle(index) {
            Some(vehicle) => format!("vehicle {}: ", vehicle.id),
            None => format!("vehicle number {}: ", index.index().saturating_add(1)),
        });
        let job = violation.job.map(|index| match problem.job(index) {
            Some(job) => format!("job {}: ", job.id),
            None => format!("job number {}: ", index.index().saturating_add(1)),
        });
        let (vehicle, job) = (vehicle.unwrap_or_default(), job.unwrap_or_default());
        let _ = writeln!(err, "vrp: {vehicle}{job}{}", violation.kind);
    }
}
