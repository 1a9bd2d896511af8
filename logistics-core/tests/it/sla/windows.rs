//! Promised windows where clocks change, by hand.

use chrono::{DateTime, Utc};
use logistics_core::sla::{Promise, PromiseError};

/// Zone, civil start and end, and the instants that these mean.
const RESOLVED: &str = "
    # India has no daylight saving: five and a half hours ahead all year.
    Asia/Kolkata 2026-11-23T00:00 2026-11-23T23:59 2026-11-22T18:30Z 2026-11-23T18:29Z
    Asia/Kolkata 2027-03-28T01:00 2027-03-28T02:00 2027-03-27T19:30Z 2027-03-27T20:30Z
    # London, 28 March 2027: 01:00 to 02:00 does not exist and moves forward.
    Europe/London 2027-03-28T00:59 2027-03-28T02:00 2027-03-28T00:59Z 2027-03-28T01:00Z
    Europe/London 2027-03-28T01:00 2027-03-28T03:00 2027-03-28T01:00Z 2027-03-28T02:00Z
    Europe/London 2027-03-28T00:00 2027-03-28T01:59 2027-03-28T00:00Z 2027-03-28T01:59Z
    # London, 25 October 2026: 01:00 to 02:00 is there twice; start early, end late.
    Europe/London 2026-10-25T01:00 2026-10-25T02:00 2026-10-25T00:00Z 2026-10-25T02:00Z
    Europe/London 2026-10-25T00:59 2026-10-25T01:00 2026-10-24T23:59Z 2026-10-25T01:00Z
    Europe/London 2026-10-25T01:59 2026-10-25T02:00 2026-10-25T00:59Z 2026-10-25T02:00Z
    # Lord Howe saves half an hour: 02:00 to 02:30 is skipped, 01:30 to 02:00 comes twice.
    Australia/Lord_Howe 2026-10-04T02:10 2026-10-04T03:00 2026-10-03T15:40Z 2026-10-03T16:00Z
    Australia/Lord_Howe 2027-04-04T01:45 2027-04-04T01:50 2027-04-03T14:45Z 2027-04-03T15:20Z
    # Samoa skipped 30 December 2011 altogether.
    Pacific/Apia 2011-12-29T23:00 2011-12-30T01:00 2011-12-30T09:00Z 2011-12-30T11:00Z
    Pacific/Apia 2011-12-30T23:00 2011-12-31T23:30 2011-12-31T09:00Z 2011-12-31T09:30Z
";

/// Zone, civil start and end of windows that a gap turns round or leaves empty.
const REFUSED: &str = "
    Europe/London 2027-03-28T01:30 2027-03-28T02:15
    Europe/London 2027-03-28T01:00 2027-03-28T02:00
    Australia/Lord_Howe 2026-10-04T02:20 2026-10-04T02:40
    Pacific/Apia 2011-12-30T10:00 2011-12-31T10:00
";

fn lines<const N: usize>(table: &'static str) -> Vec<[&'static str; N]> {
    let lines = table.lines().map(str::trim);
    let data = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
    data.map(|line| line.split(' ').collect::<Vec<_>>().try_into().unwrap()).collect()
}

fn resolved(zone: &str, from: &str, to: &str) -> Result<Promise, PromiseError> {
    let local = |text| format!("{text}:00").parse().unwrap();
    Promise::resolve(zone, local(from), local(to))
}

#[test]
fn a_gap_moves_forward_and_a_fold_is_read_either_way() {
    let text = |at: DateTime<Utc>| at.format("%FT%RZ").to_string();
    for [zone, from, to, start, end] in lines(RESOLVED) {
        let promise = resolved(zone, from, to).unwrap();
        let found = (text(promise.start()), text(promise.end()));
        assert_eq!(found, (start.to_owned(), end.to_owned()), "{zone} {from} {to}");
    }
}

#[test]
fn a_window_that_a_gap_turns_round_is_refused() {
    for [zone, from, to] in lines(REFUSED) {
        match resolved(zone, from, to) {
            Err(PromiseError::EndBeforeStart { start, end }) => assert!(end <= start),
            other => panic!("{zone} {from} {to}: {other:?}"),
        }
    }
}
