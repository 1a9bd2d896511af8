//! A checker for lists that many clients append to and read at once: did every append that was
//! acknowledged take place once, in an order that agrees with what everyone saw, and when?
//!
//! The workload is that of Elle (K. Kingsbury, P. Alvaro, "Elle: Inferring Isolation Anomalies from
//! Experimental Observations", 2020), the list being a stream whose elements are its commands. As
//! the final order is known, the check is complete for one list: it passes exactly if the history
//! is linearizable (M. Herlihy, J. Wing, 1990).

use std::collections::BTreeMap;
use std::fmt;

/// What clients did to one list, and when.
///
/// Times are ticks of any clock that all clients share and that moves at every operation.
///
/// ```
/// use logistics_core::testing::{ListAnomaly, ListHistory};
///
/// let mut history = ListHistory::new();
/// history.appended("a", 1, 0..=3);
/// history.unknown("b", 2);
/// history.read(["a"], 4..=5);
/// assert_eq!(history.check(&["a", "b"]), Ok(()));
/// assert_eq!(history.check(&["a"]), Ok(()));
/// assert_eq!(history.check(&["b"]), Err(ListAnomaly::Lost { element: "a" }));
/// ```
#[derive(Debug, Clone)]
pub struct ListHistory<T> {
    appends: BTreeMap<T, Append>,
    reads: Vec<Read<T>>,
}

/// From the tick at which a client began an operation to the tick at which it had the answer.
pub type Ticks = std::ops::RangeInclusive<u64>;

#[derive(Debug, Clone)]
struct Append {
    ticks: Ticks,
    outcome: Outcome,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Acknowledged { place: u64 },
    Refused,
    Unknown,
}

#[derive(Debug, Clone)]
struct Read<T> {
    elements: Vec<T>,
    ticks: Ticks,
}

/// What is wrong with a history.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ListAnomaly<T: fmt::Debug> {
    /// An append was acknowledged, and its element is not there.
    #[error("{element:?} was acknowledged and is not there")]
    Lost {
        /// The element.
        element: T,
    },
    /// An element is there twice.
    #[error("{element:?} is there twice")]
    Twice {
        /// The element.
        element: T,
    },
    /// An element is there that nobody appended, or whose append was refused.
    #[error("{element:?} is there, and nobody appended it or it was refused")]
    Unasked {
        /// The element.
        element: T,
    },
    /// A client was told of another place.
    #[error("{element:?} is at place {found}, its client was told {told}")]
    Misplaced {
        /// The element.
        element: T,
        /// The place that the client was told of; the first element has place 1.
        told: u64,
        /// The place where it is.
        found: u64,
    },
    /// A client read what was never the list.
    #[error("a read is not the beginning of the list: it differs at place {place}")]
    NotAPrefix {
        /// The first place that differs.
        place: u64,
    },
    /// What led to a later state of the list had ended before what led to an earlier one began:
    /// an append overtook another, or a read missed what was there or saw what was not yet.
    #[error("an operation at length {later} had ended before one at length {earlier} began")]
    OutOfTime {
        /// The length of the list that the operation led to, or read, which should come first.
        earlier: u64,
        /// The length of the list that the other one led to, or read.
        later: u64,
    },
}

impl<T: Ord + Clone + fmt::Debug> ListHistory<T> {
    /// Nothing was done yet.
    #[must_use]
    pub const fn new() -> Self {
        Self { appends: BTreeMap::new(), reads: Vec::new() }
    }

    /// A client appended `element` and was told that it is at `place`, the first being 1.
    pub fn appended(&mut self, element: T, place: u64, ticks: Ticks) {
        let outcome = Outcome::Acknowledged { place };
        self.appends.insert(element, Append { ticks, outcome });
    }

    /// A client began to append `element` at tick `begun` and was not told what became of it.
    pub fn unknown(&mut self, element: T, begun: u64) {
        let append = Append { ticks: begun..=u64::MAX, outcome: Outcome::Unknown };
        self.appends.insert(element, append);
    }

    /// A client was told that `element` was not appended.
    pub fn refused(&mut self, element: T) {
        self.appends.insert(element, Append { ticks: 0..=u64::MAX, outcome: Outcome::Refused });
    }

    /// A client read the whole list.
    pub fn read(&mut self, elements: impl IntoIterator<Item = T>, ticks: Ticks) {
        self.reads.push(Read { elements: elements.into_iter().collect(), ticks });
    }

    /// Checks what was done and seen against `order`, the list in the end.
    ///
    /// # Errors
    /// [`ListAnomaly`]: the first that was found.
    pub fn check(&self, order: &[T]) -> Result<(), ListAnomaly<T>> {
        let places = self.check_appends(order)?;
        for read in &self.reads {
            let differs = read.elements.iter().zip(order).position(|(read, there)| read != there);
            let longer = (read.elements.len() > order.len()).then_some(order.len());
            if let Some(at) = differs.or(longer) {
                return Err(ListAnomaly::NotAPrefix { place: length(at + 1) });
            }
        }
        self.check_times(&places)
    }

    /// Every acknowledged append is there once, at its place, and nothing else but what may be.
    fn check_appends<'a>(&self, order: &'a [T]) -> Result<BTreeMap<&'a T, u64>, ListAnomaly<T>> {
        let mut places = BTreeMap::new();
        for (place, element) in (1..).zip(order) {
            if places.insert(element, place).is_some() {
                return Err(ListAnomaly::Twice { element: element.clone() });
            }
            match self.appends.get(element).map(|append| append.outcome) {
                None | Some(Outcome::Refused) => {
                    return Err(ListAnomaly::Unasked { element: element.clone() });
                }
                Some(Outcome::Acknowledged { place: told }) if told != place => {
                    let (element, found) = (element.clone(), place);
                    return Err(ListAnomaly::Misplaced { element, told, found });
                }
                Some(_) => {}
            }
        }
        let acknowledged = |append: &Append| matches!(append.outcome, Outcome::Acknowledged { .. });
        let lost = |(element, append): &(&T, &Append)| {
            acknowledged(append) && !places.contains_key(element)
        };
        match self.appends.iter().find(lost) {
            Some((element, _)) => Err(ListAnomaly::Lost { element: element.clone() }),
            None => Ok(places),
        }
    }

    /// Nothing had ended before what stands before it in the order began. Pairs are enough: with
    /// them every operation can be given a moment between its ends so that the moments are in order.
    fn check_times(&self, places: &BTreeMap<&T, u64>) -> Result<(), ListAnomaly<T>> {
        // Operations by the length of the list that they led to; a read comes behind the append.
        let appends = places.iter().filter_map(|(element, place)| {
            Some(((*place, false), self.appends.get(*element)?.ticks.clone()))
        });
        let reads = self.reads.iter().map(|read| {
            let length = length(read.elements.len());
            ((length, true), read.ticks.clone())
        });
        let mut done: Vec<_> = appends.chain(reads).collect();
        done.sort_by_key(|(order, _)| *order);
        // The latest beginning so far, with its length.
        let mut latest: Option<(u64, u64)> = None;
        for same in done.chunk_by(|a, b| a.0 == b.0) {
            for ((later, _), ticks) in same {
                if let Some((begun, earlier)) = latest
                    && *ticks.end() < begun
                {
                    return Err(ListAnomaly::OutOfTime { earlier, later: *later });
                }
            }
            let begun = same.iter().map(|((length, _), ticks)| (*ticks.start(), *length)).max();
            latest = latest.max(begun);
        }
        Ok(())
    }
}

impl<T: Ord + Clone + fmt::Debug> Default for ListHistory<T> {
    fn default() -> Self {
        Self::new()
    }
}

fn length(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Three appends one after another, each read back; one that was refused, one unknown.
    fn lived() -> ListHistory<&'static str> {
        let mut history = ListHistory::new();
        history.read([], 0..=1);
        history.appended("a", 1, 2..=3);
        history.read(["a"], 4..=5);
        history.appended("b", 2, 6..=7);
        history.refused("r");
        history.unknown("u", 8);
        history.appended("c", 3, 8..=9);
        history.read(["a", "b", "c"], 8..=10);
        history
    }

    #[test]
    fn a_history_that_could_be_lived_passes() {
        assert_eq!(lived().check(&["a", "b", "c"]), Ok(()));
        assert_eq!(lived().check(&["a", "b", "c", "u"]), Ok(()));
        assert_eq!(ListHistory::<u8>::new().check(&[]), Ok(()));
    }

    #[test]
    fn what_is_lost_doubled_or_made_up_is_found() {
        let found = |order: &[&'static str]| lived().check(order).expect_err("broken");
        assert_eq!(found(&["a", "b"]), ListAnomaly::Lost { element: "c" });
        assert_eq!(found(&["a", "b", "c", "a"]), ListAnomaly::Twice { element: "a" });
        assert_eq!(found(&["a", "b", "c", "x"]), ListAnomaly::Unasked { element: "x" });
        assert_eq!(found(&["a", "b", "c", "r"]), ListAnomaly::Unasked { element: "r" });
        let misplaced = ListAnomaly::Misplaced { element: "b", told: 2, found: 3 };
        assert_eq!(found(&["a", "u", "b", "c"]), misplaced);
    }

    #[test]
    fn a_read_that_never_was_is_found() {
        for (read, place) in [(&["b"][..], 1), (&["a", "c"], 2), (&["a", "b", "c", "u"], 4)] {
            let mut history = lived();
            history.read(read.iter().copied(), 8..=99);
            let found = history.check(&["a", "b", "c"]);
            assert_eq!(found, Err(ListAnomaly::NotAPrefix { place }), "{read:?}");
        }
    }

    #[test]
    fn what_contradicts_time_is_found() {
        let out_of_time = |earlier, later| Err(ListAnomaly::OutOfTime { earlier, later });
        let order = ["a", "b", "c"];
        // A stale read: it began after the third append had ended.
        let mut history = lived();
        history.read(["a", "b"], 20..=21);
        assert_eq!(history.check(&order), out_of_time(2, 3));
        // A read of what had not begun.
        let mut history = lived();
        history.read(["a", "b"], 4..=5);
        assert_eq!(history.check(&order), out_of_time(2, 2));
        // Reads that go back in time, though both could be right alone.
        let mut history = lived();
        history.unknown("u", 8);
        history.read(["a", "b", "c", "u"], 11..=12);
        history.read(["a", "b", "c"], 13..=14);
        assert_eq!(history.check(&["a", "b", "c", "u"]), out_of_time(3, 4));
        // An append that overtook one which had ended before it began.
        let mut history = ListHistory::new();
        history.appended("a", 2, 0..=1);
        history.appended("b", 1, 2..=3);
        assert_eq!(history.check(&["b", "a"]), out_of_time(1, 2));
    }

    #[test]
    fn what_overlaps_may_stand_in_any_order() {
        let mut history = ListHistory::new();
        history.appended("a", 2, 0..=5);
        history.appended("b", 1, 5..=9);
        history.read(["b"], 0..=9);
        history.read([], 5..=9);
        history.read(["b", "a"], 5..=5);
        assert_eq!(history.check(&["b", "a"]), Ok(()));
    }
}
