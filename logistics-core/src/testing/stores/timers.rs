//! Cases of [`Timers`](crate::eventsourcing::Timers).

use chrono::{DateTime, Duration, Utc};

use super::fixtures::{at, commit, stream};
use super::{Stores, fixtures};
use crate::eventsourcing::{Timer, TimerOp};

fn timer(name: &str, generation: u32, fire_at: DateTime<Utc>) -> Timer {
    fixtures::timer("SAGA#retry#7", name, generation, fire_at)
}

/// Commits `ops` on a stream called `id`.
async fn change(stores: &Stores, id: &str, ops: Vec<TimerOp>) {
    let mut made = commit(&stream(id), "c", 0, 1);
    made.timers = ops;
    stores.events.commit(made).await.expect("taken");
}

async fn due(stores: &Stores, now: DateTime<Utc>) -> Vec<Timer> {
    stores.timers.due(now, 10).await.expect("answered")
}

/// Due timers come earliest first, the most overdue within the limit.
pub async fn due_timers_come_earliest_first(stores: &Stores) {
    let times = [("c", 30), ("a", 20), ("d", 10), ("b", 40), ("e", 10)];
    let ops = times.map(|(name, seconds)| TimerOp::Arm(timer(name, 1, at(seconds))));
    change(stores, "one", ops.to_vec()).await;
    let names = |timers: Vec<Timer>| timers.into_iter().map(|timer| timer.name).collect::<Vec<_>>();
    assert_eq!(names(due(stores, at(9)).await), [""; 0]);
    assert_eq!(names(due(stores, at(30)).await), ["d", "e", "a", "c"]);
    let first = stores.timers.due(at(99), 3).await.expect("answered");
    assert_eq!(names(first), ["d", "e", "a"]);
}

/// Not a nanosecond before its time.
pub async fn a_timer_is_never_early(stores: &Stores) {
    let fire_at = at(10) + Duration::nanoseconds(1_500);
    change(stores, "one", vec![TimerOp::Arm(timer("t", 1, fire_at))]).await;
    for early in [0, 1_000, 1_499] {
        assert_eq!(due(stores, at(10) + Duration::nanoseconds(early)).await, [], "{early} ns");
    }
    let late = due(stores, at(10) + Duration::microseconds(2)).await;
    assert_eq!(late.len(), 1);
    assert!(late.iter().all(|timer| timer.fire_at >= fire_at), "{late:?}");
    // The caller may name the timer as it armed it.
    stores.timers.fired(&timer("t", 1, fire_at)).await.expect("answered");
    assert_eq!(due(stores, at(99)).await, []);
}

/// Arming again moves a timer; an older generation that comes late changes nothing.
pub async fn a_newer_generation_takes_the_place_of_an_older(stores: &Stores) {
    change(stores, "one", vec![TimerOp::Arm(timer("t", 1, at(10)))]).await;
    change(stores, "two", vec![TimerOp::Arm(timer("t", 3, at(30)))]).await;
    change(stores, "three", vec![TimerOp::Arm(timer("t", 2, at(20)))]).await;
    assert_eq!(due(stores, at(29)).await, []);
    assert_eq!(due(stores, at(30)).await, [timer("t", 3, at(30))]);
}

/// A firing of an older generation, or of a timer that is not there, removes nothing.
pub async fn a_stale_firing_removes_nothing(stores: &Stores) {
    let armed = timer("t", 2, at(10));
    change(stores, "one", vec![TimerOp::Arm(armed.clone())]).await;
    for stale in [timer("t", 1, at(10)), timer("other", 2, at(10))] {
        stores.timers.fired(&stale).await.expect("answered");
        assert_eq!(due(stores, at(10)).await, std::slice::from_ref(&armed));
    }
    for _ in 0..2 {
        stores.timers.fired(&armed).await.expect("answered");
        assert_eq!(due(stores, at(10)).await, []);
    }
}

/// A timer that was set anew between its firing and the note of it still fires.
pub async fn a_timer_set_anew_is_not_forgotten(stores: &Stores) {
    change(stores, "one", vec![TimerOp::Arm(timer("t", 1, at(10)))]).await;
    change(stores, "two", vec![TimerOp::Arm(timer("t", 1, at(20)))]).await;
    stores.timers.fired(&timer("t", 1, at(10))).await.expect("answered");
    assert_eq!(due(stores, at(20)).await, [timer("t", 1, at(20))]);
}

/// The changes of one commit are made in their order, and touch their owner's timers only.
pub async fn timers_are_changed_in_order(stores: &Stores) {
    let disarm =
        |name: &str| TimerOp::Disarm { owner: "SAGA#retry#7".to_owned(), name: name.to_owned() };
    let others = Timer { owner: "SAGA#retry#8".to_owned(), ..timer("gone", 1, at(1)) };
    let ops = vec![
        TimerOp::Arm(others.clone()),
        TimerOp::Arm(timer("gone", 5, at(1))),
        disarm("gone"),
        disarm("back"),
        TimerOp::Arm(timer("back", 5, at(1))),
        disarm("back"),
        TimerOp::Arm(timer("back", 1, at(2))),
    ];
    change(stores, "one", ops).await;
    assert_eq!(due(stores, at(9)).await, [others, timer("back", 1, at(2))]);
}
