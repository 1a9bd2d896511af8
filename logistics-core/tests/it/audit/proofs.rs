//! Roots and proofs against the definition of RFC 9162, written down as it stands there.

use futures::executor::block_on;
use logistics_core::audit::{
    Anchor, AuditError, ConsistencyProof, Frontier, InclusionProof, Mark, prove_consistency,
    prove_inclusion,
};
use logistics_core::eventsourcing::Position;
use logistics_core::values::Sha256Digest;
use proptest::collection::vec;
use proptest::prelude::{any, prop_assert_eq, proptest};

use super::log::{Chance, Log, rows, written};
use crate::scale::cases;

/// MTH of RFC 9162, section 2.1.1.
fn root(leaves: &[Vec<u8>]) -> Sha256Digest {
    match leaves {
        [] => Sha256Digest::of(b""),
        [leaf] => Sha256Digest::of([&[0], &leaf[..]].concat()),
        _ => {
            let mut split = 1;
            while split * 2 < leaves.len() {
                split *= 2;
            }
            let (left, right) = (root(&leaves[..split]), root(&leaves[split..]));
            Sha256Digest::of([&[1], &left.as_bytes()[..], &right.as_bytes()[..]].concat())
        }
    }
}

proptest! {
    #![proptest_config(cases(100))]

    #[test]
    fn a_frontier_gives_the_roots_of_the_definition(
        leaves in vec(vec(any::<u8>(), 0..40), 0..150),
        cut in any::<usize>(),
    ) {
        let mut frontier = Frontier::EMPTY;
        let cut = cut % (leaves.len() + 1);
        leaves[..cut].iter().for_each(|leaf| frontier.push(leaf));
        prop_assert_eq!(frontier.root(), root(&leaves[..cut]));
        // Put away and taken up again.
        let kept = serde_json::to_string(&frontier).unwrap();
        let mut frontier: Frontier = serde_json::from_str(&kept).unwrap();
        leaves[cut..].iter().for_each(|leaf| frontier.push(leaf));
        prop_assert_eq!((frontier.size(), frontier.root()), (leaves.len() as u64, root(&leaves)));
    }
}

#[test]
fn a_frontier_with_too_many_or_too_few_hashes_is_refused() {
    let mut frontier = Frontier::EMPTY;
    (0..5).for_each(|leaf| frontier.push(&[leaf]));
    let text = serde_json::to_string(&frontier).unwrap();
    assert!(serde_json::from_str::<Frontier>(&text.replace(r#""size":5"#, r#""size":6"#)).is_ok());
    for size in [0, 4, 7] {
        let wrong = text.replace(r#""size":5"#, &format!(r#""size":{size}"#));
        let error = serde_json::from_str::<Frontier>(&wrong).unwrap_err();
        assert!(error.to_string().contains("full subtrees, not 2"), "{error}");
    }
}

struct Feed {
    log: Log,
    leaves: Vec<Vec<u8>>,
}

impl Feed {
    fn new(events: usize) -> Self {
        let mut log = rows(&written(&mut Chance(9), events, 3));
        log.rows.truncate(events);
        let leaves = log.rows.iter().map(|row| row.event.hash.as_bytes().to_vec()).collect();
        Self { log, leaves }
    }

    fn anchor(&self, size: usize) -> Anchor {
        Anchor { size: size as u64, root: root(&self.leaves[..size]) }
    }
}

/// Every way of changing a path that leaves it another path.
fn forgeries(path: &[Sha256Digest]) -> Vec<Vec<Sha256Digest>> {
    let mut forged = Vec::new();
    for at in 0..path.len() {
        let mut changed = path.to_vec();
        let mut bytes = *path[at].as_bytes();
        bytes[at % 32] ^= 1;
        changed[at] = Sha256Digest::from_bytes(bytes);
        forged.push(changed);
        let mut shorter = path.to_vec();
        shorter.remove(at);
        forged.push(shorter);
        let mut swapped = path.to_vec();
        swapped.swap(0, at);
        forged.push(swapped);
    }
    forged.push([path, &[Sha256Digest::ZERO]].concat());
    forged.retain(|forged| forged != path);
    forged
}

#[test]
fn inclusion_is_proved_for_each_event_and_for_no_other() {
    let feed = Feed::new(33);
    for size in 1..=33 {
        let anchor = feed.anchor(size);
        let positions: Vec<_> = (1..=33).map(Position::new).collect();
        let proofs = block_on(prove_inclusion(&feed.log, &Mark::START, &anchor, &positions));
        let proofs = proofs.unwrap();
        assert_eq!(proofs.len(), size, "later events are in no tree of {size}");
        for (at, proof) in proofs.iter().enumerate() {
            let leaf = &feed.leaves[at];
            assert!(proof.holds(leaf, &anchor), "{at} of {size}");
            for (other, leaf) in feed.leaves.iter().enumerate().filter(|(other, _)| *other != at) {
                assert!(!proof.holds(leaf, &anchor), "{other} passes for {at} of {size}");
            }
            for path in forgeries(&proof.path) {
                let forged = InclusionProof { path, ..proof.clone() };
                assert!(!forged.holds(leaf, &anchor), "{forged:?}");
            }
            for other in (1..=33).filter(|other| *other != size) {
                assert!(!proof.holds(leaf, &feed.anchor(other)));
            }
            for index in (0..33).filter(|index| *index != at as u64) {
                let moved = InclusionProof { index, ..proof.clone() };
                assert!(!moved.holds(leaf, &anchor), "{moved:?}");
            }
        }
    }
}

#[test]
fn consistency_is_proved_between_any_two_anchors_and_no_others() {
    let feed = Feed::new(33);
    for (from, to) in (0..=33).flat_map(|to| (0..=to).map(move |from| (from, to))) {
        let (earlier, later) = (feed.anchor(from), feed.anchor(to));
        let proof = block_on(prove_consistency(&feed.log, &Mark::START, &earlier, &later)).unwrap();
        assert!(proof.holds(&earlier, &later), "{from} to {to}");
        let other = Anchor { root: Sha256Digest::of("another log"), ..earlier };
        assert!(!proof.holds(&other, &later), "{from} to {to}");
        let other = Anchor { root: Sha256Digest::of("another log"), ..later };
        // Any tree continues the one without leaves.
        assert_eq!(proof.holds(&earlier, &other), from == 0 && to > 0, "{from} to {to}");
        for path in forgeries(&proof.path) {
            let forged = ConsistencyProof { path, ..proof.clone() };
            assert!(!forged.holds(&earlier, &later), "{forged:?}");
        }
        assert_eq!(proof.holds(&later, &earlier), from == to);
    }
}

#[test]
fn what_lies_before_the_mark_cannot_be_proved_from_it() {
    let feed = Feed::new(20);
    let mut auditor = logistics_core::audit::Auditor::new(Mark::START, &[]).unwrap();
    let half = Log::of(&feed.log.rows[..10]);
    while block_on(auditor.step(&half)).unwrap() {}
    let (mark, anchor) = (auditor.mark(), feed.anchor(20));

    let at = |position| [Position::new(position)];
    let proofs = block_on(prove_inclusion(&feed.log, mark, &anchor, &at(11))).unwrap();
    assert!(proofs[0].holds(&feed.leaves[10], &anchor));
    let refused = block_on(prove_inclusion(&feed.log, mark, &anchor, &at(10)));
    assert!(matches!(refused, Err(AuditError::BeforeMark { .. })));

    let proof = block_on(prove_consistency(&feed.log, mark, &feed.anchor(10), &anchor)).unwrap();
    assert!(proof.holds(&feed.anchor(10), &anchor));
    for (earlier, later) in [(9, 20), (15, 12)] {
        let (earlier, later) = (feed.anchor(earlier), feed.anchor(later));
        let refused = block_on(prove_consistency(&feed.log, mark, &earlier, &later));
        assert!(matches!(refused, Err(AuditError::BeforeMark { .. })));
    }
}
