//! The ingestion pipeline: from messages as they arrive to fixes that are durable.
//!
//! parse → is the partner known → accuracy → clock → duplicates → one durable append. Evaluation
//! (zones, status, live views) is the caller's, over [`Ingested::live`]. Knows no runtime: its
//! futures wait on the ports alone.

mod append;
mod counters;
mod intake;
mod replay;

use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};

use self::append::append_isolating;
use self::intake::Intake;
use super::dedup::{DedupWindow, Novelty};
use super::filter::{FilterPolicy, Verdict, judge};
use super::fix::Fix;
use super::form::Form;
use super::message::Item;
use super::reading::encode_fix;
use super::store::{DeadLetters, FixStore};
use crate::ids::PartnerId;

pub use self::counters::{PipelineCounters, PipelineSnapshot};
pub use self::replay::{Replay, Replayed};

/// A message as it arrived.
#[derive(Debug, Clone, PartialEq)]
pub struct Inbound {
    /// Whose device sent it: the sender's proven identity, never what the message says.
    pub partner: PartnerId,
    /// Where it came from, such as an MQTT topic.
    pub source: String,
    /// How it is written.
    pub form: Form,
    /// Its bytes.
    pub payload: Vec<u8>,
    /// When it arrived.
    pub received_at: DateTime<Utc>,
}

/// What became of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Done with: acknowledge it.
    Taken(Tally),
    /// Nothing of it could be taken; it is among the dead letters: acknowledge it, or tell the
    /// sender why.
    Rejected {
        /// A word for the reason that never changes.
        code: &'static str,
        /// The reason in words; of several, the first.
        detail: String,
    },
    /// The store could not take it: do not acknowledge it, the device sends it again.
    Unavailable,
}

impl Outcome {
    /// Whether all that had to be made durable is: only then may the device forget the message.
    #[must_use]
    pub fn is_durable(&self) -> bool {
        !matches!(self, Self::Unavailable)
    }
}

/// How many fixes of a message met which fate.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Stored, and new.
    pub stored: u32,
    /// Already there.
    pub duplicates: u32,
    /// Another fix of the same partner and time was there; the better one is kept.
    pub conflicts: u32,
    /// Too inaccurate.
    pub filtered: u32,
    /// Parts that say no position, and are not meant to.
    pub ignored: u32,
    /// Put among the dead letters.
    pub refused: u32,
}

/// What [`Pipeline::ingest`] did.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Ingested {
    /// One for each message, in their order.
    pub outcomes: Vec<Outcome>,
    /// The fixes that are newly stored and young enough to set something off, oldest first.
    pub live: Vec<Fix>,
    /// The fixes that are newly stored and too old for that, in order of arrival: they change what
    /// was made of the past.
    pub late: Vec<Fix>,
}

/// Who may report positions.
pub trait PartnerDirectory: Send + Sync {
    /// Whether `partner` is enrolled.
    fn knows(&self, partner: &PartnerId) -> bool;
}

impl<F: Fn(&PartnerId) -> bool + Send + Sync> PartnerDirectory for F {
    fn knows(&self, partner: &PartnerId) -> bool {
        self(partner)
    }
}

/// Limits of the pipeline.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PipelinePolicy {
    /// Limits of the filter.
    pub filter: FilterPolicy,
    /// How long a stored fix is remembered in front of the store.
    pub dedup_window: TimeDelta,
    /// How many stored fixes are remembered in front of the store, at most.
    pub dedup_capacity: usize,
}

impl Default for PipelinePolicy {
    fn default() -> Self {
        Self {
            filter: FilterPolicy::default(),
            dedup_window: TimeDelta::seconds(5),
            dedup_capacity: 65_536,
        }
    }
}

/// The ingestion pipeline over its two ports. Safe to share; concurrent calls do not wait for one
/// another here.
pub struct Pipeline {
    fixes: Arc<dyn FixStore>,
    dead_letters: Arc<dyn DeadLetters>,
    partners: Arc<dyn PartnerDirectory>,
    policy: PipelinePolicy,
    seen: Mutex<DedupWindow>,
    counters: PipelineCounters,
}

impl std::fmt::Debug for Pipeline {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pipeline")
            .field("policy", &self.policy)
            .field("counters", &self.counters)
            .finish_non_exhaustive()
    }
}

impl Pipeline {
    /// A pipeline that stores in `fixes`, buries in `dead_letters`, and takes messages of the
    /// partners that `partners` knows.
    #[must_use]
    pub fn new(
        fixes: Arc<dyn FixStore>,
        dead_letters: Arc<dyn DeadLetters>,
        partners: Arc<dyn PartnerDirectory>,
        policy: PipelinePolicy,
    ) -> Self {
        let seen = Mutex::new(DedupWindow::new(policy.dedup_window, policy.dedup_capacity));
        let counters = PipelineCounters::default();
        Self { fixes, dead_letters, partners, policy, seen, counters }
    }

    /// What the pipeline has done since it was made.
    #[must_use]
    pub fn counters(&self) -> &PipelineCounters {
        &self.counters
    }

    /// Takes messages in, at the time `now`: what is new is durable when this returns.
    ///
    /// A fix that the store refuses on its own account is isolated by halving the batch, and goes
    /// to the dead letters with the store's reason; a store that cannot answer leaves every message
    /// that needed it [`Outcome::Unavailable`]. Either way [`Ingested::live`] has what was stored:
    /// a message that is sent again finds its fixes stored, and would not set them off.
    pub async fn ingest(&self, batch: Vec<Inbound>, now: DateTime<Utc>) -> Ingested {
        let mut intake = self.store(&batch, now).await;
        let letters = intake.letters();
        if !letters.is_empty() {
            match self.dead_letters.bury(&letters).await {
                Ok(()) => self.counters.count_buried(&letters),
                Err(_) => intake.letters_lost(),
            }
        }
        intake.finish(&self.counters)
    }

    /// Reads the messages and stores what is in them; what was refused is not kept yet.
    async fn store<'a>(&self, batch: &'a [Inbound], now: DateTime<Utc>) -> Intake<'a> {
        let mut intake = Intake::new(batch);
        for (message, inbound) in batch.iter().enumerate() {
            self.read(&mut intake, message, inbound, now);
        }
        if !intake.fixes.is_empty() {
            let fates = append_isolating(&*self.fixes, &intake.fixes).await;
            intake.settle(fates);
            let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
            for fix in intake.durable() {
                seen.remember(fix, now);
            }
        }
        intake
    }

    /// Decides each fix of a message as far as that goes without the store.
    fn read(&self, intake: &mut Intake<'_>, message: usize, inbound: &Inbound, now: DateTime<Utc>) {
        if !self.partners.knows(&inbound.partner) {
            let detail = format!("partner {} is not enrolled", inbound.partner);
            intake.refuse_message(message, "unknown_partner", detail);
            return;
        }
        let assumed_m = self.policy.filter.assumed_accuracy_m;
        match inbound.form.parse(&inbound.partner, &inbound.payload, assumed_m) {
            Err(error) => intake.refuse_message(message, error.code(), error.to_string()),
            Ok(parsed) => {
                parsed.ignored.iter().for_each(|&reason| intake.ignore(message, reason));
                for (index, item) in parsed.items.into_iter().enumerate() {
                    let index = parsed.batch.then_some(index);
                    self.sort(intake, message, index, item, now);
                }
            }
        }
    }

    fn sort(
        &self,
        intake: &mut Intake<'_>,
        message: usize,
        index: Option<usize>,
        item: Item<'_>,
        now: DateTime<Utc>,
    ) {
        intake.note_mock(message, item.mock);
        let fix = match item.fix {
            Ok(fix) => fix,
            Err(error) => {
                let detail = match index {
                    Some(index) => format!("fixes[{index}]: {error}"),
                    None => error.to_string(),
                };
                let form = intake.form(message);
                intake.refuse(message, error.code(), detail, (form, item.raw.to_vec()));
                return;
            }
        };
        match judge(&fix, now, &self.policy.filter) {
            Verdict::Discard(_) => intake.tally(message).filtered += 1,
            Verdict::Quarantine(reason) => {
                let detail = format!("ts {} is ahead of {now}", fix.ts);
                let payload = (Form::Canonical, encode_fix(&fix));
                intake.refuse(message, reason.code(), detail, payload);
            }
            Verdict::Accept { live } => {
                let novelty = {
                    let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
                    seen.observe(&fix, now)
                };
                match novelty {
                    Novelty::Duplicate => intake.tally(message).duplicates += 1,
                    Novelty::New | Novelty::MaybeConflict => intake.accept(message, fix, live),
                }
            }
        }
    }
}
