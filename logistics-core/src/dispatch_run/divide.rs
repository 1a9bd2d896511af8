//! A run that is too large for one plan: its parts are runs of their own.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::decide::{Decision, DispatchRunRejection, one_commit};
use super::event::{DispatchRunDivided, RunPartsNamed, ShipmentsLeftOut};
use super::pieces::pieces;
use super::plan::Excluded;
use crate::ids::{PartnerId, RunId, ShipmentId};

/// One part of a divided run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunPart {
    /// The run that plans it.
    pub run: RunId,
    /// Its shipments.
    pub shipments: Vec<ShipmentId>,
    /// The partners among whom they are shared out.
    pub partners: Vec<PartnerId>,
}

/// Records into which parts a run was divided, so that whoever goes on with it divides it alike.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DivideRun {
    /// What is divided.
    pub header: DispatchRunDivided,
    /// The parts: two or more, without a run, shipment or partner that is in two of them.
    pub parts: Vec<RunPart>,
    /// The shipments that are in no part.
    pub excluded: Vec<Excluded>,
}

pub(super) fn decide_division(division: &DivideRun) -> Decision {
    let DivideRun { header, parts, excluded } = division;
    if parts.len() < 2 {
        return Err(DispatchRunRejection::TooFewParts { found: parts.len() });
    }
    distinct(parts.iter().map(|part| part.run.as_str()))?;
    distinct(parts.iter().flat_map(|part| &part.shipments).map(ShipmentId::as_str))?;
    distinct(parts.iter().flat_map(|part| &part.partners).map(PartnerId::as_str))?;
    let named = pieces(parts)?.into_iter().map(|parts| RunPartsNamed { parts }.into());
    let left_out = pieces(excluded)?
        .into_iter()
        .map(|excluded| ShipmentsLeftOut { unassigned: Vec::new(), excluded }.into());
    one_commit([header.clone().into()].into_iter().chain(named).chain(left_out).collect())
}

fn distinct<'a>(ids: impl Iterator<Item = &'a str>) -> Result<(), DispatchRunRejection> {
    let mut seen = BTreeSet::new();
    for id in ids {
        if !seen.insert(id) {
            return Err(DispatchRunRejection::InTwoParts { id: id.to_owned() });
        }
    }
    Ok(())
}
