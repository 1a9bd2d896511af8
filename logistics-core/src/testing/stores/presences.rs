//! Cases of [`PresenceStore`](crate::telemetry::PresenceStore).

use chrono::Duration;

use super::Stores;
use super::fixtures::{at, partner};
use crate::ids::ZoneId;
use crate::telemetry::Presence;

fn zone(id: &str) -> ZoneId {
    ZoneId::new(id).expect("a legal zone id")
}

fn seen(of: &str, seconds: i64, in_zone: Option<&str>) -> Presence {
    Presence {
        partner: partner(of),
        last_seen: at(seconds),
        zone: in_zone.map(zone),
        on_shift: true,
    }
}

async fn note(stores: &Stores, presences: &[Presence]) {
    stores.presences.note(presences).await.expect("answered");
}

async fn silent(stores: &Stores, before: i64) -> Vec<Presence> {
    stores.presences.silent(at(before), 100).await.expect("answered")
}

async fn there(stores: &Stores, in_zone: &str) -> Vec<String> {
    let there = stores.presences.in_zone(&zone(in_zone), None, 100).await.expect("answered");
    there.into_iter().map(|presence| presence.partner.as_str().to_owned()).collect()
}

/// Every field comes back, the time to the microsecond.
pub async fn a_presence_comes_back_as_it_was_noted(stores: &Stores) {
    let mut one = seen("DP-1", 1, Some("Z-1"));
    one.last_seen += Duration::microseconds(123_456);
    let two = seen("DP-2", 2, None);
    note(stores, &[]).await;
    note(stores, &[two.clone(), one.clone()]).await;
    assert_eq!(silent(stores, 9).await, [one.clone(), two]);
    let there = stores.presences.in_zone(&zone("Z-1"), None, 9).await.expect("answered");
    assert_eq!(there, [one]);
}

/// A presence takes the place of an earlier one, never of a later one, in one batch or in several.
pub async fn what_was_seen_later_stays(stores: &Stores) {
    note(stores, &[seen("DP-1", 5, Some("Z-5"))]).await;
    note(stores, &[seen("DP-1", 4, Some("Z-4"))]).await;
    assert_eq!((there(stores, "Z-5").await, there(stores, "Z-4").await.len()), (ids(&[1]), 0));
    let batch = [seen("DP-1", 7, Some("Z-7")), seen("DP-1", 6, Some("Z-6"))];
    note(stores, &batch).await;
    assert_eq!((there(stores, "Z-7").await, there(stores, "Z-5").await.len()), (ids(&[1]), 0));
    assert_eq!(silent(stores, 99).await, [seen("DP-1", 7, Some("Z-7"))]);
}

/// Of two presences of one time the one that comes later stays: the zone or the shift has changed.
pub async fn of_one_time_the_one_that_comes_later_stays(stores: &Stores) {
    let off = Presence { on_shift: false, ..seen("DP-2", 1, Some("Z-1")) };
    note(stores, &[seen("DP-1", 1, Some("Z-1")), seen("DP-2", 1, Some("Z-1"))]).await;
    note(stores, &[seen("DP-1", 1, Some("Z-2")), off]).await;
    note(stores, &[seen("DP-3", 1, Some("Z-1")), seen("DP-3", 1, Some("Z-2"))]).await;
    assert_eq!(there(stores, "Z-1").await, ids(&[2]));
    assert_eq!(there(stores, "Z-2").await, ids(&[1, 3]));
    assert_eq!(silent(stores, 99).await.len(), 2);
}

fn ids(numbers: &[u32]) -> Vec<String> {
    numbers.iter().map(|number| format!("DP-{number}")).collect()
}

/// Only partners on shift can be silent; who was seen at `before` is not.
pub async fn only_partners_on_shift_are_silent(stores: &Stores) {
    let off = |of, seconds| Presence { on_shift: false, ..seen(of, seconds, None) };
    note(stores, &[seen("DP-1", 1, None), off("DP-2", 1), seen("DP-3", 3, None)]).await;
    assert_eq!(silent(stores, 1).await, []);
    assert_eq!(silent(stores, 3).await, [seen("DP-1", 1, None)]);
    let just_after = at(3) + Duration::microseconds(1);
    let silent_then = stores.presences.silent(just_after, 9).await.expect("answered");
    assert_eq!(silent_then, [seen("DP-1", 1, None), seen("DP-3", 3, None)]);
    // The shift ends, and another begins.
    note(stores, &[off("DP-1", 4), seen("DP-2", 4, None)]).await;
    assert_eq!(silent(stores, 9).await, [seen("DP-3", 3, None), seen("DP-2", 4, None)]);
}

/// The longest silent come first, those of one time by id, as many as are asked for.
pub async fn the_longest_silent_come_first(stores: &Stores) {
    let order = [("DP-9", 1), ("DP-1", 2), ("DP-10", 2), ("DP-2", 2), ("DP-0", 3)];
    let mut noted = order.map(|(of, seconds)| seen(of, seconds, None));
    noted.reverse();
    note(stores, &noted).await;
    noted.reverse();
    assert_eq!(silent(stores, 99).await, noted);
    for limit in 0..5 {
        let found = stores.presences.silent(at(99), limit).await.expect("answered");
        assert_eq!(found, noted[..usize::try_from(limit).expect("small")]);
    }
}

/// The partners in a zone are listed by id in pages, on shift or not.
pub async fn partners_in_a_zone_are_listed_in_pages(stores: &Stores) {
    let order = ["DP-1", "DP-10", "DP-2", "DP-3", "DP-a"];
    let mut noted = order.map(|of| seen(of, 1, Some("Z-1"))).to_vec();
    noted[2].on_shift = false;
    noted.reverse();
    noted.extend([seen("DP-20", 1, Some("Z-10")), seen("DP-21", 1, Some("z-1"))]);
    note(stores, &noted).await;
    for limit in [1, 2, 100] {
        let (mut found, mut after) = (Vec::new(), None);
        loop {
            let page = stores.presences.in_zone(&zone("Z-1"), after.as_ref(), limit).await;
            let page = page.expect("answered");
            let Some(last) = page.last() else { break };
            after = Some(last.partner.clone());
            found.extend(page.into_iter().map(|presence| presence.partner));
        }
        assert_eq!(found, order.map(partner), "{limit} a page");
    }
    let gone = stores.presences.in_zone(&zone("Z-1"), Some(&partner("DP-15")), 9).await;
    assert_eq!(gone.expect("answered").len(), 3);
    assert_eq!(there(stores, "Z-2").await, [""; 0]);
}

/// A partner is in the zone of its last presence only, and in none when that has none.
pub async fn a_partner_leaves_its_zone(stores: &Stores) {
    note(stores, &[seen("DP-1", 1, Some("Z-1")), seen("DP-2", 1, Some("Z-1"))]).await;
    note(stores, &[seen("DP-1", 2, Some("Z-2"))]).await;
    assert_eq!(there(stores, "Z-1").await, ids(&[2]));
    assert_eq!(there(stores, "Z-2").await, ids(&[1]));
    note(stores, &[seen("DP-1", 3, None), seen("DP-2", 3, None)]).await;
    for zone in ["Z-1", "Z-2"] {
        assert_eq!(there(stores, zone).await, [""; 0]);
    }
    assert_eq!(silent(stores, 9).await.len(), 2);
}
