//! `.sol` files: `Route #k: …` lines and `Cost …`, customers numbered without the depot.

use core::fmt::Write as _;

use super::numbers::count;
use super::{FormatError, Instance};
use crate::check::check;
use crate::problem::{JobIndex, Problem, VehicleIndex};
use crate::solution::{Route, Solution};

pub(super) fn parse(
    problem: &Problem,
    numbered: bool,
    text: &str,
) -> Result<Solution, FormatError> {
    let mut plan = Solution::default();
    let mut served = vec![false; problem.jobs().len()];
    for (number, line) in (1..).zip(text.lines().map(str::trim)) {
        let lower = line.to_ascii_lowercase();
        if line.is_empty() || !lower.starts_with("route") {
            if line.is_empty() || lower.starts_with("cost") {
                continue;
            }
            return Err(FormatError::line(number, "`Route #k: …` or `Cost …`", line));
        }
        let Some((head, stops)) = line.split_once(':') else {
            return Err(FormatError::line(number, "`Route #k: …`", line));
        };
        let mut jobs = Vec::new();
        for word in stops.split_whitespace() {
            let customer = count(word, number)?;
            if customer == 0 {
                return Err(FormatError::line(number, "customers from 1", word));
            }
            if let Some(served) = served.get_mut(customer - 1) {
                *served = true;
            }
            jobs.push(JobIndex::new(customer - 1));
        }
        if jobs.is_empty() {
            continue;
        }
        let vehicle = if numbered {
            let label = head.trim_start_matches(|c: char| !c.is_ascii_digit());
            count(label.trim(), number)?.saturating_sub(1)
        } else {
            plan.routes.len()
        };
        plan.routes.push(Route::new(VehicleIndex::new(vehicle), jobs));
    }
    let missing = served.iter().enumerate().filter(|&(_, &served)| !served);
    plan.unassigned = missing.map(|(index, _)| JobIndex::new(index)).collect();
    Ok(plan)
}

pub(super) fn write(instance: &Instance, numbered: bool, plan: &Solution) -> String {
    let mut text = String::new();
    let mut line = |number: usize, jobs: &[JobIndex]| {
        let _ = write!(text, "Route #{number}:");
        for job in jobs {
            let _ = write!(text, " {}", job.index() + 1);
        }
        text.push('\n');
    };
    if numbered {
        // A route's number is its vehicle's, so unused vehicles have empty lines.
        let last = plan.routes.iter().map(|route| route.vehicle.index() + 1).max().unwrap_or(0);
        for vehicle in 0..last {
            let route = plan.routes.iter().find(|route| route.vehicle.index() == vehicle);
            line(vehicle + 1, route.map_or(&[], |route| &route.jobs));
        }
    } else {
        for (number, route) in (1..).zip(&plan.routes) {
            line(number, &route.jobs);
        }
    }
    let cost = check(&instance.problem, plan).cost();
    let _ = writeln!(text, "Cost {}", instance.display_cost(cost));
    text
}
