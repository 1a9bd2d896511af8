//! Cases of [`FixStore`](crate::telemetry::FixStore).

use chrono::{DateTime, Duration, Utc};

use super::Stores;
use super::fixtures::{at, partner};
use crate::telemetry::{Appended, Fix, TrackCursor};

fn fix(of: &str, ms: i64, accuracy_m: f64) -> Fix {
    Fix {
        partner: partner(of),
        ts: at(0) + Duration::milliseconds(ms),
        position: (73.856_743_7, 18.520_430_3).into(),
        accuracy_m,
        accuracy_assumed: false,
        speed_mps: None,
        bearing_deg: None,
        battery: None,
        mocked: false,
    }
}

async fn append(stores: &Stores, fixes: &[Fix]) -> Vec<Appended> {
    stores.fixes.append(fixes).await.expect("answered")
}

async fn range(stores: &Stores, of: &str, from: DateTime<Utc>, to: DateTime<Utc>) -> Vec<Fix> {
    stores.fixes.range(&partner(of), from, to, 100).await.expect("answered")
}

async fn everything(stores: &Stores, of: &str) -> Vec<Fix> {
    range(stores, of, at(-100_000), at(100_000)).await
}

/// Every field, set or not, comes back to the last bit.
pub async fn a_fix_comes_back_as_it_was_appended(stores: &Stores) {
    let full = Fix {
        position: (-0.1 - 0.2, f64::MIN_POSITIVE).into(),
        accuracy_assumed: true,
        speed_mps: Some(1.0 / 3.0),
        bearing_deg: Some(359.999_999_999),
        battery: Some(0.0),
        mocked: true,
        ..fix("DP-1", 1, 0.1 + 0.2)
    };
    let bare = fix("DP-1", 2, 50.0);
    assert_eq!(append(stores, &[full.clone(), bare.clone()]).await, [Appended::Stored; 2]);
    assert_eq!(everything(stores, "DP-1").await, [full, bare]);
}

/// A fix sent again, in another batch or the same, is there once.
pub async fn the_same_fix_is_kept_once(stores: &Stores) {
    let one = fix("DP-1", 1, 5.0);
    let answers = append(stores, &[one.clone(), one.clone()]).await;
    assert_eq!(answers, [Appended::Stored, Appended::Duplicate]);
    assert_eq!(append(stores, std::slice::from_ref(&one)).await, [Appended::Duplicate]);
    assert_eq!(everything(stores, "DP-1").await, [one]);
    assert_eq!(append(stores, &[]).await, []);
}

/// Of two fixes of one partner and time the one with the smaller radius is kept, whichever comes
/// first; a tie is decided by the values themselves ([`Fix::supersedes`]), not by their order.
pub async fn of_two_fixes_at_one_time_the_more_accurate_is_kept(stores: &Stores) {
    append(stores, &[fix("DP-1", 1, 20.0), fix("DP-1", 2, 20.0)]).await;
    let (worse, better) = (fix("DP-1", 1, 30.0), fix("DP-1", 2, 10.0));
    let tie = Fix { battery: Some(0.5), ..fix("DP-1", 1, 20.0) };
    let answers = append(stores, &[worse, better.clone(), tie.clone(), fix("DP-1", 1, 20.0)]).await;
    let conflict = |replaced| Appended::Conflict { replaced };
    assert_eq!(answers, [conflict(false), conflict(true), conflict(true), conflict(false)]);
    assert_eq!(everything(stores, "DP-1").await, [tie, better]);
    let within =
        append(stores, &[fix("DP-1", 3, 9.0), fix("DP-1", 3, 4.0), fix("DP-1", 3, 6.0)]).await;
    assert_eq!(within, [Appended::Stored, conflict(true), conflict(false)]);
    assert_eq!(everything(stores, "DP-1").await.last(), Some(&fix("DP-1", 3, 4.0)));
}

/// A batch out of order, with old and new mixed, is answered fix by fix.
pub async fn answers_come_in_the_order_of_the_batch(stores: &Stores) {
    let batch: Vec<Fix> =
        (0..100).rev().map(|n| fix(["DP-1", "DP-2"][usize::from(n % 2 == 0)], n, 5.0)).collect();
    let odd: Vec<Fix> = batch.iter().step_by(3).cloned().collect();
    assert_eq!(append(stores, &odd).await, vec![Appended::Stored; 34]);
    for (n, answer) in append(stores, &batch).await.into_iter().enumerate() {
        let expected = if n % 3 == 0 { Appended::Duplicate } else { Appended::Stored };
        assert_eq!(answer, expected, "fix {n}");
    }
    for of in ["DP-1", "DP-2"] {
        let stored = everything(stores, of).await;
        assert_eq!(stored.len(), 50);
        assert!(stored.is_sorted_by_key(|fix| fix.ts), "{of} is out of order");
    }
}

/// A range holds its begin and not its end, one partner, the oldest within the limit.
pub async fn a_range_is_half_open(stores: &Stores) {
    let fixes: Vec<Fix> = (0..5).map(|s| fix("DP-1", s * 1_000, 5.0)).collect();
    append(stores, &fixes).await;
    append(stores, &[fix("DP-10", 2_000, 5.0), fix("DP-0", 2_000, 5.0)]).await;
    let cases: [(i64, i64, &[Fix]); 5] =
        [(1, 3, &fixes[1..3]), (0, 5, &fixes[..]), (4, 4, &[]), (3, 1, &[]), (5, 9, &[])];
    for (from, to, expected) in cases {
        assert_eq!(range(stores, "DP-1", at(from), at(to)).await, expected, "{from}..{to}");
    }
    let later = at(1) + Duration::nanoseconds(1);
    assert_eq!(range(stores, "DP-1", later, at(3)).await, fixes[2..3]);
    assert_eq!(range(stores, "DP-1", at(1), later).await, fixes[1..2]);
    let limited = stores.fixes.range(&partner("DP-1"), at(1), at(9), 2).await.expect("answered");
    assert_eq!(limited, fixes[1..3]);
}

/// The latest fix by its own time, not by arrival, of each partner.
pub async fn the_latest_fix_of_each_partner_is_known(stores: &Stores) {
    assert_eq!(stores.fixes.latest().await.expect("answered"), []);
    append(stores, &[fix("DP-1", 9, 5.0), fix("DP-2", 1, 5.0), fix("DP-1", 3, 5.0)]).await;
    append(stores, &[fix("DP-3", 2, 5.0), fix("DP-2", 4, 5.0)]).await;
    let mut latest = stores.fixes.latest().await.expect("answered");
    latest.sort_by(|a, b| a.partner.cmp(&b.partner));
    assert_eq!(latest, [fix("DP-1", 9, 5.0), fix("DP-2", 4, 5.0), fix("DP-3", 2, 5.0)]);
}

/// Pruning removes what is older, of all partners, at most so much at a time.
pub async fn old_fixes_are_pruned_up_to_a_limit(stores: &Stores) {
    for of in ["DP-1", "DP-2"] {
        let fixes: Vec<Fix> = (0..5).map(|s| fix(of, s * 1_000, 5.0)).collect();
        append(stores, &fixes).await;
    }
    let prune = async |limit| stores.fixes.prune(at(3), limit).await.expect("answered");
    assert_eq!((prune(4).await, prune(4).await, prune(4).await), (4, 2, 0));
    for of in ["DP-1", "DP-2"] {
        assert_eq!(everything(stores, of).await, [fix(of, 3_000, 5.0), fix(of, 4_000, 5.0)]);
    }
}

/// Each partner has one cursor, the last that was saved.
pub async fn cursors_are_replaced(stores: &Stores) {
    let cursor = |of: &str, seconds, state: &[u8]| TrackCursor {
        partner: partner(of),
        evaluated_until: at(seconds),
        state: state.to_vec(),
    };
    let saved = [cursor("DP-1", 1, b"one"), cursor("DP-2", 2, &[0, 255])];
    stores.fixes.save_cursors(&saved).await.expect("answered");
    let newer = [cursor("DP-1", 7, b"seven"), cursor("DP-3", 3, b"")];
    stores.fixes.save_cursors(&newer).await.expect("answered");
    stores.fixes.save_cursors(&[]).await.expect("answered");
    let mut cursors = stores.fixes.cursors().await.expect("answered");
    cursors.sort_by(|a, b| a.partner.cmp(&b.partner));
    let [one, three] = newer;
    let [_, two] = saved;
    assert_eq!(cursors, [one, two, three]);
}
