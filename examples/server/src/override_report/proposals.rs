//! What the overrides of a week suggest, with the visits that bear it out.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use logistics_core::readmodel::ShipmentOperations;
use logistics_core::{PartnerId, ShipmentId};
use logistics_dispatch::Seconds;
use logistics_dispatch::learn::{Finding, Outcome, Proposal, Record, Thresholds, propose};
use serde::Serialize;

use super::visits::{Fate, Visit};
use super::{History, zone};
use crate::app::App;

/// Most visits shown for a proposal.
const EVIDENCE_MAX: usize = 50;

/// A constraint that the overrides suggest.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct ProposalView {
    zone: String,
    /// `not_before`, `not_after`, `taken_off` or `preferred`.
    finding: &'static str,
    /// Whom it is about.
    partner: Option<String>,
    /// Seconds since midnight, local time.
    time_s: Option<i64>,
    /// The lower end of the interval for the share of visits that bear it out.
    confidence_pct: u8,
    /// The same in words.
    text: String,
    /// How many visits bear it out, and how many do not.
    supporting: usize,
    opposing: usize,
    /// Those that bear it out, at most 50.
    evidence: Vec<EvidenceView>,
}

/// A visit that bears a proposal out.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
struct EvidenceView {
    shipment: String,
    date: NaiveDate,
    partner: String,
}

pub(super) async fn of(app: &App, histories: &[History]) -> Vec<ProposalView> {
    let (mut records, mut evidence) = (Vec::new(), Vec::new());
    let takers = takers(histories);
    for history in histories {
        for (id, visit) in &history.visits {
            let outcome = outcome(app, history, id, visit, &takers).await;
            records.push(record(app, history, id, visit, outcome));
            evidence.push(EvidenceView {
                shipment: id.to_string(),
                date: history.date,
                partner: history.partner.to_string(),
            });
        }
    }
    let proposals = propose(&records, &Thresholds::default());
    proposals.into_iter().map(|proposal| view(proposal, &evidence)).collect()
}

/// Into whose round overrides have brought a shipment on a day.
type Takers<'a> = BTreeMap<(NaiveDate, &'a ShipmentId), &'a PartnerId>;

fn takers(histories: &[History]) -> Takers<'_> {
    let mut takers = BTreeMap::new();
    for change in histories.iter().flat_map(|history| &history.overrides) {
        for id in change.after.iter().filter(|id| !change.before.contains(id)) {
            takers.insert((change.date, id), &change.partner);
        }
    }
    takers
}

async fn outcome(
    app: &App,
    history: &History,
    id: &ShipmentId,
    visit: &Visit,
    takers: &Takers<'_>,
) -> Outcome {
    match visit.fate {
        Fate::Kept => Outcome::Kept,
        Fate::Moved(to) => Outcome::Reordered { to: since_midnight(app, history.date, to) },
        Fate::Gone => match takers.get(&(history.date, id)) {
            Some(&taker) if *taker != history.partner => {
                Outcome::Reassigned { to: taker.to_string() }
            }
            _ => {
                // What left the round and is the partner's still was done, not taken away.
                let row = app.row::<ShipmentOperations>(id.as_str()).await.flatten();
                let done = row.is_some_and(|row| row.partner.as_ref() == Some(&history.partner));
                if done { Outcome::Kept } else { Outcome::Removed }
            }
        },
    }
}

fn record(
    app: &App,
    history: &History,
    id: &ShipmentId,
    visit: &Visit,
    outcome: Outcome,
) -> Record {
    Record {
        job: id.to_string(),
        area: zone(app, visit),
        planned: since_midnight(app, history.date, visit.planned.arrival),
        partner: history.partner.to_string(),
        outcome,
    }
}

fn since_midnight(app: &App, date: NaiveDate, at: chrono::DateTime<chrono::Utc>) -> Seconds {
    Seconds((at - app.bounds_of(date).0).num_seconds())
}

fn view(proposal: Proposal, evidence: &[EvidenceView]) -> ProposalView {
    let (finding, partner, time) = match &proposal.finding {
        Finding::NotBefore(time) => ("not_before", None, Some(*time)),
        Finding::NotAfter(time) => ("not_after", None, Some(*time)),
        Finding::TakenOff(partner) => ("taken_off", Some(partner.clone()), None),
        Finding::Preferred(partner) => ("preferred", Some(partner.clone()), None),
        _ => ("other", None, None),
    };
    let shown = proposal.supporting.iter().take(EVIDENCE_MAX);
    ProposalView {
        finding,
        partner,
        time_s: time.map(Seconds::get),
        confidence_pct: proposal.confidence_pct,
        text: proposal.to_string(),
        supporting: proposal.supporting.len(),
        opposing: proposal.opposing.len(),
        evidence: shown.filter_map(|&index| evidence.get(index).cloned()).collect(),
        zone: proposal.area,
    }
}
