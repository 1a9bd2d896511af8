//! What is asked of a run.

use chrono::NaiveDate;
use logistics_core::values::Sha256Digest;
use logistics_core::{HubId, PartnerId, RunId, ShipmentId};

/// What a run is to do.
#[derive(Debug, Clone)]
pub(crate) struct Wanted {
    pub(crate) run: RunId,
    /// The business day; today when not given.
    pub(crate) date: Option<NaiveDate>,
    /// Only shipments at this hub.
    pub(crate) hub: Option<HubId>,
    /// Only these shipments.
    pub(crate) shipments: Option<Vec<ShipmentId>>,
    /// Only these partners.
    pub(crate) partners: Option<Vec<PartnerId>>,
    /// Whether what partners have and is not on its way yet may go to others.
    pub(crate) reassign: bool,
    pub(crate) seed: u64,
    pub(crate) iterations: Option<u64>,
    /// The digest of all this as it was asked for, where it may be asked for again.
    pub(crate) request: Option<Sha256Digest>,
}
