//! A VROOM solution, as a plan for a problem.

use std::collections::BTreeMap;

use serde_json::Value;

use super::value::Fields;
use crate::formats::FormatError;
use crate::problem::{JobIndex, Problem, VehicleIndex};
use crate::solution::{Route, Solution};

/// Reads `routes` and `unassigned`; everything else is the solver's own account.
pub(in crate::formats) fn parse_solution(
    problem: &Problem,
    text: &str,
) -> Result<Solution, FormatError> {
    let value: Value = serde_json::from_str(text).map_err(FormatError::Json)?;
    let jobs: BTreeMap<&str, usize> =
        problem.jobs().iter().enumerate().map(|(index, job)| (job.id.as_str(), index)).collect();
    let vehicles: BTreeMap<&str, usize> =
        problem.vehicles().iter().enumerate().map(|(index, v)| (v.id.as_str(), index)).collect();
    // An id that the problem does not have is the checker's to report.
    let job = |id: u64| JobIndex::new(find(&jobs, id));
    let vehicle = |id: u64| VehicleIndex::new(find(&vehicles, id));
    let mut fields = Fields::new("", &value)?;
    if fields.get("routes").is_none() {
        return Err(FormatError::Missing("routes"));
    }
    let mut plan = Solution::default();
    let mut named = vec![false; problem.jobs().len()];
    for (index, value) in fields.list("routes")?.iter().enumerate() {
        let mut route = Fields::new(format!("routes[{index}]"), value)?;
        let id = id(&mut route, "vehicle")?;
        let mut stops = Vec::new();
        for (step, value) in route.list("steps")?.iter().enumerate() {
            let mut fields = Fields::new(format!("routes[{index}].steps[{step}]"), value)?;
            match fields.text("type")? {
                Some("start" | "end") => {}
                Some("job") => {
                    let key = if fields.get("id").is_some() { "id" } else { "job" };
                    stops.push(job(self::id(&mut fields, key)?));
                }
                _ => return Err(FormatError::field(fields.path("type"), "start, job or end")),
            }
        }
        plan.routes.push(Route { vehicle: vehicle(id), jobs: stops });
    }
    for (index, value) in fields.list("unassigned")?.iter().enumerate() {
        let mut fields = Fields::new(format!("unassigned[{index}]"), value)?;
        plan.unassigned.push(job(id(&mut fields, "id")?));
    }
    let all = plan.routes.iter().flat_map(|route| &route.jobs).chain(&plan.unassigned);
    for job in all {
        if let Some(named) = named.get_mut(job.index()) {
            *named = true;
        }
    }
    let missing = named.iter().enumerate().filter(|&(_, &named)| !named);
    plan.unassigned.extend(missing.map(|(index, _)| JobIndex::new(index)));
    Ok(plan)
}

fn id(fields: &mut Fields<'_>, name: &'static str) -> Result<u64, FormatError> {
    let id = fields.u64(name)?;
    id.ok_or_else(|| FormatError::field(fields.path(name), "a whole number from 0"))
}

fn find(known: &BTreeMap<&str, usize>, id: u64) -> usize {
    known.get(id.to_string().as_str()).copied().unwrap_or(usize::MAX)
}
