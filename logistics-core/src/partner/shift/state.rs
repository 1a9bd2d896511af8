//! What is known of a shift after folding its events.

use chrono::{DateTime, Utc};

use super::event::ShiftEvent;
use crate::ids::{PartnerId, ZoneId};
use crate::transitions::words;

words! {
    /// Where a shift stands.
    #[derive(Default)]
    pub enum ShiftPhase {
        /// It has not begun.
        #[default]
        NotStarted "not_started",
        /// The partner works.
        Started "started",
        /// The partner should work, and nothing is heard of it.
        Silent "silent",
        /// It is over. The end.
        Ended "ended",
    }
}

/// What is known of a shift.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ShiftState {
    /// Where it stands.
    pub phase: ShiftPhase,
    /// Whose it is, once anything has happened.
    pub partner: Option<PartnerId>,
    /// The crossing that was recorded last: when, and into which zones.
    pub last_crossing: Option<(DateTime<Utc>, Vec<ZoneId>)>,
    /// How many crossings were recorded.
    pub crossings: u64,
    /// Since when the partner is silent, while it is.
    pub silent_since: Option<DateTime<Utc>>,
    /// When the last silence ended.
    pub heard_at: Option<DateTime<Utc>>,
    /// Since when the partner is off its route, while it is.
    pub off_route_since: Option<DateTime<Utc>>,
    /// When the partner was last back on its route.
    pub on_route_at: Option<DateTime<Utc>>,
}

/// Folds `event`. Believes every event: whether it was legal was decided before it was recorded.
pub(super) fn evolve(mut state: ShiftState, event: &ShiftEvent) -> ShiftState {
    let partner = match event {
        ShiftEvent::ShiftStarted(started) => {
            state.phase = ShiftPhase::Started;
            &started.partner
        }
        ShiftEvent::ShiftEnded(ended) => {
            state.phase = ShiftPhase::Ended;
            state.silent_since = None;
            state.off_route_since = None;
            &ended.partner
        }
        ShiftEvent::GeofenceBreached(breach) => {
            state.last_crossing = Some((breach.at, breach.to.clone()));
            state.crossings = state.crossings.saturating_add(1);
            &breach.partner
        }
        ShiftEvent::PartnerSilent(silent) => {
            state.phase = ShiftPhase::Silent;
            state.silent_since = Some(silent.since);
            &silent.partner
        }
        ShiftEvent::PartnerHeard(heard) => {
            state.phase = ShiftPhase::Started;
            state.silent_since = None;
            state.heard_at = Some(heard.at);
            &heard.partner
        }
        ShiftEvent::PartnerWentOffRoute(off) => {
            state.off_route_since = Some(off.since);
            &off.partner
        }
        ShiftEvent::PartnerBackOnRoute(back) => {
            state.off_route_since = None;
            state.on_route_at = Some(back.at);
            &back.partner
        }
    };
    state.partner = Some(partner.clone());
    state
}
