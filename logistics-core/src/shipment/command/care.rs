//! What else befalls it: held, lost, damaged, found.

use serde::{Deserialize, Serialize};

use crate::ids::HubId;
use crate::shipment::proof::Evidence;

/// Keeps it from going on until it is released. What happens to it all the same is still recorded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hold {
    /// Why, in a word or a sentence without personal data.
    pub reason: String,
}

/// Lets it go on.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Release {
    /// Why, in a word or a sentence without personal data.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// Gives it up: nobody knows where it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeclareLost {
    /// How that is known, in a word or a sentence without personal data.
    pub reason: String,
    /// What shows it, at least one.
    pub evidence: Vec<Evidence>,
}

/// Gives it up: it cannot be delivered as it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeclareDamaged {
    /// What is wrong with it, in a word or a sentence without personal data.
    pub reason: String,
    /// What shows it, at least one.
    pub evidence: Vec<Evidence>,
}

/// Records that what was lost lies at a hub.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeclareFound {
    /// The hub.
    pub hub: HubId,
}
