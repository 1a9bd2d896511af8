//! Cases of [`KeyStore`](crate::privacy::KeyStore).

use chrono::Duration;

use super::Stores;
use super::fixtures::{all, at, yield_now};
use crate::ids::SubjectId;
use crate::privacy::{KeyState, SubjectKey};

fn subject(id: &str) -> SubjectId {
    SubjectId::new(id).expect("a legal subject id")
}

fn key(byte: u8) -> SubjectKey {
    SubjectKey::from_bytes(std::array::from_fn(|n| byte.wrapping_add(u8::try_from(n).unwrap_or(0))))
}

async fn state(stores: &Stores, of: &str) -> KeyState {
    stores.keys.key(&subject(of)).await.expect("answered")
}

async fn create(stores: &Stores, of: &str, fresh: &SubjectKey) -> KeyState {
    stores.keys.create_key(&subject(of), fresh).await.expect("answered")
}

async fn destroy(stores: &Stores, of: &str, seconds: i64) {
    stores.keys.destroy_key(&subject(of), at(seconds)).await.expect("answered");
}

/// A subject has no key until one is created; its bytes come back.
pub async fn a_key_comes_back_as_it_was_created(stores: &Stores) {
    assert_eq!(state(stores, "one").await, KeyState::Absent);
    for (of, byte) in [("one", 0), ("two", 240)] {
        assert_eq!(create(stores, of, &key(byte)).await, KeyState::Present(key(byte)));
        assert_eq!(state(stores, of).await, KeyState::Present(key(byte)));
    }
    assert_eq!(state(stores, "three").await, KeyState::Absent);
}

/// The first key wins: whoever comes later is given that one.
pub async fn the_first_key_wins(stores: &Stores) {
    create(stores, "one", &key(1)).await;
    for byte in [2, 1, 3] {
        assert_eq!(create(stores, "one", &key(byte)).await, KeyState::Present(key(1)));
    }
    assert_eq!(state(stores, "one").await, KeyState::Present(key(1)));
}

/// A destroyed key is gone for good, with the time of its destruction, and no other takes its
/// place.
pub async fn a_destroyed_key_stays_destroyed(stores: &Stores) {
    create(stores, "one", &key(1)).await;
    let at_micros = at(5) + Duration::microseconds(123_456);
    stores.keys.destroy_key(&subject("one"), at_micros).await.expect("answered");
    let destroyed = KeyState::Destroyed { at: at_micros };
    assert_eq!(state(stores, "one").await, destroyed);
    assert_eq!(create(stores, "one", &key(2)).await, destroyed);
    assert_eq!(create(stores, "one", &key(1)).await, destroyed);
    assert_eq!(state(stores, "one").await, destroyed);
}

/// Destroying a second time changes nothing, not even the time.
pub async fn destroying_again_changes_nothing(stores: &Stores) {
    create(stores, "one", &key(1)).await;
    for seconds in [5, 9, 1] {
        destroy(stores, "one", seconds).await;
        assert_eq!(state(stores, "one").await, KeyState::Destroyed { at: at(5) });
    }
}

/// Who never had a key can be erased too, and never gets one.
pub async fn a_subject_without_a_key_can_be_erased(stores: &Stores) {
    destroy(stores, "one", 5).await;
    assert_eq!(state(stores, "one").await, KeyState::Destroyed { at: at(5) });
    assert_eq!(create(stores, "one", &key(1)).await, KeyState::Destroyed { at: at(5) });
}

/// Subjects whose ids are alike have keys of their own, and one's erasure leaves the others'.
pub async fn erasing_one_subject_leaves_the_others(stores: &Stores) {
    let long = "x".repeat(127);
    let ids = ["a", "A", "aa", "a ", "á", &format!("{long}a"), &format!("{long}b")];
    for (byte, id) in (0..).zip(ids) {
        assert_eq!(create(stores, id, &key(byte)).await, KeyState::Present(key(byte)), "{id:?}");
    }
    destroy(stores, "a", 5).await;
    for (byte, id) in (0..).zip(ids).skip(1) {
        assert_eq!(state(stores, id).await, KeyState::Present(key(byte)), "{id:?}");
    }
    assert_eq!(state(stores, "a").await, KeyState::Destroyed { at: at(5) });
}

/// Of many that create a key at once all are given the same one, and that one stays.
pub async fn of_many_at_once_one_key_wins(stores: &Stores) {
    let creator = async |byte: u8| {
        yield_now().await;
        create(stores, "one", &key(byte)).await
    };
    let given = all((0..32).map(creator)).await;
    let kept = state(stores, "one").await;
    assert!((0..32).any(|byte| kept == KeyState::Present(key(byte))), "{kept:?}");
    assert!(given.iter().all(|given| *given == kept), "{given:?}");
}

/// Destroying while others create ends destroyed, whoever was first.
pub async fn destroying_beside_creating_ends_destroyed(stores: &Stores) {
    let worker = async |byte: u8| {
        yield_now().await;
        if byte == 7 {
            destroy(stores, "one", 5).await;
        } else {
            create(stores, "one", &key(byte)).await;
        }
    };
    all((0..16).map(worker)).await;
    assert_eq!(state(stores, "one").await, KeyState::Destroyed { at: at(5) });
}
