//! A subject gets everything that is held of it, and nothing of others.

use futures::executor::block_on;
use logistics_core::memory::MemoryStore;
use logistics_core::privacy::{KeyStore, export};
use serde_json::{Value, json};

use super::letter::{LetterCommand, post, run, sealed, subject};
use crate::fixtures::minute;

fn exported(store: &MemoryStore, person: &str) -> Value {
    let export = block_on(export(store, store, store, &subject(person), minute(9))).unwrap();
    serde_json::to_value(export).unwrap()
}

#[test]
fn an_export_holds_all_events_of_all_streams_of_the_subject() {
    let store = MemoryStore::new();
    post(&store, "1", "person-1", "person-2");
    post(&store, "2", "person-3", "person-1");
    post(&store, "3", "person-2", "person-3");
    run(&store, "2", "hold", minute(1), LetterCommand::Hold(true));

    let export = exported(&store, "person-1");
    assert_eq!(export["subject"], "person-1");
    assert_eq!(export["exported_at"], "2026-11-23T09:09:00Z");
    assert_eq!(export["erased_at"], Value::Null);
    let streams: Vec<_> = export["streams"].as_array().unwrap().iter().collect();
    assert_eq!(streams.iter().map(|s| &s["stream"]).collect::<Vec<_>>(), ["LTR#1", "LTR#2"]);

    let events = streams[1]["events"].as_array().unwrap();
    assert_eq!(
        events.iter().map(|e| &e["event_type"]).collect::<Vec<_>>(),
        ["Posted", "HoldChanged"]
    );
    assert_eq!(events[1]["recorded_at"], "2026-11-23T09:01:00Z");
    assert_eq!(events[1]["occurred"]["at"], "2026-11-23T09:01:00Z");
    assert_eq!(events[1]["payload"], json!({ "held": true }));
    assert_eq!(
        events[0]["personal"],
        json!([{ "path": "/addressees/0", "value": "name of person-1" }])
    );
    assert_eq!(
        streams[0]["events"][0]["personal"],
        json!([{ "path": "/sender", "value": "name of person-1" }])
    );
    let text = export.to_string();
    assert!(!text.contains("name of person-2") && !text.contains("name of person-3"), "{text}");
}

#[test]
fn what_cannot_be_opened_is_named() {
    let store = MemoryStore::new();
    // Sealed for another letter, and copied into this one.
    let post = LetterCommand::Post {
        sender: sealed(&store, "1", "sender", "person-1", "Asha"),
        addressees: vec![sealed(&store, "2", "addressees", "person-1", "Asha")],
    };
    run(&store, "2", "post", minute(0), post);
    let export = exported(&store, "person-1");
    let personal = &export["streams"][0]["events"][0]["personal"];
    assert_eq!(personal[0], json!({ "path": "/addressees/0", "value": "Asha" }));
    assert_eq!(personal[1]["path"], "/sender");
    let why = personal[1]["unopened"].as_str().unwrap();
    assert!(why.contains("does not open as sender of LTR#2"), "{why}");
}

#[test]
fn after_erasure_an_export_says_what_was_there() {
    let store = MemoryStore::new();
    post(&store, "1", "person-1", "person-2");
    block_on(store.destroy_key(&subject("person-1"), minute(5))).unwrap();
    let export = exported(&store, "person-1");
    assert_eq!(export["erased_at"], "2026-11-23T09:05:00Z");
    let personal = &export["streams"][0]["events"][0]["personal"];
    let erased = json!({ "at": "2026-11-23T09:05:00Z" });
    assert_eq!(personal, &json!([{ "path": "/sender", "erased": erased }]));
    assert_eq!(exported(&store, "nobody")["streams"], json!([]));
}

#[test]
fn a_subject_with_many_streams_is_read_in_pages() {
    let store = MemoryStore::new();
    for n in 0..1_101 {
        post(&store, &n.to_string(), "person-1", "person-2");
    }
    let export = exported(&store, "person-1");
    assert_eq!(export["streams"].as_array().unwrap().len(), 1_101);
}
