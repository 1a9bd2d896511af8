//! The books of one call: which fix belongs to which message, and what became of each.

use super::append::Fate;
use super::counters::PipelineCounters;
use super::{Inbound, Ingested, Outcome, Tally};
use crate::telemetry::fix::Fix;
use crate::telemetry::form::Form;
use crate::telemetry::message::{Ignored, MESSAGE_BYTES_MAX};
use crate::telemetry::reading::encode_fix;
use crate::telemetry::store::{Appended, DeadLetter};

pub(super) struct Intake<'a> {
    batch: &'a [Inbound],
    progress: Vec<Progress>,
    /// Fixes for the store, in order of arrival.
    pub(super) fixes: Vec<Fix>,
    /// For each of `fixes`.
    origins: Vec<Origin>,
    /// For each of `fixes`, once the store has answered.
    fates: Vec<Fate>,
    refusals: Vec<Refusal>,
}

/// What became of one message so far.
#[derive(Default)]
pub(super) struct Progress {
    pub(super) tally: Tally,
    pub(super) unavailable: bool,
    pub(super) ignored: Vec<Ignored>,
    pub(super) mocks: u32,
}

struct Origin {
    message: usize,
    live: bool,
}

struct Refusal {
    message: usize,
    code: &'static str,
    detail: String,
    form: Form,
    payload: Vec<u8>,
}

impl<'a> Intake<'a> {
    pub(super) fn new(batch: &'a [Inbound]) -> Self {
        Self {
            batch,
            progress: batch.iter().map(|_| Progress::default()).collect(),
            fixes: Vec::with_capacity(batch.len()),
            origins: Vec::with_capacity(batch.len()),
            fates: Vec::new(),
            refusals: Vec::new(),
        }
    }

    /// What became of a message so far; `None` when the store could not answer.
    pub(super) fn so_far(&self, message: usize) -> Option<Tally> {
        let progress = &self.progress[message];
        (!progress.unavailable).then_some(progress.tally)
    }

    pub(super) fn tally(&mut self, message: usize) -> &mut Tally {
        &mut self.progress[message].tally
    }

    pub(super) fn accept(&mut self, message: usize, fix: Fix, live: bool) {
        self.fixes.push(fix);
        self.origins.push(Origin { message, live });
    }

    pub(super) fn refuse(
        &mut self,
        message: usize,
        code: &'static str,
        detail: String,
        (form, payload): (Form, Vec<u8>),
    ) {
        self.progress[message].tally.refused += 1;
        self.refusals.push(Refusal { message, code, detail, form, payload });
    }

    pub(super) fn form(&self, message: usize) -> Form {
        self.batch[message].form
    }

    /// Refuses a message as a whole.
    pub(super) fn refuse_message(&mut self, message: usize, code: &'static str, detail: String) {
        let payload = &self.batch[message].payload;
        let payload = payload[..payload.len().min(MESSAGE_BYTES_MAX)].to_vec();
        self.refuse(message, code, detail, (self.form(message), payload));
    }

    /// Counts a part of a message that says no position.
    pub(super) fn ignore(&mut self, message: usize, reason: Ignored) {
        let progress = &mut self.progress[message];
        progress.tally.ignored += 1;
        progress.ignored.push(reason);
    }

    /// Counts a position that the device says is made up.
    pub(super) fn note_mock(&mut self, message: usize, mock: bool) {
        self.progress[message].mocks += u32::from(mock);
    }

    /// Takes the store's answers, one for each of `fixes`.
    pub(super) fn settle(&mut self, fates: Vec<Fate>) {
        for (at, fate) in fates.iter().enumerate() {
            let message = self.origins[at].message;
            let progress = &mut self.progress[message];
            match fate {
                Fate::Durable(Appended::Stored) => progress.tally.stored += 1,
                Fate::Durable(Appended::Duplicate) => progress.tally.duplicates += 1,
                Fate::Durable(Appended::Conflict { .. }) => progress.tally.conflicts += 1,
                Fate::Unavailable => progress.unavailable = true,
                Fate::Poison(reason) => {
                    let payload = (Form::Canonical, encode_fix(&self.fixes[at]));
                    self.refuse(message, "store_refused", reason.clone(), payload);
                }
            }
        }
        self.fates = fates;
    }

    /// The fixes that the store has answered for.
    pub(super) fn durable(&self) -> impl Iterator<Item = &Fix> {
        let settled = self.fixes.iter().zip(&self.fates);
        settled.filter(|(_, fate)| matches!(fate, Fate::Durable(_))).map(|(fix, _)| fix)
    }

    pub(super) fn letters(&self) -> Vec<DeadLetter> {
        let letter = |refusal: &Refusal| DeadLetter {
            id: 0,
            received_at: self.batch[refusal.message].received_at,
            source: self.batch[refusal.message].source.clone(),
            partner: Some(self.batch[refusal.message].partner.clone()),
            form: refusal.form,
            code: refusal.code.to_owned(),
            detail: refusal.detail.clone(),
            payload: refusal.payload.clone(),
        };
        self.refusals.iter().map(letter).collect()
    }

    /// The dead letters could not be buried: their messages must come again.
    pub(super) fn letters_lost(&mut self) {
        for refusal in &self.refusals {
            self.progress[refusal.message].unavailable = true;
        }
    }

    pub(super) fn finish(self, counters: &PipelineCounters) -> Ingested {
        // The first refusal of each message speaks for it; those of whole messages and of single
        // fixes come before the store's.
        let mut first: Vec<Option<(&'static str, String)>> = vec![None; self.progress.len()];
        for refusal in self.refusals {
            first[refusal.message].get_or_insert((refusal.code, refusal.detail));
        }
        let outcomes = self.progress.into_iter().zip(first).map(|(progress, first)| {
            counters.count_message(&progress);
            let Tally { refused, .. } = progress.tally;
            match first {
                _ if progress.unavailable => Outcome::Unavailable,
                Some((code, detail))
                    if progress.tally == (Tally { refused, ..Tally::default() }) =>
                {
                    Outcome::Rejected { code, detail }
                }
                _ => Outcome::Taken(progress.tally),
            }
        });
        let outcomes = outcomes.collect();
        let (mut live, mut late) = (Vec::with_capacity(self.fixes.len()), Vec::new());
        for ((fix, origin), fate) in self.fixes.into_iter().zip(self.origins).zip(self.fates) {
            match fate {
                Fate::Durable(Appended::Stored) if origin.live => live.push(fix),
                Fate::Durable(Appended::Stored) => late.push(fix),
                _ => {}
            }
        }
        live.sort_by_key(|fix| fix.ts);
        Ingested { outcomes, live, late }
    }
}
