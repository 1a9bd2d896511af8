//! Keys, conditions and verdicts of single commits.

use chrono::Duration;
use logistics_core::eventsourcing::{CommitError, Retry, StoreErrorKind, StreamId, TimerOp};

use super::super::commit::{CommitPlan, Role};
use super::super::timers::{FoldedTimer, fold_timers};
use super::super::{Action, Change, Condition, Known, Reason, Verdict, judge, plan};
use super::fixtures::{commit, entry, message, stream, timer};
use crate::item::{Item, Reader, number, text};
use crate::keys::{GSI1, GSI2, GSI4, GSI5, Key};

fn planned(commit: &logistics_core::eventsourcing::Commit) -> CommitPlan {
    plan(commit, &Known::default(), 7).unwrap()
}

fn action<'a>(plan: &'a CommitPlan, role: &Role) -> &'a Action {
    let at = plan.roles.iter().position(|found| found == role).unwrap();
    &plan.actions[at]
}

fn put(action: &Action) -> &Item {
    let Change::Put(item) = &action.change else { panic!("{action:?}") };
    item
}

fn key(action: &Action) -> Key {
    match &action.change {
        Change::Put(item) => Reader(item).key().unwrap(),
        Change::Update(update) => update.key.clone(),
        Change::Delete(key) | Change::Check(key) => key.clone(),
    }
}

#[test]
fn a_commit_lies_where_the_case_study_puts_it() {
    let plan = planned(&commit(&stream("7"), "c-1", 0, 2));
    assert_eq!(plan.roles, [Role::Command, Role::Head, Role::Event, Role::Event, Role::Marker]);
    let keys: Vec<Key> = plan.actions.iter().map(key).collect();
    let at = |sk: &str| Key::new("SHP#7", sk);
    assert_eq!(
        keys[..4],
        [
            at("CMD#c-1"),
            at("METADATA"),
            at("EVT#2026-11-23T09:00:00.000000Z#Happened0"),
            at("EVT#2026-11-23T09:00:00.000001Z#Happened1"),
        ]
    );
    assert!(keys[4].pk.starts_with("FEEDQ#"));
    assert_eq!(keys[4].sk, "SHP#7#00000000000000000002");
    assert_eq!(plan.committed.version.get(), 2);
}

#[test]
fn a_manifest_lies_with_its_partner() {
    let manifest = StreamId::new("MFT", "DP-1/2026-11-23").unwrap();
    let mut made = commit(&manifest, "c", 0, 1);
    made.index = Some(vec![entry("hub", "PNQ", "2026-11-23")]);
    let plan = planned(&made);
    let head = action(&plan, &Role::Head);
    assert_eq!(key(head), Key::new("DP#DP-1", "MFT#2026-11-23"));
    let Change::Update(update) = &head.change else { panic!("{head:?}") };
    assert!(update.set.contains(&(GSI1.pk, text("HUB#PNQ"))));
    let event = "MFT#2026-11-23#EVT#2026-11-23T09:00:00.000000Z#Happened0";
    assert_eq!(key(action(&plan, &Role::Event)), Key::new("DP#DP-1", event));
}

#[test]
fn a_head_must_stand_where_it_is_expected() {
    let stands = |version| Condition::Equal("v", number(version));
    let new = planned(&commit(&stream("7"), "c", 0, 1));
    let absent = Condition::Any(vec![Condition::Absent, stands(0)]);
    assert_eq!(action(&new, &Role::Head).when, Condition::All(vec![absent]));
    let later = planned(&commit(&stream("7"), "c", 3, 1));
    let after = Condition::Less("lts", text("2026-11-23T09:00:00.000003Z"));
    assert_eq!(action(&later, &Role::Head).when, Condition::All(vec![stands(3), after]));
    let nothing = planned(&commit(&stream("7"), "c", 3, 0));
    let head = action(&nothing, &Role::Head);
    assert_eq!(head.change, Change::Check(Key::new("SHP#7", "METADATA")));
    assert_eq!(nothing.roles, [Role::Command, Role::Head]);
    assert_eq!(action(&nothing, &Role::Command).when, Condition::Absent);
}

#[test]
fn entries_go_to_the_indexes_that_are_made_for_them() {
    let mut made = commit(&stream("7"), "c", 0, 1);
    made.index = Some(vec![
        entry("client", "C-1", "2026-11-20T00:00:00Z"),
        entry("client", "C-2", "2026-11-20T00:00:00Z"),
        entry("partner_day", "DP-1/2026-11-23", ""),
        entry("pending_confirmation", "all", "2026-11-23T09:00:00Z"),
        entry("subject", "S-1", "1"),
    ]);
    let plan = planned(&made);
    let Change::Update(head) = &action(&plan, &Role::Head).change else { panic!("{plan:?}") };
    let set = |name| head.set.iter().find(|(set, _)| *set == name).unwrap().1.as_s().unwrap();
    assert_eq!(
        (set(GSI1.pk), set(GSI1.sk)),
        (&"CLIENT#C-1".to_owned(), &"2026-11-20T00:00:00Z#SHP#7".to_owned())
    );
    assert_eq!(
        (set(GSI2.pk), set(GSI2.sk)),
        (&"DP#DP-1".to_owned(), &"2026-11-23##SHP#7".to_owned())
    );
    // The CRC-32 of "7" is 0x6abf4a82, hence part 2 of 8.
    assert_eq!(
        (set(GSI4.pk), set(GSI4.sk)),
        (&"PENDCONF#2".to_owned(), &"2026-11-23T09:00:00Z#SHP#7".to_owned())
    );
    let roles = plan.roles.iter().zip(&plan.actions);
    let items: Vec<Key> =
        roles.filter(|(role, _)| **role == Role::IndexEntry).map(|(_, a)| key(a)).collect();
    let second = Key::new("IDX#client#C-2", "2026-11-20T00:00:00Z#SHP#7");
    assert_eq!(items, [second.clone(), Key::new("IDX#subject#S-1", "1#SHP#7")]);
    // Another commit takes them away again, knowing where they are.
    let mut next = commit(&stream("7"), "d", 1, 1);
    next.index = Some(Vec::new());
    let plan = super::super::plan(&next, &Known { entries: items, ..Known::default() }, 8).unwrap();
    let gone = plan.actions.iter().filter(|a| a.change == Change::Delete(second.clone()));
    assert_eq!(gone.count(), 1);
    let Change::Update(head) = &action(&plan, &Role::Head).change else { panic!("{plan:?}") };
    assert_eq!(head.remove, [GSI1.pk, GSI1.sk, GSI2.pk, GSI2.sk, GSI4.pk, GSI4.sk, "ix"]);
}

#[test]
fn messages_and_timers_have_an_item_each() {
    let mut made = commit(&stream("7"), "c", 0, 0);
    made.outbox = vec![message("z"), message("a")];
    made.timers = vec![TimerOp::Arm(timer("SAGA#retry#7", "W1", 2, 5))];
    let plan = planned(&made);
    let sent = action(&plan, &Role::Message(made.outbox[0].effect_id.clone()));
    assert_eq!((key(sent), &sent.when), (Key::new("MSG#z", "MESSAGE"), &Condition::Absent));
    let order = put(action(&plan, &Role::Order));
    assert_eq!(Reader(order).texts("messages").unwrap(), ["z", "a"]);
    let place = Reader(order).key().unwrap();
    assert!(place.pk.starts_with("OBX#"), "{place:?}");
    assert_eq!(place.sk, "2026-11-23T09:00:00.000000Z#00000000000000000007#SHP#7");
    let (owner, name) = ("SAGA#retry#7".to_owned(), "W1".to_owned());
    let armed = action(&plan, &Role::Timer { owner, name });
    assert_eq!(key(armed), Key::new("TMR#SAGA#retry#7", "TIMER#W1"));
    let queue = Reader(put(armed)).text(GSI5.pk).unwrap();
    assert!(queue.starts_with("TMRQ#"), "{queue}");
    let place = "2026-11-23T09:00:00.000005Z#SAGA#retry#7#W1";
    assert_eq!(Reader(put(armed)).text(GSI5.sk).unwrap(), place);
}

#[test]
fn operations_on_one_timer_come_down_to_one() {
    let arm = |generation, fire_at| TimerOp::Arm(timer("o", "n", generation, fire_at));
    let disarm = || TimerOp::Disarm { owner: "o".to_owned(), name: "n".to_owned() };
    let of = |generation, fire_at| timer("o", "n", generation, fire_at);
    for (ops, folded) in [
        (vec![arm(1, 1)], FoldedTimer::Arm(of(1, 1))),
        (vec![arm(1, 1), arm(2, 2)], FoldedTimer::Arm(of(2, 2))),
        (vec![arm(2, 2), arm(1, 1)], FoldedTimer::Arm(of(2, 2))),
        (vec![arm(2, 2), arm(2, 3)], FoldedTimer::Arm(of(2, 3))),
        (vec![arm(2, 2), disarm()], FoldedTimer::Remove),
        (vec![arm(9, 2), disarm(), arm(1, 1)], FoldedTimer::Set(of(1, 1))),
        (vec![disarm(), arm(2, 2), arm(1, 1)], FoldedTimer::Set(of(2, 2))),
    ] {
        let all = fold_timers(&ops);
        assert_eq!(all.into_values().collect::<Vec<_>>(), [folded], "{ops:?}");
    }
}

#[test]
fn keys_of_events_grow_whatever_the_time_of_their_recording() {
    let mut made = commit(&stream("7"), "c", 3, 3);
    made.events[1].recorded_at = made.events[0].recorded_at;
    made.events[2].recorded_at -= Duration::days(1);
    let last = made.events[0].recorded_at + Duration::microseconds(4);
    let known = Known { last: Some(last), ..Known::default() };
    let plan = plan(&made, &known, 7).unwrap();
    let keys: Vec<Key> = plan.actions.iter().map(key).filter(|k| k.sk.contains("EVT#")).collect();
    assert_eq!(keys.len(), 3);
    assert!(keys.is_sorted_by(|a, b| a < b), "{keys:?}");
    assert_eq!(keys[0].sk, "EVT#2026-11-23T09:00:00.000008Z#Happened0");
    let recorded = plan.committed.events.iter().map(|event| event.event.recorded_at);
    assert!(recorded.eq(made.events.iter().map(|event| event.recorded_at)));
}

/// The reasons for a cancelled `plan`: `item` for the action with `role`, none for the others.
fn failed(plan: &CommitPlan, role: &Role, item: &Item) -> Vec<Reason> {
    let reason = |found: &Role| match found == role {
        true => Reason::Failed(item.clone()),
        false => Reason::None,
    };
    plan.roles.iter().map(reason).collect()
}

fn head(v: u64, lts: &str) -> Item {
    let key = Key::new("SHP#7", "METADATA");
    crate::item::item(&key, [("v", Some(number(v))), ("lts", Some(text(lts)))])
}

#[test]
fn a_known_command_is_answered_before_anything_else() {
    let made = commit(&stream("7"), "c", 5, 1);
    let (plan, known) = (planned(&made), Known::default());
    let taken = planned(&commit(&stream("7"), "c", 0, 1));
    let record = put(action(&taken, &Role::Command)).clone();
    let mut reasons = failed(&plan, &Role::Command, &record);
    reasons[1] = Reason::Failed(head(9, ""));
    reasons[2] = Reason::Contended;
    let verdict = judge(&made, &plan, &known, &reasons);
    assert!(
        matches!(&verdict, Verdict::Refused(CommitError::Duplicate(record))
        if record.before.get() == 0 && record.after.get() == 1),
        "{verdict:?}"
    );
    // While the record is busy, nobody knows whether it is a duplicate.
    reasons[0] = Reason::Contended;
    let verdict = judge(&made, &plan, &known, &reasons);
    assert!(matches!(verdict, Verdict::Later), "{verdict:?}");
}

#[test]
fn a_head_elsewhere_is_a_conflict() {
    let made = commit(&stream("7"), "c", 5, 1);
    let (plan, known) = (planned(&made), Known::default());
    for (item, at) in [(head(9, "t"), 9), (Item::new(), 0)] {
        let verdict = judge(&made, &plan, &known, &failed(&plan, &Role::Head, &item));
        assert!(
            matches!(&verdict, Verdict::Refused(CommitError::Conflict { actual })
            if actual.get() == at),
            "{verdict:?}"
        );
    }
}

#[test]
fn what_was_not_known_is_planned_again() {
    let mut made = commit(&stream("7"), "c", 5, 1);
    made.timers = vec![TimerOp::Arm(timer("o", "n", 1, 5))];
    let (plan, known) = (planned(&made), Known::default());
    let later = head(5, "2026-11-23T10:00:00.000000Z");
    let Verdict::Again(found) = judge(&made, &plan, &known, &failed(&plan, &Role::Head, &later))
    else {
        panic!("not again")
    };
    assert!(found.last.is_some());
    let (owner, name) = ("o".to_owned(), "n".to_owned());
    let timer = Role::Timer { owner: owner.clone(), name: name.clone() };
    let reasons = failed(&plan, &timer, &Item::new());
    let Verdict::Again(newer) = judge(&made, &plan, &known, &reasons) else { panic!("not again") };
    assert!(newer.newer.contains(&(owner, name)));
    let again = super::super::plan(&made, &newer, 7).unwrap();
    let check = action(&again, &timer);
    assert_eq!(check.change, Change::Check(Key::new("TMR#o", "TIMER#n")));
    // And gone again: it is set after all.
    let Verdict::Again(back) = judge(&made, &again, &newer, &reasons) else { panic!("not again") };
    assert_eq!(back, known);
}

#[test]
fn what_no_store_would_take_is_refused_for_good() {
    let mut twice = commit(&stream("7"), "c", 0, 2);
    twice.events[1].event_id = twice.events[0].event_id;
    let mut messages = commit(&stream("7"), "c", 0, 1);
    messages.outbox = vec![message("a"), message("a")];
    let mut year = commit(&stream("7"), "c", 0, 1);
    year.events[0].recorded_at += Duration::days(9_000 * 366);
    for made in [twice, messages, year] {
        let refused = plan(&made, &Known::default(), 7);
        assert!(
            matches!(&refused, Err(CommitError::Store(error))
            if error.kind == StoreErrorKind::Invalid && error.retry == Retry::Never),
            "{refused:?}"
        );
    }
    let mut waits = commit(&stream("7"), "c", 0, 1);
    waits.outbox = vec![message("a")];
    let plan = planned(&waits);
    let role = Role::Message(waits.outbox[0].effect_id.clone());
    let verdict = judge(&waits, &plan, &Known::default(), &failed(&plan, &role, &Item::new()));
    assert!(
        matches!(&verdict, Verdict::Refused(CommitError::Store(error))
        if error.kind == StoreErrorKind::Invalid),
        "{verdict:?}"
    );
}
