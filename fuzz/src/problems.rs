//! Problem files in the notations that the dispatcher reads.

use logistics_dispatch::formats::{Format, Instance};
use logistics_dispatch::{check, savings};

const BYTES_MAX: usize = 16 << 10;
/// Larger problems are read but not solved.
const JOBS_MAX: usize = 40;
const VEHICLES_MAX: usize = 40;

/// A VRPLIB file.
pub fn vrplib(data: &[u8]) {
    problem(data, Format::Vrplib);
}

/// A file in Solomon's notation.
pub fn solomon(data: &[u8]) {
    problem(data, Format::Solomon);
}

/// A problem in VROOM's JSON.
pub fn vroom(data: &[u8]) {
    problem(data, Format::Vroom);
}

/// What is read has a plan by savings that keeps every constraint, and the plan, written in the
/// file's notation, is read as one that is as good.
fn problem(data: &[u8], format: Format) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    if text.len() > BYTES_MAX {
        return;
    }
    let _ = Format::detect(text);
    let Ok(instance) = Instance::parse(text, format) else { return };
    let problem = &instance.problem;
    // Not a problem's own plan, and mostly not a plan at all.
    let _ = instance.parse_solution(text);
    if problem.jobs().len() > JOBS_MAX || problem.vehicles().len() > VEHICLES_MAX {
        return;
    }
    let plan = savings(problem);
    let verdict = check(problem, &plan);
    assert!(verdict.is_feasible(), "{:?}", verdict.violations);
    let written = instance.write_solution(&plan);
    let again = match instance.parse_solution(&written) {
        Ok(again) => check(problem, &again),
        Err(error) => panic!("{error}: {written}"),
    };
    assert_eq!((again.score, &again.violations), (verdict.score, &verdict.violations), "{written}");
}
