//! Verifying streams and stores that are whole, in parts, and across restarts and restores.

use futures::executor::block_on;
use logistics_core::audit::{
    Anchor, AuditError, Auditor, Finding, Mark, StreamVerified, verify_store, verify_stream,
    verify_streams,
};
use logistics_core::eventsourcing::{ChainBreak, EventStore, Position, Version};
use logistics_core::values::Sha256Digest;

use super::log::{Chance, Log, rows, stream, written};

fn step_to_end(auditor: &mut Auditor, store: &dyn EventStore) {
    while block_on(auditor.step(store)).unwrap() {}
}

fn found(result: Result<impl Sized, AuditError>) -> Finding {
    match result {
        Err(AuditError::Found(finding)) => finding,
        Err(error) => panic!("{error:?}"),
        Ok(_) => panic!("nothing was found"),
    }
}

#[test]
fn a_whole_store_is_verified_over_many_pages() {
    let store = written(&mut Chance(1), 3_000, 20);
    let log = rows(&store);
    let verified = block_on(verify_store(&store, &[])).unwrap();
    assert_eq!(verified.mark.anchor().size, log.rows.len() as u64);
    assert_eq!(verified.streams.len(), 20);
    for (stream, head) in &verified.streams {
        assert_eq!(block_on(verify_stream(&store, stream)).unwrap(), *head);
    }
    block_on(verify_streams(&store, &verified)).unwrap();
    assert_eq!(block_on(verify_store(&store, &[verified.mark.anchor()])).unwrap(), verified);
    let none = block_on(verify_stream(&store, &stream(99))).unwrap();
    assert_eq!(none, StreamVerified::NONE);
}

#[test]
fn an_empty_store_has_an_anchor() {
    let empty = Log::of([]);
    let verified = block_on(verify_store(&empty, &[])).unwrap();
    let anchor = Anchor { size: 0, root: Sha256Digest::of(b"") };
    assert_eq!(verified.mark.anchor(), anchor);
    assert_eq!(verified.mark, Mark::START);
    block_on(verify_store(&rows(&written(&mut Chance(1), 9, 2)), &[anchor])).unwrap();
}

#[test]
fn an_audit_goes_on_after_a_restart() {
    let whole = rows(&written(&mut Chance(2), 200, 5));
    let end = block_on(verify_store(&whole, &[])).unwrap();
    for cut in 0..=whole.rows.len() {
        let before = Log::of(&whole.rows[..cut]);
        let mut auditor = Auditor::new(Mark::START, &[]).unwrap();
        step_to_end(&mut auditor, &before);
        let kept = serde_json::to_string(auditor.mark()).unwrap();
        assert!(kept.len() < 1_000, "a mark is small: {kept}");

        let mark: Mark = serde_json::from_str(&kept).unwrap();
        let mut auditor = Auditor::new(mark, &[end.mark.anchor()]).unwrap();
        step_to_end(&mut auditor, &whole);
        assert_eq!(auditor.finish().unwrap().mark, end.mark, "cut at {cut}");
    }
}

#[test]
fn a_resumed_audit_sees_that_a_stream_does_not_follow_its_past() {
    let whole = rows(&written(&mut Chance(3), 100, 3));
    let mut auditor = Auditor::new(Mark::START, &[]).unwrap();
    step_to_end(&mut auditor, &Log::of(&whole.rows[..50]));
    let next = whole.rows[50..].iter().find(|row| row.version > Version::new(1)).unwrap();
    let (stream, version) = (next.stream.clone(), next.version);

    let mut cut = whole.clone();
    let before = Version::new(version.get() - 1);
    cut.rows.retain(|row| row.stream != stream || row.version != before);
    let mut resumed = Auditor::new(auditor.mark().clone(), &[]).unwrap();
    let finding = loop {
        match block_on(resumed.step(&cut)) {
            Ok(true) => {}
            other => break found(other),
        }
    };
    // The event at the mark itself may be the one that is gone.
    match finding {
        Finding::Chain(ChainBreak::Version { stream: of, found, .. }) => {
            assert_eq!((of, found), (stream, version));
        }
        other => assert_eq!(other, Finding::Rewound { position: Position::new(50) }),
    }
}

#[test]
fn a_restored_backup_is_noticed() {
    let whole = rows(&written(&mut Chance(4), 60, 4));
    let mut auditor = Auditor::new(Mark::START, &[]).unwrap();
    step_to_end(&mut auditor, &whole);
    let size = whole.rows.len() as u64;
    // Back to the first 40 events, and on from there with others.
    let mut restored = Log::of(&whole.rows[..40]);
    let rewound = Finding::Rewound { position: Position::new(size) };
    assert_eq!(found(block_on(auditor.step(&restored))), rewound);
    let mut other = whole.rows[40..].to_vec();
    for row in &mut other {
        row.event.payload = b"{}".to_vec();
    }
    restored.rows.extend(other);
    for number in 0..4 {
        restored.rehash(&stream(number), 1);
    }
    assert_eq!(found(block_on(auditor.step(&restored))), rewound);
    let anchor = auditor.mark().anchor();
    let finding = found(block_on(verify_store(&restored, &[anchor])));
    assert!(matches!(finding, Finding::Root { anchor: of, .. } if of == anchor));
    block_on(verify_store(&restored, &[])).expect("only an anchor tells");
}

#[test]
fn an_anchor_before_the_mark_is_not_passed_over() {
    let whole = rows(&written(&mut Chance(5), 20, 2));
    let mut auditor = Auditor::new(Mark::START, &[]).unwrap();
    step_to_end(&mut auditor, &Log::of(&whole.rows[..10]));
    let (mark, wrong) = (auditor.mark(), Sha256Digest::of("wrong"));
    let early = Auditor::new(mark.clone(), &[Anchor { size: 9, root: wrong }]);
    assert!(matches!(early, Err(AuditError::BeforeMark { .. })));
    let here = Auditor::new(mark.clone(), &[mark.anchor(), Anchor { size: 10, root: wrong }]);
    assert!(matches!(found(here), Finding::Root { .. }));
}

#[test]
fn a_stream_that_is_kept_apart_from_the_feed_is_compared() {
    let whole = rows(&written(&mut Chance(6), 40, 2));
    let verified = block_on(verify_store(&whole, &[])).unwrap();
    let apart = |change: &dyn Fn(&mut Log)| {
        let mut streams = whole.clone();
        change(&mut streams);
        found(block_on(verify_streams(&streams, &verified)))
    };
    let cut = apart(&|log| {
        log.rows.retain(|row| row.stream != stream(1) || row.version == Version::new(1));
    });
    assert!(matches!(cut, Finding::Apart { stream: of, .. } if of == stream(1)));
    let rewritten = apart(&|log| {
        let row = log.rows.iter_mut().find(|row| row.stream == stream(0)).unwrap();
        row.event.payload = b"{}".to_vec();
        log.rehash(&stream(0), 1);
    });
    assert!(matches!(rewritten, Finding::Apart { stream: of, .. } if of == stream(0)));
}

#[test]
fn an_event_of_another_stream_is_no_event_of_this_one() {
    let mut store = rows(&written(&mut Chance(7), 20, 2));
    store.exchanged = Some(stream(0));
    block_on(verify_stream(&store, &stream(0))).unwrap();
    let finding = found(block_on(verify_stream(&store, &stream(1))));
    assert_eq!(finding, Finding::Misplaced { stream: stream(1), found: stream(0) });
}
