//! Dead letters taken again: stored once, and kept with the reason that holds now.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use futures::executor::block_on;
use logistics_core::PartnerId;
use logistics_core::telemetry::{
    DeadLetter, DeadLetters as _, Form, Inbound, Pipeline, PipelinePolicy, Replayed, Tally,
};

use super::at;
use super::double::Double;
use super::pipeline::{batch_json, fix_json, message, pipeline};

fn only_letter(store: &Double) -> DeadLetter {
    let letters = store.letters.lock().unwrap();
    assert_eq!(letters.len(), 1, "{letters:?}");
    letters[0].clone()
}

#[test]
fn the_poison_of_200_is_stored_once_when_its_cause_is_mended() {
    let store = Arc::new(Double::default());
    *store.poison_lat.lock().unwrap() = Some(66.0);
    let pipeline = pipeline(&store);
    let lat = |n| if n == 77 { 66.0 } else { 18.5 };
    let fixes: Vec<_> = (0..200).map(|n| fix_json(lat(n), 8.0, -1_000 * n)).collect();
    block_on(pipeline.ingest(vec![message("DP-1", batch_json(&fixes))], at(0)));
    assert_eq!(store.fixes.lock().unwrap().len(), 199);
    let letter = only_letter(&store);
    assert_eq!(
        (letter.partner.as_ref().map(PartnerId::as_str), letter.form),
        (Some("DP-1"), Form::Canonical)
    );

    let still = block_on(pipeline.replay(&letter, at(1_000)));
    assert!(matches!(&still.outcome, Replayed::Kept { code, .. } if code == "store_refused"));
    assert_eq!(only_letter(&store), letter);

    *store.poison_lat.lock().unwrap() = None;
    let taken = block_on(pipeline.replay(&letter, at(2_000)));
    let stored = Replayed::Taken(Tally { stored: 1, ..Tally::default() });
    assert_eq!((taken.outcome, taken.live.len()), (stored, 1));
    assert!(store.letters.lock().unwrap().is_empty());
    assert_eq!(store.fixes.lock().unwrap().len(), 200);

    // By somebody who still holds the letter: nothing is stored twice, nothing is set off twice.
    let again = block_on(pipeline.replay(&letter, at(60_000)));
    let duplicate = Replayed::Taken(Tally { duplicates: 1, ..Tally::default() });
    assert_eq!((again.outcome, again.live.len()), (duplicate, 0));
}

#[test]
fn a_letter_refused_for_something_else_is_kept_with_the_new_reason() {
    let (store, enrolled) = (Arc::new(Double::default()), Arc::new(AtomicBool::new(false)));
    let knows = {
        let enrolled = Arc::clone(&enrolled);
        move |_: &PartnerId| enrolled.load(Relaxed)
    };
    let policy = PipelinePolicy::default();
    let pipeline = Pipeline::new(store.clone(), store.clone(), Arc::new(knows), policy);
    let ahead = "id=DP-1&lat=18.5&lon=73.85&timestamp=1793601600";
    let inbound = Inbound { form: Form::OsmAnd, ..message("DP-1", ahead) };
    block_on(pipeline.ingest(vec![inbound], at(0)));
    let first = only_letter(&store);
    assert_eq!((first.code.as_str(), first.form), ("unknown_partner", Form::OsmAnd));

    enrolled.store(true, Relaxed);
    let kept = block_on(pipeline.replay(&first, at(1_000))).outcome;
    assert!(matches!(kept, Replayed::Kept { code, .. } if code == "from_the_future"));
    let second = only_letter(&store);
    assert_eq!((second.id, second.received_at), (first.id, first.received_at));
    assert_eq!((second.code.as_str(), second.form), ("from_the_future", Form::Canonical));

    let taken = block_on(pipeline.replay(&second, at(600_000))).outcome;
    assert_eq!(taken, Replayed::Taken(Tally { stored: 1, ..Tally::default() }));
    assert!(store.letters.lock().unwrap().is_empty());
}

#[test]
fn a_batch_that_is_taken_leaves_letters_of_what_is_refused_in_it() {
    let store = Arc::new(Double::default());
    let pipeline = pipeline(&store);
    let batch = batch_json(&[
        fix_json(18.5, 8.0, 0),
        "7".to_owned(),
        fix_json(18.5, 99.0, 1),
        "8".to_owned(),
    ]);
    block_on(pipeline.ingest(vec![message("X-1", batch)], at(0)));
    let whole = DeadLetter { partner: Some(super::partner("DP-1")), ..only_letter(&store) };
    let replayed = block_on(pipeline.replay(&whole, at(0)));
    let tally = Tally { stored: 1, filtered: 1, refused: 2, ..Tally::default() };
    assert_eq!(replayed.outcome, Replayed::Taken(tally));
    let letters = block_on(store.list(0, 9)).unwrap();
    let kept: Vec<_> = letters.iter().map(|letter| (letter.id, &letter.payload[..])).collect();
    assert_eq!(kept, [(2, &b"7"[..]), (3, b"8")]);
}

#[test]
fn what_cannot_be_done_leaves_the_letter_as_it_is() {
    let store = Arc::new(Double::default());
    let pipeline = pipeline(&store);
    block_on(pipeline.ingest(vec![message("X-1", fix_json(18.5, 8.0, 0))], at(0)));
    let letter = only_letter(&store);
    let of_nobody = DeadLetter { partner: None, ..letter.clone() };
    assert_eq!(block_on(pipeline.replay(&of_nobody, at(0))).outcome, Replayed::OfNobody);

    let known = DeadLetter { partner: Some(super::partner("DP-1")), ..letter.clone() };
    *store.down_after.lock().unwrap() = Some(0);
    assert_eq!(block_on(pipeline.replay(&known, at(0))).outcome, Replayed::Unavailable);
    assert_eq!(only_letter(&store), letter);
}
