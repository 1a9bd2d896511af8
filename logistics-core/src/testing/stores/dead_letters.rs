//! Cases of [`DeadLetters`](crate::telemetry::DeadLetters).

use super::Stores;
use super::fixtures::{at, partner};
use crate::telemetry::{DeadLetter, Form};

fn letter(n: u64) -> DeadLetter {
    DeadLetter {
        id: 0,
        received_at: at(0),
        source: "logistics/dp/DP-7/location".to_owned(),
        partner: (n % 2 == 1).then(|| partner("DP-7")),
        form: if n % 2 == 1 { Form::OwnTracks } else { Form::Canonical },
        code: "bad_json".to_owned(),
        detail: format!("letter {n}"),
        payload: vec![0xff, 0x00, b'{'],
    }
}

async fn list(stores: &Stores, after: u64, limit: u32) -> Vec<DeadLetter> {
    stores.dead_letters.list(after, limit).await.expect("answered")
}

/// Letters are numbered from 1 in the order of arrival and listed in pages.
pub async fn letters_are_numbered_in_order(stores: &Stores) {
    stores.dead_letters.bury(&[letter(1), letter(2)]).await.expect("kept");
    stores.dead_letters.bury(&[]).await.expect("kept");
    stores.dead_letters.bury(&[letter(3)]).await.expect("kept");
    let expected: Vec<_> = (1..=3).map(|n| DeadLetter { id: n, ..letter(n) }).collect();
    assert_eq!(list(stores, 0, 10).await, expected);
    assert_eq!(list(stores, 0, 2).await, expected[..2]);
    assert_eq!(list(stores, 2, 10).await, expected[2..]);
    assert_eq!(list(stores, 3, 10).await, []);
}

/// Beyond the bound the oldest go; numbers go on and are not used again.
pub async fn the_oldest_letters_go(stores: &Stores) {
    let max = stores.dead_letters_max;
    let (first, second) = (1..=max - 1, max..=max + 2);
    for numbers in [first, second] {
        let letters: Vec<_> = numbers.map(letter).collect();
        stores.dead_letters.bury(&letters).await.expect("kept");
    }
    let kept: Vec<_> = (3..=max + 2).map(|n| DeadLetter { id: n, ..letter(n) }).collect();
    assert_eq!(list(stores, 0, u32::MAX).await, kept);
    let flood: Vec<_> = (1..=max + 5).map(letter).collect();
    stores.dead_letters.bury(&flood).await.expect("kept");
    let ids: Vec<u64> = list(stores, 0, u32::MAX).await.iter().map(|letter| letter.id).collect();
    assert_eq!(ids, (max + 8..=2 * max + 7).collect::<Vec<_>>());
}

/// A letter is found, amended and removed by its number; one that is not there is not made.
pub async fn a_letter_is_amended_and_removed_by_its_number(stores: &Stores) {
    let letters = &stores.dead_letters;
    letters.bury(&[letter(1), letter(2), letter(3)]).await.expect("kept");
    let amended = DeadLetter { id: 2, code: "too_large".to_owned(), ..letter(5) };
    assert!(letters.amend(&amended).await.expect("answered"));
    assert_eq!(letters.find(2).await.expect("answered"), Some(amended.clone()));
    assert!(letters.remove(1).await.expect("answered"));
    assert!(!letters.remove(1).await.expect("answered"), "it is gone");
    for absent in [0, 1, 4, u64::MAX] {
        assert_eq!(letters.find(absent).await.expect("answered"), None, "{absent}");
        let stranger = DeadLetter { id: absent, ..letter(9) };
        assert!(!letters.amend(&stranger).await.expect("answered"), "{absent}");
        assert!(!letters.remove(absent).await.expect("answered"), "{absent}");
    }
    assert!(letters.remove(3).await.expect("answered"));
    assert_eq!(list(stores, 0, 10).await, std::slice::from_ref(&amended));
    // A number is not given again, be it the last one.
    letters.bury(&[letter(4)]).await.expect("kept");
    assert_eq!(list(stores, 0, 10).await, [amended, DeadLetter { id: 4, ..letter(4) }]);
}

/// The bound counts numbers, those of removed letters too.
pub async fn removed_letters_count_towards_the_bound(stores: &Stores) {
    let max = stores.dead_letters_max;
    let first: Vec<_> = (1..=max).map(letter).collect();
    stores.dead_letters.bury(&first).await.expect("kept");
    assert!(stores.dead_letters.remove(2).await.expect("answered"));
    stores.dead_letters.bury(&[letter(max + 1)]).await.expect("kept");
    let ids: Vec<u64> = list(stores, 0, u32::MAX).await.iter().map(|letter| letter.id).collect();
    assert_eq!(ids, (3..=max + 1).collect::<Vec<_>>());
}
