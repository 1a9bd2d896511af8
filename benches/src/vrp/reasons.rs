//! `vrp explain`: for every job left out what keeps it from each vehicle.

use std::io;

use logistics_dispatch::{Block, JobIndex, Problem, UnassignedReason, VehicleReason};
use serde_json::{Value, json};

/// Text for a person: per job the reasons, each with the vehicles that it holds for.
pub(crate) fn text(
    problem: &Problem,
    reasons: &[UnassignedReason],
    out: &mut impl io::Write,
) -> io::Result<()> {
    for reason in reasons {
        writeln!(out, "job {} is left out", name(problem, reason.job))?;
        let mut groups: Vec<(String, Vec<&str>)> = Vec::new();
        for kept in &reason.vehicles {
            let (why, vehicle) = (sentence(problem, kept), vehicle(problem, kept));
            match groups.iter_mut().find(|(known, _)| *known == why) {
                Some((_, vehicles)) => vehicles.push(vehicle),
                None => groups.push((why, vec![vehicle])),
            }
        }
        for (why, vehicles) in groups {
            let noun = if vehicles.len() == 1 { "vehicle" } else { "each of the vehicles" };
            writeln!(out, "  {noun} {} {why}", vehicles.join(", "))?;
        }
    }
    writeln!(out, "{} of {} jobs left out", reasons.len(), problem.jobs().len())
}

/// A JSON line for each job.
pub(crate) fn json(
    problem: &Problem,
    reasons: &[UnassignedReason],
    out: &mut impl io::Write,
) -> io::Result<()> {
    for reason in reasons {
        let vehicles = reason.vehicles.iter().map(|kept| {
            let needs = [kept.block].into_iter().chain(kept.also.iter().copied());
            let needs: Vec<Value> = needs.map(|block| relaxation(problem, block)).collect();
            json!({"vehicle": vehicle(problem, kept), "position": kept.position, "needs": needs})
        });
        let vehicles: Vec<Value> = vehicles.collect();
        writeln!(out, "{}", json!({"job": name(problem, reason.job), "vehicles": vehicles}))?;
    }
    Ok(())
}

fn name(problem: &Problem, job: JobIndex) -> &str {
    problem.job(job).map_or("", |job| &job.id)
}

fn vehicle<'p>(problem: &'p Problem, kept: &VehicleReason) -> &'p str {
    problem.vehicle(kept.vehicle).map_or("", |vehicle| &vehicle.id)
}

/// What must be relaxed, with the stops that would be late by their names.
fn sentence(problem: &Problem, kept: &VehicleReason) -> String {
    let blocks = [kept.block].into_iter().chain(kept.also.iter().copied());
    let parts: Vec<String> = blocks
        .map(|block| match block {
            Block::LaterStop { job, late } => {
                format!("would be {late} late at job {}", name(problem, job))
            }
            _ => block.to_string(),
        })
        .collect();
    parts.join(" and ")
}

/// One constraint, by how much it must give way; `text` says the same to a person.
fn relaxation(problem: &Problem, block: Block) -> Value {
    let text = block.to_string();
    match block {
        Block::Skill(skill) => json!({"kind": "skill", "skill": skill, "text": text}),
        Block::Capacity { dimension, short } => {
            json!({"kind": "capacity", "dimension": dimension, "short": short, "text": text})
        }
        Block::Pair => json!({"kind": "pair", "text": text}),
        Block::MaxJobs { short } => json!({"kind": "max_jobs", "short": short, "text": text}),
        Block::TravelTime { short } => {
            json!({"kind": "travel_time", "short_s": short, "text": text})
        }
        Block::Distance { short } => json!({"kind": "distance", "short_m": short, "text": text}),
        Block::Window { late } => json!({"kind": "window", "late_s": late, "text": text}),
        Block::LaterStop { job, late } => {
            let job = name(problem, job);
            json!({"kind": "later_stop", "job": job, "late_s": late, "text": text})
        }
        Block::ShiftEnd { late } => json!({"kind": "shift_end", "late_s": late, "text": text}),
        Block::Worth { short } => json!({"kind": "worth", "short": short, "text": text}),
        Block::Fits => json!({"kind": "fits", "text": text}),
        _ => json!({"kind": "other", "text": text}),
    }
}
