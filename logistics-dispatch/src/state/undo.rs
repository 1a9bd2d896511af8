//! Undo by touched routes: a rejected step costs as much as it changed.

use super::State;

/// What the routes that a step touches looked like before it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Journal {
    saved: Vec<(u32, Vec<u32>)>,
    used: usize,
    bank: Vec<u32>,
    touched: Vec<bool>,
}

impl Journal {
    /// Begins a step.
    pub(crate) fn begin(&mut self, state: &State<'_>) {
        for (line, _) in &self.saved[..self.used] {
            self.touched[*line as usize] = false;
        }
        self.used = 0;
        self.touched.resize(state.lines.len(), false);
        self.recall_bank(&state.bank);
    }

    /// Is the route already part of this step?
    pub(crate) fn has(&self, line: u32) -> bool {
        self.touched[line as usize]
    }

    /// Who was left out before the step.
    pub(crate) fn bank(&self) -> &[u32] {
        &self.bank
    }

    /// How many routes the step has touched.
    pub(crate) fn count(&self) -> usize {
        self.used
    }

    /// The `index`-th route that the step touched.
    pub(crate) fn line(&self, index: usize) -> u32 {
        self.saved[index].0
    }

    /// Remembers a route before its first change in this step.
    pub(crate) fn save(&mut self, state: &State<'_>, line: u32) {
        if !self.has(line) {
            self.recall(line, &state.lines[line as usize].stops);
        }
    }

    /// What `undo` is to make of a route that is not part of the step yet.
    pub(crate) fn recall(&mut self, line: u32, old: &[u32]) {
        self.touched[line as usize] = true;
        if self.used == self.saved.len() {
            self.saved.push((line, Vec::new()));
        }
        let (id, stops) = &mut self.saved[self.used];
        *id = line;
        stops.clear();
        stops.extend_from_slice(old);
        self.used += 1;
    }

    /// What `undo` is to make of the bank.
    pub(crate) fn recall_bank(&mut self, bank: &[u32]) {
        self.bank.clear();
        self.bank.extend_from_slice(bank);
    }

    /// Puts every touched route back.
    pub(crate) fn undo(&self, state: &mut State<'_>) {
        let saved = || self.saved[..self.used].iter();
        for (line, old) in saved() {
            let now_empty = state.lines[*line as usize].stops.is_empty();
            match (now_empty, old.is_empty()) {
                (true, false) => state.take(*line),
                (false, true) => state.release(*line),
                _ => {}
            }
            let stops = &mut state.lines[*line as usize].stops;
            stops.clear();
            stops.extend_from_slice(old);
        }
        for (line, _) in saved() {
            state.refresh(*line);
        }
        state.bank.clear();
        state.bank.extend_from_slice(&self.bank);
        for &job in &self.bank {
            state.homes[job as usize] = super::NONE;
            if state.is_paired(job) {
                state.homes[state.model.partner[job as usize] as usize] = super::NONE;
            }
        }
    }
}
