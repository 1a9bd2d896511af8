//! It was held, lost, damaged, found.

use serde::{Deserialize, Serialize};

use crate::ids::HubId;
use crate::shipment::custody::Custody;
use crate::shipment::proof::Evidence;

/// It must not go on until it is released.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// Why.
    pub reason: String,
}

/// It may go on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Released {
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// It was given up: nobody knows where it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lost {
    /// Who had it last.
    pub last_holder: Custody,
    /// How that is known.
    pub reason: String,
    /// What shows it.
    pub evidence: Vec<Evidence>,
}

/// It was given up: it cannot be delivered as it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Damaged {
    /// What is wrong with it.
    pub reason: String,
    /// What shows it.
    pub evidence: Vec<Evidence>,
}

/// What was lost lies at a hub.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    /// The hub.
    pub hub: HubId,
}
