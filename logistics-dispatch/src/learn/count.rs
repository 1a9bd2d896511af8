//! Counting: for each pattern the records that bear it out and those that do not.

use std::collections::BTreeSet;

use super::{Finding, Outcome, Proposal, Record, Thresholds, wilson_lower_bound};
use crate::problem::whole;
use crate::units::Seconds;

/// One finding and its records; `bears_out` answers `None` for those that do not bear on
/// it.
fn count(
    area: &str,
    finding: Finding,
    records: &[(usize, &Record)],
    thresholds: &Thresholds,
    bears_out: impl Fn(&Record) -> Option<bool>,
) -> Option<(f64, Proposal)> {
    let (mut supporting, mut opposing) = (Vec::new(), Vec::new());
    for &(index, record) in records {
        match bears_out(record) {
            Some(true) => supporting.push(index),
            Some(false) => opposing.push(index),
            None => {}
        }
    }
    let all = supporting.len() + opposing.len();
    let bound = wilson_lower_bound(supporting.len(), all, thresholds.z);
    let confidence_pct = u8::try_from(whole((bound * 100.0).floor())).unwrap_or(0);
    let enough = all >= thresholds.min_records && confidence_pct >= thresholds.min_confidence_pct;
    let area = area.to_owned();
    (enough && !supporting.is_empty())
        .then_some((bound, Proposal { area, finding, supporting, opposing, confidence_pct }))
}

/// When a visit was moved to; when it was planned, if it stayed. `None`: the record is not
/// about time.
fn time_after(record: &Record) -> Option<Seconds> {
    match record.outcome {
        Outcome::Kept => Some(record.planned),
        Outcome::Reordered { to } | Outcome::Retimed { to } => Some(to),
        Outcome::Reassigned { .. } | Outcome::Removed => None,
    }
}

/// The best supported earliest time and latest time of an area. Only times up to which
/// somebody moved a visit are candidates: nobody was seen to be content with less.
pub(super) fn times(
    area: &str,
    records: &[(usize, &Record)],
    thresholds: &Thresholds,
) -> Vec<Proposal> {
    let step = thresholds.step.get().max(1);
    let (mut floors, mut ceilings) = (BTreeSet::new(), BTreeSet::new());
    for (_, record) in records {
        match time_after(record) {
            Some(to) if to > record.planned => {
                floors.insert(Seconds(to.get().div_euclid(step).saturating_mul(step)));
            }
            Some(to) if to < record.planned => {
                let ceiling = to.get().saturating_add(step - 1).div_euclid(step);
                ceilings.insert(Seconds(ceiling.saturating_mul(step)));
            }
            _ => {}
        }
    }
    let earliest = floors.into_iter().filter_map(|floor| {
        count(area, Finding::NotBefore(floor), records, thresholds, |record| {
            time_after(record).filter(|_| record.planned < floor).map(|to| to >= floor)
        })
    });
    let latest = ceilings.into_iter().filter_map(|ceiling| {
        count(area, Finding::NotAfter(ceiling), records, thresholds, |record| {
            time_after(record).filter(|_| record.planned > ceiling).map(|to| to <= ceiling)
        })
    });
    let best = [
        earliest.max_by(|one, two| one.0.total_cmp(&two.0)),
        latest.max_by(|one, two| one.0.total_cmp(&two.0)),
    ];
    best.into_iter().flatten().map(|(_, proposal)| proposal).collect()
}

/// Who is taken off an area, and who is put in.
pub(super) fn partners(
    area: &str,
    records: &[(usize, &Record)],
    thresholds: &Thresholds,
) -> Vec<Proposal> {
    let (mut losing, mut gaining) = (BTreeSet::new(), BTreeSet::new());
    for (_, record) in records {
        if let Some(to) = given_to(record) {
            losing.insert(record.partner.as_str());
            gaining.insert(to);
        }
    }
    let off = losing.into_iter().filter_map(|partner| {
        let finding = Finding::TakenOff(partner.to_owned());
        count(area, finding, records, thresholds, |record| {
            let theirs = record.partner == partner && record.outcome != Outcome::Removed;
            theirs.then(|| given_to(record).is_some())
        })
    });
    let preferred = gaining.into_iter().filter_map(|partner| {
        let finding = Finding::Preferred(partner.to_owned());
        count(area, finding, records, thresholds, |record| given_to(record).map(|to| to == partner))
    });
    off.chain(preferred).map(|(_, proposal)| proposal).collect()
}

/// The other partner who got the visit.
fn given_to(record: &Record) -> Option<&str> {
    match &record.outcome {
        Outcome::Reassigned { to } if *to != record.partner => Some(to),
        _ => None,
    }
}
