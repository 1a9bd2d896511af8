//! Whether runs share the work out evenly, and what is paid for it.

use std::str::FromStr;

use logistics_core::dispatch_run::FairnessPrice;
use logistics_dispatch::{Balance, Cost, Solution, Work, schedule};

use super::batch::Batch;

/// Greatest weight: a square may cost a day of driving.
const WEIGHT_MAX: u32 = 86_400;

/// How much uneven work costs; nothing when it is off.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Fairness(Option<(Word, u32)>);

/// What is shared out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Word {
    Stops,
    Hours,
    Kilometers,
}

/// `off`, or what is to be shared out and its weight, such as `hours:300`.
impl FromStr for Fairness {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "off" {
            return Ok(Self(None));
        }
        let unknown = || format!("{text:?} is not \"off\", nor such as hours:300 or stops:5");
        let (word, weight) = text.split_once(':').ok_or_else(unknown)?;
        let word = match word {
            "stops" => Word::Stops,
            "hours" => Word::Hours,
            "kilometers" => Word::Kilometers,
            _ => return Err(unknown()),
        };
        let weight = weight.parse().map_err(|_| unknown())?;
        if !(1..=WEIGHT_MAX).contains(&weight) {
            return Err(format!("the weight {weight} is not between 1 and {WEIGHT_MAX}"));
        }
        Ok(Self(Some((word, weight))))
    }
}

impl Fairness {
    pub(super) fn balance(self) -> Option<Balance> {
        let (word, weight) = self.0?;
        let work = match word {
            Word::Stops => Work::Stops,
            Word::Hours => Work::Hours,
            Word::Kilometers => Work::Kilometers,
        };
        Some(Balance { work, weight: Cost(weight.into()) })
    }

    /// What the even plan costs more than one that does not look at that.
    pub(super) fn price(self, batch: &Batch, even: &Solution, uneven: &Solution) -> FairnessPrice {
        let (even, uneven) = (driven(batch, even), driven(batch, uneven));
        let (word, weight) = self.0.unwrap_or((Word::Stops, 0));
        let word = match word {
            Word::Stops => "stops",
            Word::Hours => "hours",
            Word::Kilometers => "kilometers",
        };
        FairnessPrice {
            work: word.to_owned(),
            weight: weight.into(),
            extra_travel_s: even.0 - uneven.0,
            extra_distance_m: even.1 - uneven.1,
        }
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
