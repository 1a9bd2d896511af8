//! Whether runs share the work out evenly, and what is paid for it.

use std::str::FromStr;

use logistics_core::dispatch_run::FairnessPrice;
use logistics_dispatch::{Balance, Cost, Solution, Work, schedule};

use super::batch::Batch;

/// Greatest weight: a square may cost a day of driving.
const WEIGHT_MAX: u32 = 86_400;

/// What can be shared out, and what it is called.
const WORKS: [(&str, Work); 3] =
    [("stops", Work::Stops), ("hours", Work::Hours), ("kilometers", Work::Kilometers)];

/// How much uneven work costs; nothing when it is off.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Fairness(Option<Balance>);

/// `off`, or what is to be shared out and its weight, such as `hours:300`.
impl FromStr for Fairness {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "off" {
            return Ok(Self(None));
        }
        let unknown = || format!("{text:?} is not \"off\", nor such as hours:300 or stops:5");
        let (word, weight) = text.split_once(':').ok_or_else(unknown)?;
        let (_, work) = WORKS.into_iter().find(|(name, _)| *name == word).ok_or_else(unknown)?;
        let weight: u32 = weight.parse().map_err(|_| unknown())?;
        if !(1..=WEIGHT_MAX).contains(&weight) {
            return Err(format!("the weight {weight} is not between 1 and {WEIGHT_MAX}"));
        }
        Ok(Self(Some(Balance { work, weight: Cost(weight.into()) })))
    }
}

impl Fairness {
    pub(super) fn balance(self) -> Option<Balance> {
        self.0
    }
}

/// What the even plan costs more than one that does not look at that.
pub(super) fn price(
    balance: Balance,
    batch: &Batch,
    even: &Solution,
    uneven: &Solution,
) -> FairnessPrice {
    let (even, uneven) = (driven(batch, even), driven(batch, uneven));
    let word = WORKS.into_iter().find(|(_, work)| *work == balance.work).map(|(name, _)| name);
    FairnessPrice {
        work: word.unwrap_or_default().to_owned(),
        weight: u64::try_from(balance.weight.get()).unwrap_or_default(),
        extra_travel_s: even.0 - uneven.0,
        extra_distance_m: even.1 - uneven.1,
    }
}

/// Seconds and metres of driving of all rounds.
fn driven(batch: &Batch, plan: &Solution) -> (i64, i64) {
    let routes = plan.routes.iter().map(|route| schedule(&batch.problem, route));
    routes.fold((0, 0), |(time, distance), route| {
        (time + route.travel_time.get(), distance + route.distance.get())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_off_or_has_a_word_and_a_weight() {
        assert_eq!("off".parse(), Ok(Fairness::default()));
        let hours: Fairness = "hours:300".parse().expect("legal");
        let expected = Balance { work: Work::Hours, weight: Cost(300) };
        assert_eq!(hours.balance(), Some(expected));
        for wrong in ["hours", "hours:", "hours:0", "hours:86401", "pay:3", "stops:-1"] {
            assert!(wrong.parse::<Fairness>().is_err(), "{wrong}");
        }
    }
}
