//! A VROOM solution, as a plan for a problem.

use std::collections::BTreeMap;

use serde_json::Value;

use super::Kind;
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
    let job = |kind: Kind, id: u64| JobIndex::new(find(&jobs, &kind.job_id(id)));
    let vehicle = |id: u64| VehicleIndex::new(find(&vehicles, &id.to_string()));
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
            let name = fields.text("type")?;
            // Where breaks fit is reckoned anew.
            if matches!(name, Some("start" | "end" | "break")) {
                continue;
            }
            let Some(kind) = Kind::ALL.into_iter().find(|kind| name == Some(kind.name())) else {
                let path = fields.path("type");
                return Err(FormatError::field(path, "start, job, pickup, delivery, break or end"));
            };
            let key = if fields.get("id").is_some() { "id" } else { "job" };
            stops.push(job(kind, self::id(&mut fields, key)?));
        }
        plan.routes.push(Route::new(vehicle(id), stops));
    }
    for (index, value) in fields.list("unassigned")?.iter().enumerate() {
        let mut fields = Fields::new(format!("unassigned[{index}]"), value)?;
        let name = fields.text("type")?;
        let kind = Kind::ALL.into_iter().find(|kind| name == Some(kind.name()));
        plan.unassigned.push(job(kind.unwrap_or_default(), id(&mut fields, "id")?));
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

fn find(known: &BTreeMap<&str, usize>, id: &str) -> usize {
    known.get(id).copied().unwrap_or(usize::MAX)
}
