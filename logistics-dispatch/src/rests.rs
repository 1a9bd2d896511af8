//! Breaks on a leg: when the vehicle is over it, and when it must set out.
//!
//! A break has no place, so what can be driven before it begins is driven. Then only the
//! moment at which it can begin and the moment at which the vehicle would arrive without
//! further breaks count, and both go on by the same rule.

use crate::problem::{Break, MAX_BREAKS};

/// When a vehicle that sets out at `ready` is over a leg of `drive` seconds with these
/// breaks on it; `None` if one cannot begin in its windows. Never earlier for who sets out
/// later.
#[inline]
pub(crate) fn arrival(breaks: &[Break], ready: i64, drive: i64) -> Option<i64> {
    let (mut now, mut there) = (ready, ready.saturating_add(drive));
    for rest in breaks {
        let start = rest.begin(now)?;
        let duration = rest.duration.get();
        now = start.saturating_add(duration);
        there = there.max(start).saturating_add(duration);
    }
    Some(there)
}

/// The last moment to set out for who must be over the leg at `bound`; `None` if none is
/// early enough.
#[inline]
pub(crate) fn latest_departure(breaks: &[Break], bound: i64, drive: i64) -> Option<i64> {
    let (mut now, mut there) = (bound, bound);
    for rest in breaks.iter().rev() {
        let duration = rest.duration.get();
        there = there.saturating_sub(duration);
        now = rest.begin_by(now.saturating_sub(duration).min(there))?;
    }
    Some(now.min(there.saturating_sub(drive)))
}

/// Moments by how many breaks have been taken.
pub(crate) type ByTaken = [i64; MAX_BREAKS + 1];
/// No moment to be anywhere.
pub(crate) const NEVER: ByTaken = [i64::MAX; MAX_BREAKS + 1];
/// No moment that is early enough.
pub(crate) const TOO_LATE: ByTaken = [i64::MIN; MAX_BREAKS + 1];

/// When a vehicle is over a leg at the earliest, if it can set out at `ready`: by breaks taken
/// before the leg there, and by those taken behind it here. `i64::MAX`: not at all.
#[inline]
pub(crate) fn arrivals(breaks: &[Break], ready: &[i64], drive: i64) -> ByTaken {
    let mut there = NEVER;
    for (taken, &ready) in ready.iter().enumerate().filter(|&(_, &ready)| ready < i64::MAX) {
        for then in taken..=breaks.len() {
            let Some(over) = arrival(&breaks[taken..then], ready, drive) else { break };
            there[then] = there[then].min(over);
        }
    }
    there
}

/// When a vehicle must set out at the latest, if it must be over the leg at `bounds`.
/// `i64::MIN`: no moment is early enough.
#[inline]
pub(crate) fn latest_departures(breaks: &[Break], bounds: &[i64], drive: i64) -> ByTaken {
    let mut latest = TOO_LATE;
    for (then, &bound) in bounds.iter().enumerate().filter(|&(_, &bound)| bound > i64::MIN) {
        for (taken, latest) in latest.iter_mut().enumerate().take(then + 1) {
            if let Some(moment) = latest_departure(&breaks[taken..then], bound, drive) {
                *latest = moment.max(*latest);
            }
        }
    }
    latest
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::Seconds;

    fn lunch(windows: &[(i64, i64)], duration: i64) -> Break {
        let lunch = Break::new("lunch", Seconds(duration));
        windows.iter().fold(lunch, |rest, &(start, end)| rest.window(Seconds(start), Seconds(end)))
    }

    #[test]
    fn driving_goes_on_until_a_break_may_begin() {
        let lunch = [lunch(&[(100, 200)], 30)];
        assert_eq!(arrival(&lunch, 50, 80), Some(160));
        assert_eq!(arrival(&lunch, 50, 20), Some(130));
        assert_eq!(arrival(&lunch, 150, 80), Some(260));
        assert_eq!(arrival(&lunch, 201, 0), None);
    }

    #[test]
    fn the_latest_departure_is_the_last_that_arrives_in_time() {
        let cases = [
            vec![lunch(&[(10, 20)], 5)],
            vec![lunch(&[(10, 20), (30, 33)], 5)],
            vec![lunch(&[(3, 20)], 4), lunch(&[(12, 18), (25, 40)], 3)],
            vec![lunch(&[], 4), lunch(&[(25, 27)], 3), lunch(&[], 0)],
        ];
        for breaks in cases {
            for (drive, bound) in (0..20).flat_map(|drive| (0..60).map(move |to| (drive, to))) {
                let in_time =
                    |&ready: &i64| arrival(&breaks, ready, drive).is_some_and(|at| at <= bound);
                let last = (-60..70).rev().find(in_time);
                assert_eq!(
                    latest_departure(&breaks, bound, drive),
                    last,
                    "{breaks:?} {drive} {bound}"
                );
            }
        }
    }
}
