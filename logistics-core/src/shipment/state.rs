//! What is known of a shipment after folding its events.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use super::before::Before;
use super::custody::Custody;
use super::event::{RetractionRequested, ShipmentCreated};
use super::phase::Phase;
use super::reason::AttemptReason;
use crate::ids::{CarrierId, HubId, PartnerId, SubjectId, Waybill};
use crate::sla::Promise;
use crate::values::Money;

/// What is known of a shipment after folding its events: its phase, who has it, what was paid, what
/// stops it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ShipmentState {
    /// How many events are folded: the version of the stream.
    pub version: u64,
    /// Where it stands.
    pub phase: Phase,
    /// Who has it in hand.
    pub custody: Custody,
    /// The order as it was taken in; none before that. Without the consignee, once that is erased.
    pub order: Option<Box<ShipmentCreated>>,
    /// The promise that holds now, where it is not that of the order.
    pub rescheduled: Option<Promise>,
    /// The hub it was last scanned at.
    pub hub: Option<HubId>,
    /// The hub it is expected at: where it lies, or where it was sent.
    pub expected_hub: Option<HubId>,
    /// The partner whose round it belongs to, or who delivered it.
    pub partner: Option<PartnerId>,
    /// The local date of that round.
    pub date: Option<NaiveDate>,
    /// The number of the attempt that began last; 0 before the first. Never given twice.
    pub attempts: u32,
    /// How many failed attempts count against the most that the policy allows.
    pub counted_attempts: u32,
    /// When it went out for delivery, while it is out. 1970 where that was not recorded.
    pub out_since: Option<DateTime<Utc>>,
    /// When the scheduled reattempt may begin, while there is one.
    pub reattempt: Option<DateTime<Utc>>,
    /// Why the last attempt failed, while that stands.
    pub last_reason: Option<AttemptReason>,
    /// Until when a late report of a delivery may overrule what was recorded.
    pub late_report_until: Option<DateTime<Utc>>,
    /// The delivery was reported after it had been recorded as failed.
    pub late_report: bool,
    /// How many of its pieces were handed over.
    pub pieces_delivered: u32,
    /// What was paid of the cash on delivery.
    pub payments: Vec<Payment>,
    /// The event that waived what was due.
    pub waived: Option<u64>,
    /// Why it is on hold, while it is.
    pub hold: Option<String>,
    /// The carrier that is to deliver it, or has it.
    pub carrier: Option<Allocation>,
    /// What carriers told, so that nothing is taken in twice.
    pub carrier_facts: BTreeSet<CarrierFact>,
    /// The leg that it is on: 1 on the way out, above on a way back.
    pub leg: u32,
    /// How many legs began. A number is never given twice.
    pub legs: u32,
    /// The files under which erasure is forbidden.
    pub legal_holds: BTreeSet<String>,
    /// The disputes that are open.
    pub disputes: BTreeSet<String>,
    /// The person whose data was erased.
    pub erased: Option<SubjectId>,
    /// The versions of the events that were retracted.
    pub retracted: BTreeSet<u64>,
    /// The retraction that waits for approval.
    pub retraction: Option<Box<RetractionRequested>>,
    /// Where it was before the last event that moved it.
    pub before: Option<Box<Before>>,
}

/// Cash on delivery that was paid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payment {
    /// The payment's own name; none where it was paid with the delivery.
    pub reference: Option<String>,
    /// How much.
    pub amount: Money,
    /// The event that says so.
    pub version: u64,
}

/// A carrier that is to deliver a shipment, or has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Allocation {
    /// The carrier.
    pub carrier: CarrierId,
    /// Its own name for the shipment.
    pub waybill: Waybill,
    /// Its name for the way back, where that is another.
    pub return_waybill: Option<Waybill>,
    /// Whoever gives it away has scanned it.
    pub giver_scanned: bool,
    /// The carrier has scanned it.
    pub taker_scanned: bool,
}

/// Something that a carrier told: the same again is the same.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct CarrierFact {
    /// The carrier.
    pub carrier: CarrierId,
    /// Its own name for the shipment.
    pub waybill: Waybill,
    /// Its code for what happened.
    pub code: String,
    /// When that was.
    pub at: DateTime<Utc>,
}

/// How it stands with cash on delivery.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CodStatus {
    /// There never was any.
    #[default]
    None,
    /// It is due, in full or in part.
    Due,
    /// All of it was paid.
    Collected,
    /// What was due was given up.
    Waived,
}

impl ShipmentState {
    /// The promise that holds: the latest.
    #[must_use]
    pub fn promise(&self) -> Option<&Promise> {
        self.rescheduled.as_ref().or_else(|| self.order.as_ref()?.promise.as_ref())
    }

    /// The person who receives it, until erased.
    #[must_use]
    pub fn subject(&self) -> Option<&SubjectId> {
        Some(self.order.as_ref()?.consignee.as_ref()?.subject())
    }

    /// How many pieces are not handed over.
    #[must_use]
    pub fn pieces_left(&self) -> u32 {
        let pieces = self.order.as_ref().map_or(0, |order| order.pieces);
        pieces.saturating_sub(self.pieces_delivered)
    }

    /// What is still due of the cash on delivery; none where nothing is.
    #[must_use]
    pub fn cod_due(&self) -> Option<Money> {
        let cod = self.order.as_ref()?.cod.filter(|_| self.waived.is_none())?;
        let paid = self.payments.iter().map(|payment| payment.amount.amount_minor);
        let left = cod.amount_minor.saturating_sub(paid.fold(0, u64::saturating_add));
        (left > 0).then_some(Money::new(left, cod.currency))
    }

    /// How it stands with cash on delivery.
    #[must_use]
    pub fn cod_status(&self) -> CodStatus {
        let ordered = self.order.as_ref().and_then(|order| order.cod);
        match ordered.filter(|cod| cod.amount_minor > 0) {
            None => CodStatus::None,
            Some(_) if self.waived.is_some() => CodStatus::Waived,
            Some(_) if self.cod_due().is_some() => CodStatus::Due,
            Some(_) => CodStatus::Collected,
        }
    }
}
