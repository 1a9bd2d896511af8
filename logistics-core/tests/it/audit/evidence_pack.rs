//! EvidencePack of one stream stands on its own against an anchor kept elsewhere.

use futures::executor::block_on;
use logistics_core::audit::{
    Anchor, AuditError, Auditor, EvidencePack, EvidencePackError, Finding, Mark, evidence_pack,
    verify_store,
};
use logistics_core::eventsourcing::{Position, Version};
use logistics_core::values::Sha256Digest;
use serde_json::{Value, json};

use super::log::{Chance, Log, rows, stream, written};

/// A log, the anchor of its first 60 events, and the evidence pack of one of its streams.
fn dispute() -> (Log, Anchor, EvidencePack) {
    let log = rows(&written(&mut Chance(11), 80, 4));
    let anchor = block_on(verify_store(&Log::of(&log.rows[..60]), &[])).unwrap().mark.anchor();
    let pack = block_on(evidence_pack(&log, &stream(2), &Mark::START, &anchor)).unwrap();
    (log, anchor, pack)
}

#[test]
fn evidence_holds_all_events_and_proves_those_that_are_anchored() {
    let (log, anchor, pack) = dispute();
    let own: Vec<_> = log.rows.iter().filter(|row| row.stream == stream(2)).collect();
    assert_eq!(pack.events.len(), own.len());
    for (shown, row) in pack.events.iter().zip(&own) {
        assert_eq!(shown.hash, row.event.hash);
        assert_eq!(shown.actor, row.event.actor);
        assert_eq!(shown.payload.as_bytes(), row.event.payload);
        assert_eq!(shown.inclusion.is_some(), row.position <= Position::new(60));
    }
    let anchored = own.iter().filter(|row| row.position <= Position::new(60)).count();
    assert!(0 < anchored && anchored < own.len(), "some are anchored and some are newer");
    assert_eq!(pack.verify(&anchor), Ok(Version::new(anchored as u64)));
    let text = serde_json::to_string(&pack).unwrap();
    assert_eq!(serde_json::from_str::<EvidencePack>(&text).unwrap(), pack);
}

#[test]
fn evidence_from_a_later_mark_is_the_same() {
    let (log, anchor, whole) = dispute();
    let first = whole.events[0].position.get();
    assert!(first > 1, "something lies before the stream");
    for cut in 0..usize::try_from(first).unwrap() {
        let mut auditor = Auditor::new(Mark::START, &[]).unwrap();
        while block_on(auditor.step(&Log::of(&log.rows[..cut]))).unwrap() {}
        let made = block_on(evidence_pack(&log, &stream(2), auditor.mark(), &anchor)).unwrap();
        assert_eq!(made, whole);
    }
}

/// All places of a JSON document, as pointers.
fn places(value: &Value, path: String, places: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                self::places(value, format!("{path}/{name}"), places);
            }
        }
        Value::Array(items) => {
            for (at, value) in items.iter().enumerate() {
                self::places(value, format!("{path}/{at}"), places);
            }
        }
        _ => places.push(path),
    }
}

/// Another value of the same kind.
fn other(value: &Value) -> Value {
    match value {
        Value::Null => json!("0193a5b0-0000-7000-8000-000000000000"),
        Value::Bool(is) => json!(!is),
        Value::Number(number) => json!(number.as_i64().unwrap() + 1),
        Value::String(text) if text.starts_with("2026-") => json!("2026-11-24T00:00:00Z"),
        Value::String(text) => {
            let last = if text.ends_with('0') { "1" } else { "0" };
            json!(format!("{}{last}", &text[..text.len() - 1]))
        }
        _ => unreachable!("only leaves are changed"),
    }
}

#[test]
fn evidence_in_which_anything_is_changed_proves_nothing() {
    let (_, anchor, pack) = dispute();
    let document = serde_json::to_value(&pack).unwrap();
    let mut all = Vec::new();
    places(&document, String::new(), &mut all);
    let mut tried = 0;
    for place in all {
        let mut forged = document.clone();
        let value = forged.pointer_mut(&place).unwrap();
        *value = other(value);
        // What is no evidence at all proves nothing either.
        let Ok(forged) = serde_json::from_value::<EvidencePack>(forged) else { continue };
        assert_ne!(forged, pack, "{place}");
        let nth = place.split('/').nth(2).and_then(|at| at.parse().ok());
        match forged.verify(&anchor) {
            Err(_) => {}
            // An event that is said to be newer than the anchor is not said to be proved.
            Ok(version) => assert!(nth.is_some_and(|at: u64| at >= version.get()), "{place}"),
        }
        tried += 1;
    }
    assert!(tried > 100, "{tried} places are few");
}

#[test]
fn evidence_is_checked_against_the_anchor_that_one_holds() {
    let (_, anchor, pack) = dispute();
    let other = Anchor { size: 61, ..anchor };
    let wanted = EvidencePackError::Anchor { found: 60, wanted: 61 };
    assert_eq!(pack.verify(&other), Err(wanted));
    // Made up together with its anchor.
    let other = Anchor { root: Sha256Digest::of("made up"), ..anchor };
    assert!(matches!(pack.verify(&other), Err(EvidencePackError::Anchor { .. })));
    let made_up = EvidencePack { anchor: other, ..pack };
    assert_eq!(
        made_up.verify(&other),
        Err(EvidencePackError::Inclusion { version: Version::new(1) })
    );
}

#[test]
fn there_is_no_evidence_of_a_stream_that_was_tampered_with() {
    let (log, anchor, _) = dispute();
    let made = |change: &dyn Fn(&mut Log)| {
        let mut changed = log.clone();
        change(&mut changed);
        match block_on(evidence_pack(&changed, &stream(2), &Mark::START, &anchor)) {
            Err(AuditError::Found(finding)) => finding,
            other => panic!("{other:?}"),
        }
    };
    let row = |log: &mut Log| log.rows.iter_mut().position(|row| row.stream == stream(2)).unwrap();
    let edited = made(&|log| {
        let at = row(log);
        log.rows[at].event.payload.push(b' ');
    });
    assert!(matches!(edited, Finding::Chain(_)), "{edited}");
    let rewritten = made(&|log| {
        let at = row(log);
        log.rows[at].event.payload.push(b' ');
        log.rehash(&stream(2), 1);
    });
    assert!(matches!(rewritten, Finding::Root { .. }), "{rewritten}");
    let cut = made(&|log| log.rows.truncate(50));
    assert!(matches!(cut, Finding::Truncated { size: 50, .. }), "{cut}");
    let no_text = made(&|log| {
        let at = log.rows.iter().rposition(|row| row.stream == stream(2)).unwrap();
        log.rows[at].event.payload = vec![0xff];
        let version = log.rows[at].version.get();
        log.rehash(&stream(2), version);
    });
    assert!(matches!(no_text, Finding::NoText { .. }), "{no_text}");
}
