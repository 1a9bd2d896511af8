//! The retained manifests that a client's subscriptions are still to find. They outlive the
//! connection: a client that left before the host answered has them looked up when it is back.

use std::collections::VecDeque;

use logistics_core::PartnerId;

use super::filter::Coverage;

/// What one subscription is still to find.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Owed {
    pub(super) coverage: Coverage,
    /// At QoS 1.
    pub(super) acknowledged: bool,
}

/// All that one client is owed, each once, in the order it is asked for.
#[derive(Debug, Default)]
pub(super) struct Debts(VecDeque<Owed>);

impl Debts {
    pub(super) fn add(&mut self, owed: Owed) {
        if !self.0.contains(&owed) {
            self.0.push_back(owed);
        }
    }

    pub(super) fn next(&self) -> Option<Owed> {
        self.0.front().cloned()
    }

    /// Whether it was still owed.
    pub(super) fn settle(&mut self, owed: &Owed) -> bool {
        let at = self.0.iter().position(|one| one == owed);
        at.and_then(|at| self.0.remove(at)).is_some()
    }

    /// Puts a debt behind all others.
    pub(super) fn postpone(&mut self, owed: &Owed) {
        if self.settle(owed) {
            self.0.push_back(owed.clone());
        }
    }

    /// Puts one debt for each of these partners in the place of one for all.
    pub(super) fn divide(&mut self, owed: &Owed, partners: Vec<PartnerId>) {
        if self.settle(owed) {
            for partner in partners {
                self.add(Owed { coverage: Coverage::One(partner), ..*owed });
            }
        }
    }

    /// Keeps what this says yes to.
    pub(super) fn retain(&mut self, keep: impl FnMut(&Owed) -> bool) {
        self.0.retain(keep);
    }
}
