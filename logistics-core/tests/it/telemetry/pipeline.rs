//! The ingestion pipeline over a store that works: what is stored, refused, counted and set off.

use std::sync::Arc;

use futures::executor::block_on;
use logistics_core::PartnerId;
use logistics_core::telemetry::{
    Form, Inbound, Ingested, Outcome, Pipeline, PipelinePolicy, Tally, parse_payload,
};
use proptest::prelude::*;

use super::double::Double;
use super::{NOON_MS, at, partner};

/// A pipeline over `store` that knows every partner whose id starts with `DP`.
pub(super) fn pipeline(store: &Arc<Double>) -> Pipeline {
    Pipeline::new(
        store.clone(),
        store.clone(),
        Arc::new(|partner: &PartnerId| partner.as_str().starts_with("DP")),
        PipelinePolicy::default(),
    )
}

pub(super) fn message(who: &str, payload: impl Into<Vec<u8>>) -> Inbound {
    Inbound {
        partner: partner(who),
        source: format!("logistics/dp/{who}/location"),
        form: Form::Canonical,
        payload: payload.into(),
        received_at: at(0),
    }
}

/// A fix `ms` after the fixed moment.
pub(super) fn fix_json(lat: f64, acc: f64, ms: i64) -> String {
    format!(r#"{{"lat":{lat},"lon":73.85,"acc":{acc},"ts":{}}}"#, NOON_MS + ms)
}

pub(super) fn batch_json(fixes: &[String]) -> String {
    format!(r#"{{"v":1,"fixes":[{}]}}"#, fixes.join(","))
}

fn ingest(pipeline: &Pipeline, messages: Vec<Inbound>) -> Ingested {
    block_on(pipeline.ingest(messages, at(0)))
}

fn code(outcome: &Outcome) -> &str {
    match outcome {
        Outcome::Rejected { code, .. } => code,
        Outcome::Taken(_) => "taken",
        Outcome::Unavailable => "unavailable",
    }
}

const STORED: Outcome = Outcome::Taken(Tally {
    stored: 1,
    duplicates: 0,
    conflicts: 0,
    filtered: 0,
    ignored: 0,
    refused: 0,
});

#[test]
fn each_message_meets_its_fate_in_order() {
    let store = Arc::new(Double::default());
    let pipeline = pipeline(&store);
    let good = fix_json(18.5, 8.0, 0);
    let done = ingest(
        &pipeline,
        vec![
            message("DP-1", good.clone()),
            message("DP-1", good.clone()),
            message("DP-1", fix_json(18.6, 9.0, 0)),
            message("DP-1", fix_json(18.5, 50.0, 1_000)),
            message("DP-1", fix_json(18.5, 50.1, 2_000)),
            message("DP-1", fix_json(18.5, 8.0, 120_001)),
            message("DP-1", fix_json(18.5, 8.0, 120_000)),
            message("XX-1", good),
            message("DP-1", "{\"lat\":"),
            message("DP-1", "{}"),
        ],
    );
    let taken = |tally| Outcome::Taken(tally);
    assert_eq!(done.outcomes[0], STORED);
    assert_eq!(done.outcomes[1], taken(Tally { duplicates: 1, ..Tally::default() }));
    assert_eq!(done.outcomes[2], taken(Tally { conflicts: 1, ..Tally::default() }));
    assert_eq!(done.outcomes[3], STORED);
    assert_eq!(done.outcomes[4], taken(Tally { filtered: 1, ..Tally::default() }));
    assert_eq!(code(&done.outcomes[5]), "from_the_future");
    assert_eq!(done.outcomes[6], STORED);
    let codes: Vec<_> = done.outcomes[7..].iter().map(code).collect();
    assert_eq!(codes, ["unknown_partner", "bad_json", "missing_field"]);
    assert!(done.outcomes.iter().all(Outcome::is_durable));

    let live: Vec<_> = done.live.iter().map(|fix| fix.ts).collect();
    assert_eq!(live, [at(0), at(1_000), at(120_000)]);
    let letters = store.letters.lock().unwrap();
    let buried: Vec<_> = letters.iter().map(|letter| letter.code.as_str()).collect();
    assert_eq!(buried, ["from_the_future", "unknown_partner", "bad_json", "missing_field"]);
    assert_eq!(letters[1].source, "logistics/dp/XX-1/location");
    assert_eq!(letters[2].payload, b"{\"lat\":");

    let counted = pipeline.counters().snapshot();
    assert_eq!((counted.messages, counted.stored, counted.duplicates), (10, 3, 1));
    assert_eq!((counted.conflicts, counted.filtered, counted.unavailable), (1, 1, 0));
    assert_eq!(counted.refused.values().sum::<u64>(), 4);
    assert_eq!(counted.refused["from_the_future"], 1);
}

#[test]
fn a_backlog_is_stored_whole_and_only_its_last_day_sets_anything_off() {
    let store = Arc::new(Double::default());
    let pipeline = pipeline(&store);
    let day_ms = 24 * 3_600_000;
    // Newest first, as some devices drain their queue.
    let ages = [0, 60_000, day_ms, day_ms + 1, 30 * day_ms];
    let fixes = ages.map(|age| fix_json(18.5, 8.0, -age));
    let done = ingest(&pipeline, vec![message("DP-1", batch_json(&fixes))]);
    assert_eq!(done.outcomes, [Outcome::Taken(Tally { stored: 5, ..Tally::default() })]);
    let live: Vec<_> = done.live.iter().map(|fix| fix.ts).collect();
    assert_eq!(live, [at(-day_ms), at(-60_000), at(0)]);
    assert_eq!(store.fixes.lock().unwrap().len(), 5);
}

#[test]
fn a_fix_sent_again_does_not_reach_the_store_within_the_window() {
    let store = Arc::new(Double::default());
    let pipeline = pipeline(&store);
    let send = |now| block_on(pipeline.ingest(vec![message("DP-1", fix_json(18.5, 8.0, 0))], now));
    assert_eq!(send(at(0)).outcomes, [STORED]);
    let again = Outcome::Taken(Tally { duplicates: 1, ..Tally::default() });
    let second = send(at(4_000));
    assert_eq!((second.outcomes, second.live.len()), (vec![again.clone()], 0));
    assert_eq!(*store.appends.lock().unwrap(), 1);
    let third = send(at(6_000));
    assert_eq!((third.outcomes, third.live.len()), (vec![again], 0));
    assert_eq!(*store.appends.lock().unwrap(), 2);
}

#[test]
fn messages_of_other_apps_take_the_same_way() {
    let store = Arc::new(Double::default());
    let pipeline = pipeline(&store);
    let send = |form, payload: String| {
        let inbound = Inbound { form, ..message("DP-1", payload) };
        ingest(&pipeline, vec![inbound]).outcomes.remove(0)
    };
    let seconds = NOON_MS / 1_000;
    let own = format!(r#"{{"_type":"location","lat":18.5,"lon":73.85,"acc":8,"tst":{seconds}}}"#);
    assert_eq!(send(Form::OwnTracks, own), STORED);
    let same = format!("id=DP-1&lat=18.5&lon=73.85&accuracy=8&timestamp={seconds}");
    let duplicate = Outcome::Taken(Tally { duplicates: 1, ..Tally::default() });
    assert_eq!(send(Form::OsmAnd, same), duplicate);
    let vague = format!("id=DP-1&lat=18.5&lon=73.85&accuracy=51&timestamp={seconds}&mock=true");
    assert_eq!(
        send(Form::OsmAnd, vague),
        Outcome::Taken(Tally { filtered: 1, ..Tally::default() })
    );
    let ahead = format!("id=DP-1&lat=18.5&lon=73.85&timestamp={}", seconds + 121);
    assert_eq!(code(&send(Form::OsmAnd, ahead)), "from_the_future");

    let batch = r#"{"device_id":"DP-1","location":[{"timestamp":"2026-11-02T06:29:00Z",
        "coords":{"latitude":18.5,"longitude":73.85},"mock":true},{},{"coords":{"latitude":"x"}}]}"#;
    let tally = Tally { stored: 1, ignored: 1, refused: 1, ..Tally::default() };
    assert_eq!(send(Form::Traccar, batch.to_owned()), Outcome::Taken(tally));
    let nothing = Outcome::Taken(Tally { ignored: 1, ..Tally::default() });
    for idle in [r#"{"_type":"lwt","tst":1}"#, r#"{"_type":"encrypted","data":"x"}"#] {
        assert_eq!(send(Form::OwnTracks, idle.to_owned()), nothing);
    }

    let counts = pipeline.counters().snapshot();
    assert_eq!((counts.stored, counts.duplicates, counts.filtered, counts.mocks), (2, 1, 1, 2));
    let ignored = [("encrypted", 1), ("no_position", 1), ("not_a_location", 1)];
    assert_eq!(counts.ignored.into_iter().collect::<Vec<_>>(), ignored);
    let letters = store.letters.lock().unwrap();
    let codes: Vec<_> = letters.iter().map(|letter| letter.code.as_str()).collect();
    assert_eq!(codes, ["from_the_future", "missing_field"]);
    assert_eq!(letters[1].payload, br#"{"coords":{"latitude":"x"}}"#);
    assert!(letters[1].detail.starts_with("fixes[1]: longitude"), "{}", letters[1].detail);
}

#[test]
fn a_fix_in_quarantine_can_be_sent_again_from_its_dead_letter() {
    let store = Arc::new(Double::default());
    let pipeline = pipeline(&store);
    let batch = batch_json(&[fix_json(18.5, 8.0, 0), fix_json(18.7, 8.0, 600_000)]);
    ingest(&pipeline, vec![message("DP-1", batch)]);
    let payload = store.letters.lock().unwrap()[0].payload.clone();
    let parsed = parse_payload(&partner("DP-1"), &payload, 20.0).unwrap();
    assert_eq!(parsed.items[0].fix.as_ref().unwrap().ts, at(600_000));
    let later = block_on(pipeline.ingest(vec![message("DP-1", payload)], at(600_000)));
    assert_eq!(later.outcomes, [STORED]);
}

proptest! {
    /// Any order, any grouping into messages and calls, any repetition: the same history.
    #[test]
    fn what_is_stored_does_not_depend_on_the_order_of_arrival(
        day in proptest::collection::vec((0i64..40, 0u8..3, 0u8..3), 1..60),
        shuffled in any::<proptest::sample::Index>(),
        rest in any::<u64>(),
        group in 1usize..9,
    ) {
        let json: Vec<_> = day
            .iter()
            .map(|&(ts, lat, acc)| fix_json(18.5 + f64::from(lat), 5.0 + f64::from(acc), ts * 1_000))
            .collect();
        let mut other = json.clone();
        other.rotate_left(shuffled.index(json.len()));
        // A fixed permutation from a random seed: Fisher-Yates over a linear congruence.
        let mut seed = rest;
        for upper in (1..other.len()).rev() {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            other.swap(upper, usize::try_from(seed >> 33).unwrap() % (upper + 1));
        }
        let run = |fixes: &[String], group: usize| {
            let store = Arc::new(Double::default());
            let pipeline = pipeline(&store);
            for (call, fixes) in fixes.chunks(group).enumerate() {
                let now = at(40_000 + 1_000 * i64::try_from(call).unwrap());
                block_on(pipeline.ingest(vec![message("DP-1", batch_json(fixes))], now));
            }
            std::mem::take(&mut *store.fixes.lock().unwrap())
        };
        prop_assert_eq!(run(&json, json.len()), run(&other, group));
    }
}
