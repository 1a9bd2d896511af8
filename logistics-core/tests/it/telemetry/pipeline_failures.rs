//! The ingestion pipeline when the store refuses, fails or comes back.

use std::sync::Arc;

use futures::executor::block_on;
use logistics_core::telemetry::{Outcome, Tally};

use super::at;
use super::double::Double;
use super::pipeline::{batch_json, fix_json, message, pipeline};

fn taken(tally: Tally) -> Outcome {
    Outcome::Taken(tally)
}

#[test]
fn one_poison_fix_among_200_goes_to_the_dead_letters_alone() {
    let store = Arc::new(Double::default());
    *store.poison_lat.lock().unwrap() = Some(66.0);
    let pipeline = pipeline(&store);
    for poison_at in [0u32, 1, 99, 137, 199] {
        store.fixes.lock().unwrap().clear();
        store.letters.lock().unwrap().clear();
        *store.appends.lock().unwrap() = 0;
        let base = i64::from(poison_at) * -250_000;
        let fixes: Vec<_> = (0..200u32)
            .map(|n| {
                let lat = if n == poison_at { 66.0 } else { 18.5 };
                fix_json(lat, 8.0, base - i64::from(n) * 1_000)
            })
            .collect();
        let done = block_on(pipeline.ingest(vec![message("DP-1", batch_json(&fixes))], at(0)));
        let tally = Tally { stored: 199, refused: 1, ..Tally::default() };
        assert_eq!(done.outcomes, [taken(tally)]);
        assert_eq!(done.live.len(), 199);
        assert_eq!(store.fixes.lock().unwrap().len(), 199);
        let letters = store.letters.lock().unwrap();
        assert_eq!(letters.len(), 1);
        assert_eq!(letters[0].code, "store_refused");
        assert!(letters[0].detail.contains("value refused"), "{}", letters[0].detail);
        assert!(letters[0].payload.starts_with(b"{"));
        // Halving 200 takes 8 steps of two.
        assert!(*store.appends.lock().unwrap() <= 17);
    }
}

#[test]
fn poison_of_one_device_leaves_the_messages_of_others() {
    let store = Arc::new(Double::default());
    *store.poison_lat.lock().unwrap() = Some(66.0);
    let pipeline = pipeline(&store);
    let messages = vec![
        message("DP-1", fix_json(18.5, 8.0, 0)),
        message("DP-2", fix_json(66.0, 8.0, 0)),
        message("DP-3", fix_json(18.5, 8.0, 0)),
    ];
    let done = block_on(pipeline.ingest(messages, at(0)));
    assert_eq!(done.outcomes[0], taken(Tally { stored: 1, ..Tally::default() }));
    assert!(matches!(done.outcomes[1], Outcome::Rejected { code: "store_refused", .. }));
    assert_eq!(done.outcomes[2], taken(Tally { stored: 1, ..Tally::default() }));
}

#[test]
fn a_store_that_is_away_leaves_messages_unacknowledged_and_takes_them_later() {
    let store = Arc::new(Double::default());
    *store.down_after.lock().unwrap() = Some(0);
    let pipeline = pipeline(&store);
    let messages = || {
        vec![
            message("DP-1", fix_json(18.5, 8.0, 0)),
            message("DP-1", fix_json(18.5, 99.0, 0)),
            message("DP-1", batch_json(&[fix_json(18.5, 99.0, 1), fix_json(18.5, 8.0, 2)])),
        ]
    };
    let filtered = taken(Tally { filtered: 1, ..Tally::default() });
    let down = block_on(pipeline.ingest(messages(), at(0)));
    assert_eq!(down.outcomes, [Outcome::Unavailable, filtered.clone(), Outcome::Unavailable]);
    assert!(down.live.is_empty());
    assert_eq!(pipeline.counters().snapshot().unavailable, 2);

    // The dedup window must not have learnt what was not stored.
    *store.down_after.lock().unwrap() = None;
    let up = block_on(pipeline.ingest(messages(), at(1_000)));
    let stored = taken(Tally { stored: 1, ..Tally::default() });
    let both = taken(Tally { stored: 1, filtered: 1, ..Tally::default() });
    assert_eq!(up.outcomes, [stored, filtered, both]);
    assert_eq!(up.live.len(), 2);
    assert!(store.letters.lock().unwrap().is_empty());
}

#[test]
fn a_store_that_goes_away_while_poison_is_sought_keeps_what_it_has_taken() {
    let store = Arc::new(Double::default());
    *store.poison_lat.lock().unwrap() = Some(66.0);
    // The whole, then its first half; the second half meets a closed door.
    *store.down_after.lock().unwrap() = Some(2);
    let pipeline = pipeline(&store);
    let lat = [18.5, 18.5, 66.0, 18.5];
    let messages: Vec<_> =
        lat.iter().zip(0..).map(|(&lat, ms)| message("DP-1", fix_json(lat, 8.0, ms))).collect();
    let done = block_on(pipeline.ingest(messages, at(0)));
    let durable: Vec<_> = done.outcomes.iter().map(Outcome::is_durable).collect();
    assert_eq!(durable, [true, true, false, false]);
    assert_eq!(done.live.len(), 2);
}

#[test]
fn a_message_whose_dead_letter_cannot_be_kept_must_come_again() {
    let store = Arc::new(Double::default());
    *store.bury_down.lock().unwrap() = true;
    let pipeline = pipeline(&store);
    let half_good = batch_json(&[fix_json(18.5, 8.0, 0), "7".to_owned()]);
    let messages = || vec![message("DP-1", "broken"), message("DP-1", half_good.clone())];
    let down = block_on(pipeline.ingest(messages(), at(0)));
    assert_eq!(down.outcomes, [Outcome::Unavailable, Outcome::Unavailable]);
    assert_eq!(down.live.len(), 1, "stored now, so it must be evaluated now");
    assert!(pipeline.counters().snapshot().refused.is_empty());

    *store.bury_down.lock().unwrap() = false;
    let up = block_on(pipeline.ingest(messages(), at(1_000)));
    assert!(matches!(up.outcomes[0], Outcome::Rejected { code: "bad_json", .. }));
    let tally = Tally { duplicates: 1, refused: 1, ..Tally::default() };
    assert_eq!(up.outcomes[1], taken(tally));
    assert!(up.live.is_empty());
}
