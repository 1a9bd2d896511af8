//! What is sealed opens under its key and at its place, and nowhere else.

use chrono::{DateTime, Utc};
use futures::executor::block_on;
use logistics_core::memory::MemoryStore;
use logistics_core::privacy::{
    Binding, KeyState, KeyStore, MasterKey, OpenError, Opened, PLAINTEXT_BYTES_MAX, SealError,
    Sealed, SplitKeys, SubjectKey, Vault,
};
use logistics_core::{CommandId, SubjectId};
use serde_json::json;

const PLACE: Binding<'static> = Binding { context: "SHP#parcel-7", field: "consignee" };
const NOW: DateTime<Utc> = DateTime::UNIX_EPOCH;

fn subject(id: &str) -> SubjectId {
    SubjectId::new(id).unwrap()
}

fn command(id: &str) -> CommandId {
    CommandId::new(id).unwrap()
}

fn counting_from(first: u8) -> [u8; 32] {
    std::array::from_fn(|i| first + u8::try_from(i).unwrap())
}

fn fresh() -> SubjectKey {
    SubjectKey::from_bytes(counting_from(0))
}

/// Seals `text` for person-1 by the command `c-1`.
fn seal(keys: &dyn KeyStore, text: &[u8]) -> Result<Sealed, SealError> {
    let (person, command, fresh) = (subject("person-1"), command("c-1"), fresh());
    block_on(Vault::new(keys).seal(&person, PLACE, &command, text, &fresh))
}

fn open(keys: &dyn KeyStore, sealed: &Sealed, place: Binding<'_>) -> Option<Vec<u8>> {
    match block_on(Vault::new(keys).open(sealed, place)) {
        Ok(opened) => opened.plain(),
        Err(OpenError::NotGenuine { .. } | OpenError::Form) => None,
        Err(error) => panic!("{error}"),
    }
}

/// The bytes were computed with another implementation of the cipher and of HMAC.
#[test]
fn the_sealed_form_stays_as_it_is() {
    let keys = MemoryStore::new();
    let sealed = seal(&keys, br#"{"name":"Asha"}"#).unwrap();
    let expected = json!({
        "subject": "person-1",
        "sealed": "Ae/pSb++/8poX5lgXH6KHtm5x7wiW7eLx4SMnTkSeLDcBZ5f+7khvdXaBKqAXWizCHF7CtdVvlc",
    });
    assert_eq!(serde_json::to_value(&sealed).unwrap(), expected);
    let read: Sealed = serde_json::from_value(expected).unwrap();
    assert_eq!(open(&keys, &read, PLACE).unwrap(), br#"{"name":"Asha"}"#);

    let (person, fresh) = (subject("person-1"), fresh());
    let digest = block_on(Vault::new(&keys).digest(&person, PLACE, b"4711", &fresh)).unwrap();
    assert_eq!(
        digest.to_string(),
        "2f65de23e7e536a258a53f39e8ddd52d3af8a5c4b508c058c68b823bcf437e29"
    );
    let split = SplitKeys::new(keys, MasterKey::from_bytes(counting_from(32)));
    let KeyState::Present(key) = block_on(split.key(&subject("person-1"))).unwrap() else {
        panic!("a key")
    };
    assert_eq!(&key.expose()[..4], b"\xbc\xfa\x3a\x9b");
    assert_eq!(&key.expose()[28..], b"\xc6\xc6\x60\x5c");
}

#[test]
fn sealing_a_command_again_gives_the_same_command() {
    let keys = MemoryStore::new();
    let vault = Vault::new(&keys);
    let seal = |command_id: &str, text: &str, fresh: [u8; 32]| {
        let (fresh, command_id) = (SubjectKey::from_bytes(fresh), command(command_id));
        block_on(vault.seal_json(&subject("person-1"), PLACE, &command_id, text, &fresh)).unwrap()
    };
    let first = seal("c-1", "Asha", [1; 32]);
    assert_eq!(seal("c-1", "Asha", [2; 32]), first, "the first key wins");
    let nonce = |sealed: &Sealed| sealed.bytes()[1..25].to_vec();
    for other in [seal("c-2", "Asha", [1; 32]), seal("c-1", "Asya", [1; 32])] {
        assert_ne!(nonce(&other), nonce(&first));
        assert_ne!(other.bytes()[25..], first.bytes()[25..]);
    }
}

#[test]
fn nothing_opens_elsewhere() {
    let keys = MemoryStore::new();
    let sealed = seal(&keys, b"Asha").unwrap();
    let other = SubjectKey::from_bytes([9; 32]);
    block_on(keys.create_key(&subject("person-2"), &other)).unwrap();
    // Also one with the same key: the subject itself is a part of the place.
    block_on(keys.create_key(&subject("person-3"), &fresh())).unwrap();

    assert_eq!(open(&keys, &sealed, PLACE).unwrap(), b"Asha");
    for place in [
        Binding { context: "SHP#parcel-8", ..PLACE },
        Binding { field: "sender", ..PLACE },
        Binding { context: "SHP#parcel-7c", field: "onsignee" },
        Binding { context: PLACE.field, field: PLACE.context },
    ] {
        assert_eq!(open(&keys, &sealed, place), None, "{place:?}");
    }
    for person in ["person-2", "person-3"] {
        let moved = Sealed::new(subject(person), sealed.bytes()).unwrap();
        assert_eq!(open(&keys, &moved, PLACE), None, "{person}");
    }
}

#[test]
fn every_changed_bit_is_noticed() {
    let keys = MemoryStore::new();
    let sealed = seal(&keys, b"Asha").unwrap();
    for bit in 0..sealed.bytes().len() * 8 {
        let mut bytes = sealed.bytes().to_vec();
        bytes[bit / 8] ^= 1 << (bit % 8);
        let changed = Sealed::new(subject("person-1"), bytes).unwrap();
        assert_eq!(open(&keys, &changed, PLACE), None, "bit {bit}");
    }
    for length in 0..sealed.bytes().len() {
        let cut = Sealed::new(subject("person-1"), &sealed.bytes()[..length]).unwrap();
        assert_eq!(open(&keys, &cut, PLACE), None, "the first {length} bytes");
    }
}

#[test]
fn the_longest_text_fits_and_no_longer_one() {
    let keys = MemoryStore::new();
    for length in [0, 1, PLAINTEXT_BYTES_MAX] {
        let text = vec![b'x'; length];
        let sealed = seal(&keys, &text).unwrap();
        assert_eq!(open(&keys, &sealed, PLACE), Some(text));
        let json = serde_json::to_string(&sealed).unwrap();
        assert_eq!(serde_json::from_str::<Sealed>(&json).unwrap(), sealed);
    }
    let refused = seal(&keys, &vec![b'x'; PLAINTEXT_BYTES_MAX + 1]);
    assert!(
        matches!(refused, Err(SealError::TooLong { bytes }) if bytes == PLAINTEXT_BYTES_MAX + 1)
    );
}

#[test]
fn an_erased_subject_opens_nothing_and_seals_nothing() {
    let keys = MemoryStore::new();
    let vault = Vault::new(&keys);
    let person = subject("person-1");
    let sealed = seal(&keys, b"Asha").unwrap();
    let digest = block_on(vault.digest(&person, PLACE, b"4711", &fresh())).unwrap();
    block_on(keys.destroy_key(&person, NOW)).unwrap();

    assert_eq!(block_on(vault.open(&sealed, PLACE)).unwrap(), Opened::Erased { at: NOW });
    let matches = block_on(vault.matches(&person, PLACE, b"4711", &digest)).unwrap();
    assert_eq!(matches, Opened::Erased { at: NOW });
    assert!(matches!(seal(&keys, b"Asha"), Err(SealError::Erased { at, .. }) if at == NOW));
    let again = block_on(vault.digest(&person, PLACE, b"4711", &fresh()));
    assert!(matches!(again, Err(SealError::Erased { .. })));
}

#[test]
fn digests_compare_only_for_their_subject_and_place() {
    let keys = MemoryStore::new();
    let vault = Vault::new(&keys);
    let (one, two) = (subject("person-1"), subject("person-2"));
    let digest = block_on(vault.digest(&one, PLACE, b"4711", &fresh())).unwrap();
    let other_key = SubjectKey::from_bytes([9; 32]);
    block_on(keys.create_key(&two, &other_key)).unwrap();

    let matches = |who: &SubjectId, place: Binding<'_>, value: &[u8]| {
        block_on(vault.matches(who, place, value, &digest)).unwrap().plain().unwrap()
    };
    assert!(matches(&one, PLACE, b"4711"));
    assert!(!matches(&one, PLACE, b"4712"));
    assert!(!matches(&one, Binding { field: "phone", ..PLACE }, b"4711"));
    assert!(!matches(&two, PLACE, b"4711"));
}

#[test]
fn another_store_of_keys_is_told_apart_from_tampering() {
    let sealed = seal(&MemoryStore::new(), b"Asha").unwrap();
    let empty = MemoryStore::new();
    let opened = block_on(Vault::new(&empty).open(&sealed, PLACE));
    assert!(matches!(opened, Err(OpenError::NoKey { .. })));
    seal(&empty, b"somebody else").unwrap();
    let newer = Sealed::new(subject("person-1"), *b"\x02something of a newer program").unwrap();
    let opened = block_on(Vault::new(&empty).open(&newer, PLACE));
    assert!(matches!(opened, Err(OpenError::Form)));
}

#[test]
fn under_another_master_key_nothing_opens() {
    let store = MemoryStore::new();
    let split = |master| SplitKeys::new(store.clone(), MasterKey::from_bytes(master));
    let sealed = seal(&split([1; 32]), b"Asha").unwrap();
    assert_eq!(open(&split([1; 32]), &sealed, PLACE).unwrap(), b"Asha");
    assert_eq!(open(&split([2; 32]), &sealed, PLACE), None);
    assert_eq!(open(&store, &sealed, PLACE), None, "what is stored is no key");
    block_on(split([1; 32]).destroy_key(&subject("person-1"), NOW)).unwrap();
    let state = block_on(store.key(&subject("person-1"))).unwrap();
    assert_eq!(state, KeyState::Destroyed { at: NOW });
}

/// Errors and debug forms end up in logs.
#[test]
fn what_is_printed_tells_nothing_personal() {
    let keys = MemoryStore::new();
    let vault = Vault::new(&keys);
    let person = subject("person-1");
    let (command, fresh) = (command("c-1"), fresh());
    let sealed = block_on(vault.seal_json(&person, PLACE, &command, "Asha", &fresh)).unwrap();
    let opened = block_on(vault.open_json::<String>(&sealed, PLACE)).unwrap();
    let error = block_on(vault.open_json::<u32>(&sealed, PLACE)).unwrap_err();
    let split = SplitKeys::new(keys.clone(), MasterKey::from_bytes([0x41; 32]));
    let printed = format!("{sealed:?} {opened:?} {error:?} {error} {vault:?} {fresh:?}");
    assert!(!printed.contains("Asha"), "{printed}");
    assert!(!format!("{split:?}").contains("41"), "{split:?}");
    assert_eq!(opened.plain().unwrap(), "Asha");
}
