//! The GPS side of the server: messages in, durable fixes, then what follows from them.

mod board;
mod devices;
mod evaluate;
mod track;
mod view;

use std::sync::Arc;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use logistics_core::PartnerId;
use logistics_core::telemetry::{
    DeadLetter, Fix, Inbound, Ingested, Outcome, Pipeline, PipelinePolicy, PipelineSnapshot,
    Replay, Replayed,
};
use tokio::sync::{Mutex, mpsc};

pub(crate) use board::{Board, Planned};
pub(crate) use devices::Devices;
pub(crate) use evaluate::{catch_up, run};
pub(crate) use view::PartnerView;

use crate::app::midnight;
use crate::day_routes::LateDays;
use crate::ports::Ports;

/// Batches of stored fixes that may wait for evaluation; at that number, ingestion waits too.
const WAITING_MAX: usize = 1_024;

/// What is to be looked at after a batch was stored.
#[derive(Debug)]
pub(crate) enum Work {
    /// Newly stored fixes, in the order of their time.
    Fixes(Vec<Fix>),
    /// A partner's link came or went.
    Status(PartnerId),
}

/// Takes in fixes: durable first, evaluated after.
pub(crate) struct Gps {
    pipeline: Pipeline,
    work: mpsc::Sender<Work>,
    waiting: Mutex<Option<mpsc::Receiver<Work>>>,
    zone: Tz,
    late_days: LateDays,
}

impl Gps {
    /// `zone` is that of business days.
    pub(crate) fn new(ports: &Ports, board: &Arc<Board>, policy: PipelinePolicy, zone: Tz) -> Self {
        let board = Arc::clone(board);
        let knows = move |partner: &PartnerId| board.knows(partner);
        let (fixes, dead_letters) = (Arc::clone(&ports.fixes), Arc::clone(&ports.dead_letters));
        let pipeline = Pipeline::new(fixes, dead_letters, Arc::new(knows), policy);
        let (work, waiting) = mpsc::channel(WAITING_MAX);
        let (waiting, late_days) = (Mutex::new(Some(waiting)), LateDays::default());
        Self { pipeline, work, waiting, zone, late_days }
    }

    /// Takes messages; when it returns, what is not `Unavailable` is durable.
    pub(crate) async fn ingest(&self, batch: Vec<Inbound>, now: DateTime<Utc>) -> Vec<Outcome> {
        let Ingested { outcomes, live, late } = self.pipeline.ingest(batch, now).await;
        self.evaluate(live, &late, now).await;
        outcomes
    }

    /// Takes a dead letter in again.
    pub(crate) async fn replay(&self, letter: &DeadLetter, now: DateTime<Utc>) -> Replayed {
        let Replay { outcome, live, late } = self.pipeline.replay(letter, now).await;
        self.evaluate(live, &late, now).await;
        outcome
    }

    /// The days over which fixes came late.
    pub(crate) fn late_days(&self) -> &LateDays {
        &self.late_days
    }

    async fn evaluate(&self, live: Vec<Fix>, late: &[Fix], now: DateTime<Utc>) {
        let date_of = |at: DateTime<Utc>| at.with_timezone(&self.zone).date_naive();
        let today = midnight(self.zone, date_of(now));
        self.late_days.note(live.iter().chain(late), today, date_of);
        if !live.is_empty() {
            // Only a server that is stopping has nobody to evaluate; the next start will.
            let _ = self.work.send(Work::Fixes(live)).await;
        }
    }

    /// A partner's link came or went; its status is looked at soon, or at the next round.
    pub(crate) fn status_may_have_changed(&self, partner: PartnerId) {
        let _ = self.work.try_send(Work::Status(partner));
    }

    pub(crate) fn counters(&self) -> PipelineSnapshot {
        self.pipeline.counters().snapshot()
    }
}
