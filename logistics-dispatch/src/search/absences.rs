//! How often each job was left out: what makes the search try others in its place.

use crate::state::State;

/// Per job in how many plans it was left out that did not have to be, as in the fleet
/// minimization of Christiaens and Vanden Berghe 2020. Where vehicles are nearly full, one
/// job more finds a place only after others were left out in its stead for a while; cost
/// alone would keep the same ones out for good.
#[derive(Clone, Debug)]
pub(super) struct Absences(Vec<u64>);

impl Absences {
    pub(super) fn new(jobs: usize) -> Self {
        Self(vec![0; jobs])
    }

    /// One more plan leaves these jobs out.
    pub(super) fn note(&mut self, state: &State<'_>) {
        for &job in &state.bank {
            self.0[job as usize] += 1;
        }
    }

    /// Absences of all jobs of a bank that are to be served at any cost.
    pub(super) fn of(&self, state: &State<'_>, bank: &[u32]) -> u64 {
        let required = bank.iter().filter(|&&job| state.model.is_required(job));
        required.map(|&job| self.0[job as usize]).sum()
    }
}
