//! What happens at the door: failed, handed over, handed over in part.

use serde::{Deserialize, Serialize};

use crate::ids::PartnerId;
use crate::shipment::proof::{Evidence, Proof};
use crate::shipment::reason::AttemptReason;
use crate::values::{GeoPosition, Money};

/// Records that it could not be handed over.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RecordAttempt {
    /// Why.
    pub reason: AttemptReason,
    /// Who reports it; the assigned partner when it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partner: Option<PartnerId>,
    /// Where.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<GeoPosition>,
    /// What shows it, at most [`EVIDENCE_MAX`](crate::shipment::EVIDENCE_MAX).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<Evidence>,
}

impl RecordAttempt {
    /// The report of the assigned partner that it failed for `reason`.
    #[must_use]
    pub const fn new(reason: AttemptReason) -> Self {
        Self { reason, partner: None, position: None, evidence: Vec::new() }
    }
}

/// Records that it was handed over.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ConfirmDelivery {
    /// What shows that it was.
    pub proof: Proof,
    /// Who reports it; whoever has it when it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partner: Option<PartnerId>,
    /// Where.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<GeoPosition>,
    /// The cash that was collected with it; exactly what is still due.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cod_collected: Option<Money>,
    /// Further proofs, where the client demands several.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub more_proofs: Vec<Proof>,
}

impl ConfirmDelivery {
    /// The report of whoever has it that it was handed over.
    #[must_use]
    pub const fn new(proof: Proof) -> Self {
        Self { proof, partner: None, position: None, cod_collected: None, more_proofs: Vec::new() }
    }
}

/// Records that some of its pieces were handed over, and not all.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DeliverPartially {
    /// How many pieces were handed over now: fewer than were left.
    pub pieces: u32,
    /// Why the others were not: the attempt has failed for them. Left out while it goes on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<AttemptReason>,
    /// Who reports it; the assigned partner when it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partner: Option<PartnerId>,
    /// Where.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<GeoPosition>,
}
