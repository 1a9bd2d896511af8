//! Taking a dead letter again, once what it was refused for is mended.

use chrono::{DateTime, Utc};

use super::{Inbound, Ingested, Pipeline, Tally};
use crate::eventsourcing::StoreError;
use crate::telemetry::fix::Fix;
use crate::telemetry::store::DeadLetter;

/// What became of a dead letter that was taken again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Replayed {
    /// It is done with, and removed. Fixes of it that were refused are letters of their own now.
    Taken(Tally),
    /// It was refused again, and is kept under its number with the new reason.
    Kept {
        /// A word for the reason that never changes.
        code: String,
        /// The reason in words.
        detail: String,
    },
    /// Nobody knows whose device it was: it is kept as it is.
    OfNobody,
    /// The store could not answer: it is kept as it is, unless it is removed by then.
    Unavailable,
}

/// What [`Pipeline::replay`] did.
#[derive(Debug, Clone, PartialEq)]
pub struct Replay {
    /// What became of the letter.
    pub outcome: Replayed,
    /// The fixes of it that are newly stored and young enough to set something off, oldest first.
    pub live: Vec<Fix>,
    /// The fixes of it that are newly stored and too old for that.
    pub late: Vec<Fix>,
}

impl Pipeline {
    /// Takes `letter` in as if its message arrived at `now`. A fix is stored once however often
    /// its letter is replayed, and by however many at once.
    ///
    /// The letter goes after its fixes are durable and after what was refused of it is kept, so a
    /// crash in between leaves it there, and perhaps refused fixes of it twice among the letters.
    pub async fn replay(&self, letter: &DeadLetter, now: DateTime<Utc>) -> Replay {
        let Some(partner) = letter.partner.clone() else {
            let outcome = Replayed::OfNobody;
            return Replay { outcome, live: Vec::new(), late: Vec::new() };
        };
        let inbound = Inbound {
            partner,
            source: letter.source.clone(),
            form: letter.form,
            payload: letter.payload.clone(),
            received_at: letter.received_at,
        };
        let batch = [inbound];
        let intake = self.store(&batch, now).await;
        let outcome = match intake.so_far(0) {
            None => Replayed::Unavailable,
            Some(tally) => {
                let settled = self.settle(letter, tally, intake.letters()).await;
                settled.unwrap_or(Replayed::Unavailable)
            }
        };
        let Ingested { live, late, .. } = intake.finish(&self.counters);
        Replay { outcome, live, late }
    }

    /// Puts `refused`, what could not be taken of `letter`, in its place.
    async fn settle(
        &self,
        letter: &DeadLetter,
        tally: Tally,
        mut refused: Vec<DeadLetter>,
    ) -> Result<Replayed, StoreError> {
        if tally == (Tally { refused: 1, ..Tally::default() })
            && let Some(again) = refused.pop()
        {
            let again = DeadLetter { id: letter.id, ..again };
            self.dead_letters.amend(&again).await?;
            return Ok(Replayed::Kept { code: again.code, detail: again.detail });
        }
        if !refused.is_empty() {
            self.dead_letters.bury(&refused).await?;
            self.counters.count_buried(&refused);
        }
        self.dead_letters.remove(letter.id).await?;
        Ok(Replayed::Taken(tally))
    }
}
